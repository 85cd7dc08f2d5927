"""Interim looks: what they decide, and what a trial reports that one of them stopped.

The type I error that each look may spend is fixed beforehand at the planned fractions. How
correlated the looks are is taken from the information that they turned out to have. A trial's P
value and confidence limits allow for the looks, see :mod:`analysis.sequential.stage_wise`.

Of several contrasts each is looked at by itself, at an equal part of alpha: by Bonferroni's
inequality the family-wise error is at most alpha, whichever of the others are decided before.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from analysis.data.estimates import Estimate

GO_ON, EFFICACY, HARM, FUTILITY = "go on", "efficacy", "harm", "futility"
FINISHED, NOT_HELD, NO_ESTIMATE = "finished", "not held", "no estimate"
STOPS = (EFFICACY, HARM, FUTILITY)

LOOKS_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("analysis", pa.string()),
        ("contrast", pa.string()),
        ("look", pa.int32()),
        ("fraction", pa.float64()),
        ("information", pa.float64()),
        ("day", pa.float64()),
        ("participants", pa.int32()),
        ("answered", pa.int32()),
        ("estimate", pa.float64()),
        ("se", pa.float64()),
        ("p", pa.float64()),
        ("statistic", pa.float64()),
        ("boundary", pa.float64()),
        ("conditional_power", pa.float64()),
        ("decision", pa.string()),
        ("failure", pa.string()),
        ("median_unbiased", pa.float64()),
        ("fixed_statistic", pa.float64()),
        ("fixed_participants", pa.int32()),
        ("fixed_day", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see at a look; the last look is the end of the trial.

    Attributes
    ----------
    fraction
        Planned share of the participants whose primary visit is over, 1 at the end.
    information
        Information fraction: what there is as a share of what is to be expected at the end, 1 at
        the end. It rests on nothing that is not known at the look.
    day
        Of the trial's clock, before which all was recorded that is analysed.
    participants, answered
        Randomized, and with an answer at the primary visit.
    estimate
        Of the primary difference.
    """

    fraction: float
    information: float
    day: float
    participants: int
    answered: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look decided.

    Attributes
    ----------
    statistic
        Z, positive in favour of the intervention; of non-inferiority, of the difference from the
        margin. None without an estimate.
    boundary
        The trial stops for efficacy where Z is as large, and for harm where -Z is, if the test is
        2-sided.
    conditional_power
        To find efficacy at the end if the trend so far is the truth; None at the end.
    decision
        'go on', 'efficacy', 'harm', 'futility', 'no estimate' (the trial goes on, and what the look
        might have spent is left to the next), or 'not held' after the look that stopped the trial;
        at the end 'efficacy', 'harm' or 'finished'.
    """

    statistic: float | None
    boundary: float | None
    conditional_power: float | None
    decision: str


@dataclass(frozen=True, slots=True)
class Monitored:
    """A contrast with its looks, under one analysis.

    Attributes
    ----------
    seen, verdicts
        Of every look; of those that were not held what the trial of fixed size shows.
    last
        Position of the look that ended the contrast, and with it the trial where it is the only
        one.
    estimate
        The contrast then, with P values and confidence limits that allow for the looks and for the
        number of contrasts: P values are multiplied by it, to 1 at most, and compare with alpha;
        limits have the confidence that leaves each contrast an equal part of the rest.
    p_alone
        P value of the plan's test that allows for the looks alone; None without an estimate.
    median_unbiased
        Difference that such a trial over- and underestimates with equal chances, by the stage-wise
        ordering, which takes no account of stops for futility; None without an estimate.
    fixed, fixed_statistic
        The end of the trial of fixed size, and Z then.
    """

    seen: tuple[Seen, ...]
    verdicts: tuple[Verdict, ...]
    last: int
    estimate: Estimate
    p_alone: float | None
    median_unbiased: float | None
    fixed: Seen
    fixed_statistic: float | None

    @property
    def stopped(self) -> bool:
        """Whether an interim look ended the contrast."""
        return self.last < len(self.seen) - 1


def reported(contrasts: Sequence[Monitored], estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return estimates where those of the contrasts allow for their looks.

    Parameters
    ----------
    contrasts
        Those on which an analysis decides.
    estimates
        Of the trial as it ended.
    """
    allowing = {each.estimate.label: each.estimate for each in contrasts}
    return [allowing.get(each.label, each) for each in estimates]


def looks_table(monitored: Sequence[Monitored], replicate: int) -> pa.Table:
    """Return the looks at a trial's contrasts under some analyses, also those not held."""
    rows = [
        {
            "replicate": replicate,
            "analysis": seen.estimate.analysis,
            "contrast": seen.estimate.contrast,
            "look": number,
            "fraction": seen.fraction,
            "information": seen.information,
            "day": seen.day,
            "participants": seen.participants,
            "answered": seen.answered,
            "estimate": seen.estimate.estimate,
            "se": seen.estimate.se,
            "p": seen.estimate.p,
            "failure": seen.estimate.failure,
            "median_unbiased": trial.median_unbiased if number == trial.last + 1 else None,
            **asdict(verdict),
            **(_fixed(trial) if number == len(trial.seen) else {}),
        }
        for trial in monitored
        for number, (seen, verdict) in enumerate(
            zip(trial.seen, trial.verdicts, strict=True), start=1
        )
    ]
    return pa.Table.from_pylist(rows, schema=LOOKS_SCHEMA)


def _fixed(trial: Monitored) -> dict[str, object]:
    return {
        "fixed_statistic": trial.fixed_statistic,
        "fixed_participants": trial.fixed.participants,
        "fixed_day": trial.fixed.day,
    }
