"""Interim looks: what they decide, and what a trial reports that one of them stopped.

The type I error that each look may spend is fixed beforehand at the planned fractions. How
correlated the looks are is taken from the information that they turned out to have. A trial's P
value and confidence limits allow for the looks by the stage-wise ordering: a boundary reached
earlier is stronger evidence against the null than one reached later (Tsiatis, Rosner and Mehta
1984, Biometrics 40:797-803; Jennison and Turnbull 2000, section 8.4).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from scipy import special

from analysis.data.estimates import Estimate
from analysis.sequential.group_sequential import (
    alpha_spent,
    conditional_power,
    crossing_probabilities,
    efficacy_bounds,
    futility_bound,
    root,
)
from scenarios.design.interim import Interim

GROWTH = 0.01
"""Share by which information grows at least from look to look."""
GO_ON, EFFICACY, FUTILITY, FINISHED = "go on", "efficacy", "futility", "finished"
NOT_HELD, NO_ESTIMATE = "not held", "no estimate"

LOOKS_SCHEMA = pa.schema(
    [
        ("replicate", pa.int32()),
        ("analysis", pa.string()),
        ("look", pa.int32()),
        ("fraction", pa.float64()),
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
    ]
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see at a look; the last look is the end of the trial.

    Attributes
    ----------
    fraction
        Planned share of the participants whose primary visit is over, 1 at the end.
    day
        Of the trial's clock, before which all was recorded that is analysed.
    participants, answered
        Randomized, and with an answer at the primary visit.
    estimate
        Of the primary difference.
    """

    fraction: float
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
        Z; for an analysis with a t distribution the normal score of its P value (Jennison and
        Turnbull 2000, section 3.8). None without an estimate.
    boundary
        The trial rejects where the statistic is as large, on either side.
    conditional_power
        To reject at the end if the trend so far is the truth; None at the end.
    decision
        'go on', 'efficacy', 'futility', 'no estimate' (the trial goes on, and what the look might
        have spent is left to the next), or 'not held' after the look that stopped the trial; at
        the end 'efficacy' or 'finished'.
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
        The primary difference then, with P value and confidence limits that allow for the looks.
    """

    seen: tuple[Seen, ...]
    verdicts: tuple[Verdict, ...]
    last: int
    estimate: Estimate

    @property
    def stopped(self) -> bool:
        """Whether an interim look stopped the trial."""
        return self.last < len(self.seen) - 1

    def reported(self, estimates: Sequence[Estimate]) -> list[Estimate]:
        """Return estimates where that of the primary difference allows for the looks."""
        return [self.estimate if e.label == self.estimate.label else e for e in estimates]


def monitor(
    seen: Sequence[Seen], interim: Interim, *, alpha: float, confidence: float
) -> Monitored:
    """Hold the looks of a trial.

    Parameters
    ----------
    seen
        What there is to see at each look, in order, the end of the trial last.
    interim
        The planned looks, boundary and futility.
    alpha
        2-sided significance level of the whole trial.
    confidence
        Level of the confidence limits.

    Notes
    -----
    Futility is not binding: the boundaries allow for a trial that goes on all the same, so that
    stopping for futility can only lower the type I error. No trial stops for futility with a P
    value below alpha, as a late look with much futility would have it at times: it goes on.
    """
    spent, critical = _planned(interim, alpha)
    held: list[int] = []
    errors: list[float] = []
    verdicts: list[Verdict] = []
    last = len(seen) - 1
    for k, look in enumerate(seen):
        # ``last`` moves forward to the look that stops the trial; later ones are not held.
        z = statistic(look.estimate)
        if z is None or look.estimate.se is None or k > last:
            verdicts.append(Verdict(z, None, None, NOT_HELD if k > last else NO_ESTIMATE))
            continue
        # A look without an estimate spends nothing, so the next may spend its share as well.
        errors.append(look.estimate.se)
        held.append(k)
        information = information_of(errors)
        # From the information that the looks turned out to have; earlier boundaries stay the same.
        bound = float(efficacy_bounds(information, spent[held])[-1])
        final = k == len(seen) - 1
        power = None if final else conditional_power(z, look.fraction, critical)
        decision = _decide(z, bound, power, interim)
        if decision == FUTILITY and abs(z) >= _convincing(information, spent[held], alpha):
            decision = GO_ON
        verdicts.append(Verdict(z, bound, power, decision))
        if decision in {EFFICACY, FUTILITY}:
            last = k
    estimate = seen[last].estimate
    if verdicts[last].decision != NO_ESTIMATE:
        information = information_of(errors)
        bounds = efficacy_bounds(information, spent[held])
        estimate = _allow_for_looks(estimate, information, bounds, confidence)
    return Monitored(tuple(seen), tuple(verdicts), last, estimate)


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


@lru_cache(maxsize=64)
def _planned(interim: Interim, alpha: float) -> tuple[np.ndarray, float]:
    """Return the error spent up to each look and, if all goes as planned, the last boundary."""
    fractions = [*interim.looks, 1.0]
    spent = alpha_spent(interim.boundary, fractions, alpha)
    return spent, float(efficacy_bounds(fractions, spent)[-1])


def _decide(z: float, bound: float, power: float | None, interim: Interim) -> str:
    if abs(z) >= bound:
        return EFFICACY
    if power is None:
        return FINISHED
    return FUTILITY if power < interim.futility else GO_ON


def _convincing(information: np.ndarray, spent: np.ndarray, alpha: float) -> float:
    """Return the ``|Z|`` from which a trial that ended at its last look has P below alpha.

    The stage-wise P value is the error spent up to the look before, and the chance to get as far
    now: that is alpha where this look spends all that is left.
    """
    return float(efficacy_bounds(information, [*spent[:-1], alpha])[-1])


def statistic(estimate: Estimate) -> float | None:
    """Return the Z statistic of an estimate, None if there is no estimate."""
    if estimate.estimate is None or estimate.se is None:
        return None
    ratio = estimate.estimate / estimate.se
    if estimate.df is None:
        return ratio
    # By logarithms: the tail of a large statistic is too small for a difference from 1.
    with np.errstate(divide="ignore"):
        tail = np.log(special.stdtr(estimate.df, -abs(ratio)))
    return float(-np.sign(ratio) * special.ndtri_exp(tail))


def _allow_for_looks(
    estimate: Estimate, information: np.ndarray, bounds: np.ndarray, confidence: float
) -> Estimate:
    """Return an estimate with P value and limits of the stage-wise ordering at its look."""
    value, se, z = estimate.estimate, estimate.se, statistic(estimate)
    if value is None or se is None or z is None:
        raise ValueError("there is no estimate to allow for the looks")
    # By symmetry the sign is set aside. Limits are found as drifts of Z, and brought back to the
    # scale of the estimate by estimate / Z, which for a t distribution is not its standard error.
    size, sign = abs(z), -1.0 if z < 0.0 else 1.0
    before = np.append(bounds[:-1], size)

    def beyond(drift: float) -> float:
        return float(crossing_probabilities(information, before, drift).upper.sum())

    def limit(level: float) -> float:
        reach = size + 15.0
        return root(lambda drift: beyond(drift) - level, -reach, reach, 1e-10)

    rest = (1.0 - confidence) / 2.0
    scale = sign * (abs(value) / size if size > 0.0 else se)
    lower, upper = sorted((scale * limit(rest), scale * limit(1.0 - rest)))
    return replace(estimate, lower=lower, upper=upper, p=2.0 * beyond(0.0))


def expected_course(
    interim: Interim, alpha: float, information: np.ndarray, drift: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the chances of stopping for efficacy and for futility by theory.

    Parameters
    ----------
    interim, alpha
        The looks, and the 2-sided significance level.
    information
        (looks + 1,) information, increasing, on any scale.
    drift
        Mean of Z at the end.

    Returns
    -------
    (looks + 1,) each, the end last; at the end nothing stops for futility.
    """
    spent, critical = _planned(interim, alpha)
    inner = [
        min(
            futility_bound(t, critical, interim.futility),
            _convincing(information[:k], spent[:k], alpha),
        )
        for k, t in enumerate(interim.looks, start=1)
    ]
    bounds = efficacy_bounds(information, spent)
    found = crossing_probabilities(information, bounds, drift, np.array([*inner, 0.0]))
    return found.upper + found.lower, found.inner


def looks_table(monitored: Sequence[Monitored], replicate: int) -> pa.Table:
    """Return the looks of a trial under some analyses, including those that were not held."""
    rows = [
        {
            "replicate": replicate,
            "analysis": seen.estimate.analysis,
            "look": number,
            "fraction": seen.fraction,
            "day": seen.day,
            "participants": seen.participants,
            "answered": seen.answered,
            "estimate": seen.estimate.estimate,
            "se": seen.estimate.se,
            "p": seen.estimate.p,
            "failure": seen.estimate.failure,
            **asdict(verdict),
        }
        for trial in monitored
        for number, (seen, verdict) in enumerate(
            zip(trial.seen, trial.verdicts, strict=True), start=1
        )
    ]
    return pa.Table.from_pylist(rows, schema=LOOKS_SCHEMA)
