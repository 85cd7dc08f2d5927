"""Interim looks: what they decide, and what a trial reports that one of them stopped.

The type I error that each look may spend is fixed beforehand at the planned fractions. How
correlated the looks are is taken from the information that they turned out to have. A trial's P
value and confidence limits allow for the looks, see :mod:`analysis.sequential.stage_wise`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa

from analysis.data.estimates import Estimate
from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER, Rule
from analysis.sequential.group_sequential import (
    Sides,
    alpha_spent,
    conditional_power,
    efficacy_bounds,
)
from analysis.sequential.stage_wise import Ending, allow_for_looks
from scenarios.design.interim import Interim

GROWTH = 0.01
"""Share by which information grows at least from look to look."""
GO_ON, EFFICACY, HARM, FUTILITY = "go on", "efficacy", "harm", "futility"
FINISHED, NOT_HELD, NO_ESTIMATE = "finished", "not held", "no estimate"
STOPS = (EFFICACY, HARM, FUTILITY)

LOOKS_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("analysis", pa.string()),
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
    """A trial with its looks, under one analysis.

    Attributes
    ----------
    seen, verdicts
        Of every look; also what those would have seen that were not held.
    last
        Position of the look that ended the trial.
    estimate
        The primary difference then, with P values and confidence limits that allow for the looks.
    median_unbiased
        Difference that such a trial over- and underestimates with equal chances, by the stage-wise
        ordering, which takes no account of stops for futility; None without an estimate.
    """

    seen: tuple[Seen, ...]
    verdicts: tuple[Verdict, ...]
    last: int
    estimate: Estimate
    median_unbiased: float | None

    @property
    def stopped(self) -> bool:
        """Whether an interim look stopped the trial."""
        return self.last < len(self.seen) - 1

    def reported(self, estimates: Sequence[Estimate]) -> list[Estimate]:
        """Return estimates where that of the primary difference allows for the looks."""
        return [self.estimate if e.label == self.estimate.label else e for e in estimates]


def monitor(seen: Sequence[Seen], interim: Interim, rule: Rule, *, confidence: float) -> Monitored:
    """Hold the looks of a trial.

    Parameters
    ----------
    seen
        What there is to see at each look, in order, the end of the trial last.
    interim
        The planned looks, boundary and futility.
    rule
        The test, with the significance level of the whole trial.
    confidence
        Level of the confidence limits.

    Notes
    -----
    Futility is not binding: the boundaries allow for a trial that goes on all the same, so that
    stopping for futility can only lower the type I error. No trial stops for futility with a P
    value in favour below alpha, as a late look with much futility would have it at times: it goes
    on. One that tends towards harm does stop.
    """
    course = _Course(interim, rule)
    verdicts: list[Verdict] = []
    last = len(seen) - 1
    for k, look in enumerate(seen):
        # ``last`` moves forward to the look that stops the trial; later ones are not held.
        z = rule.statistic(look.estimate)
        if z is None or look.estimate.se is None or k > last:
            verdicts.append(Verdict(z, None, None, NOT_HELD if k > last else NO_ESTIMATE))
            continue
        # A look without an estimate spends nothing, so the next may spend its share as well.
        course.hold(k, look.estimate.se)
        bound = float(course.bounds()[-1])
        final = k == len(seen) - 1
        power = None
        if not final:
            critical = float(course.bounds_to_the_end(look.information)[1][-1])
            power = conditional_power(z, look.information, critical)
        verdicts.append(Verdict(z, bound, power, course.decide(z, bound, power)))
        if verdicts[-1].decision in STOPS:
            last = k
    estimate, middle = seen[last].estimate, None
    ended = verdicts[last]
    if ended.statistic is not None and ended.decision != NO_ESTIMATE:
        ending = course.ending(ended, seen[last].information)
        estimate, middle = allow_for_looks(estimate, ending, rule, confidence)
        against = rule.sides == 1 and ending.against(0.0) < rule.tail
        estimate = replace(estimate, decision=_in_whose_favour(ended.decision, against=against))
    else:
        estimate = replace(estimate, p_decision=None, decision=NO_ANSWER)
    return Monitored(tuple(seen), tuple(verdicts), last, estimate, middle)


def _in_whose_favour(decision: str, *, against: bool) -> str:
    if decision == EFFICACY:
        return IN_FAVOUR
    return AGAINST if decision == HARM or against else NEITHER


@lru_cache(maxsize=64)
def _spent(interim: Interim, alpha: float, sides: Sides) -> np.ndarray:
    """Return the error that may be spent up to each look."""
    return alpha_spent(interim.boundary, [*interim.looks, 1.0], alpha, sides)


class _Course:
    """The looks that were held so far, and the boundaries that follow from them."""

    def __init__(self, interim: Interim, rule: Rule) -> None:
        self._interim, self._rule = interim, rule
        self._fractions = np.array([*interim.looks, 1.0])
        self._spent = alpha_spent(
            interim.boundary, self._fractions.tolist(), rule.alpha, rule.sides
        )
        self._held: list[int] = []
        self._errors: list[float] = []

    def hold(self, look: int, se: float) -> None:
        """Take in a look that has an estimate."""
        self._held.append(look)
        self._errors.append(se)

    def bounds(self) -> np.ndarray:
        """Return the boundaries, from the information that the looks turned out to have."""
        return efficacy_bounds(
            information_of(self._errors), self._spent[self._held], self._rule.sides
        )

    def bounds_to_the_end(self, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Return information and boundaries of the looks so far and, as expected, of the others.

        Parameters
        ----------
        share
            Information fraction at the present look.
        """
        so_far, now = information_of(self._errors), self._held[-1]
        planned = self._fractions[now + 1 :]
        rest = (planned - self._fractions[now]) / (1.0 - self._fractions[now])
        to_come = so_far[-1] / share * (share + (1.0 - share) * rest)
        information = np.append(so_far, to_come)
        spent = np.append(self._spent[self._held], self._spent[now + 1 :])
        return information, efficacy_bounds(information, spent, self._rule.sides)

    def decide(self, z: float, bound: float, power: float | None) -> str:
        """Return what a look decides."""
        if z >= bound:
            return EFFICACY
        if self._rule.sides == 2 and z <= -bound:
            return HARM
        if power is None:
            return FINISHED
        if power >= self._interim.futility or z >= self._convincing():
            return GO_ON
        return FUTILITY

    def ending(self, verdict: Verdict, share: float) -> Ending:
        """Return where the trial ended, after a verdict at its last look."""
        information, bounds = information_of(self._errors), self.bounds()
        place = len(bounds) - 1
        if verdict.decision == FUTILITY:
            information, bounds = self.bounds_to_the_end(share)
        return Ending(information, bounds, place, float(verdict.statistic or 0.0), self._rule.sides)

    def _convincing(self) -> float:
        """Return the Z from which a trial that ended at its last look has P below alpha.

        The stage-wise P value is the error spent up to the look before, and the chance to get as
        far now: that is alpha where this look spends all that is left.
        """
        spent = [*self._spent[self._held[:-1]], self._rule.alpha]
        return float(efficacy_bounds(information_of(self._errors), spent, self._rule.sides)[-1])


def information_of(errors: Sequence[float]) -> np.ndarray:
    """Return the information at looks from their standard errors, (looks,).

    Data are only added, so that information grows; where by chance an estimated one does not, or by
    less than 1%, it is taken to have grown by 1%.
    """
    information: list[float] = []
    for se in errors:
        least = (1.0 + GROWTH) * information[-1] if information else 0.0
        information.append(max(se**-2, least))
    return np.array(information)


def looks_table(monitored: Sequence[Monitored], replicate: int) -> pa.Table:
    """Return the looks of a trial under some analyses, including those that were not held."""
    rows = [
        {
            "replicate": replicate,
            "analysis": seen.estimate.analysis,
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
        }
        for trial in monitored
        for number, (seen, verdict) in enumerate(
            zip(trial.seen, trial.verdicts, strict=True), start=1
        )
    ]
    return pa.Table.from_pylist(rows, schema=LOOKS_SCHEMA)
