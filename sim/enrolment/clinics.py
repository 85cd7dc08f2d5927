"""Clinics: from which one a patient comes, what its patients have in common, which arm it has.

Everything about a clinic is drawn for its number within its stratum: more clinics leave those
there are as they were, but for the share of the stratum's patients that comes to each.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np

from agents.symptoms import LEAD_IN
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.care.life import CareLife
from sim.core.cohort import eligible_cohort
from sim.core.reference_trial import reference_trial
from sim.core.streams import Mechanism, Streams, normals_by_name
from sim.core.usual_care import usual_care
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.randomization import permuted_blocks
from sim.followup.answers import mechanistic_scores

_STEP = 0.1
"""Difference of recovery by which the slope of the RMDQ in recovery is found."""


@dataclass(frozen=True, slots=True)
class Clinics:
    """The k clinics of a trial, stratum by stratum.

    Attributes
    ----------
    stratum
        (k,) index into the scenario's strata.
    share
        (k,) share of the stratum's patients who come from the clinic.
    deviation
        (k,) standard normals: how the course of its patients deviates, in SDs between clinics.
    """

    stratum: np.ndarray
    share: np.ndarray
    deviation: np.ndarray


def clinics_by_stratum(number: int, shares: np.ndarray) -> np.ndarray:
    """Share clinics out among strata in proportion to their patients, at least 2 to each.

    By Sainte-Lague's method: one after the other goes to the stratum with most patients for one
    clinic more, so that a further clinic takes none away.

    Parameters
    ----------
    number
        Clinics in all: at least 2 for each stratum, or none.
    shares
        (s,) share of the patients in each stratum.

    Returns
    -------
    (s,) clinics of each stratum, 0 if there are none.

    Examples
    --------
    >>> clinics_by_stratum(20, np.array([0.1, 0.3, 0.6])).tolist()
    [2, 6, 12]
    """
    counts = np.full(len(shares), 2 if number else 0)
    for _ in range(number - int(counts.sum())):
        counts[np.argmax(shares / (2 * counts + 1))] += 1
    return counts


def draw_clinics(scenario: Scenario, streams: Streams) -> Clinics:
    """Draw the clinics of a trial; none if the scenario has none.

    Sizes are lognormal: exp(s z) with s^2 = log(1 + cv^2) has the coefficient of variation cv.
    """
    settings = scenario.clinics
    if not settings.number:
        return Clinics(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))
    shares = np.array([stratum.share for stratum in scenario.trial.strata])
    counts = clinics_by_stratum(settings.number, shares)
    spread = np.sqrt(np.log1p(settings.size_cv**2))
    share, deviation = [np.empty(0)], [np.empty(0)]
    for stratum, count in enumerate(counts.tolist()):
        generator = streams.generator(Mechanism.CLINIC, stratum)
        sizes, deviations = normals_by_name(generator, ("size", "deviation"), count)
        size = np.exp(spread * sizes)
        share.append(size / size.sum())
        deviation.append(deviations)
    stratum_of = np.repeat(np.arange(len(shares)), counts)
    return Clinics(stratum_of, np.concatenate(share), np.concatenate(deviation))


def clinic_of_patients(clinics: Clinics, stratum: np.ndarray, streams: Streams) -> np.ndarray:
    """Choose each patient's clinic among those of the patient's stratum.

    Parameters
    ----------
    clinics
        The k clinics.
    stratum
        (n,) stratum of each patient.
    streams
        The trial's random streams; a patient's choice belongs to the patient.

    Returns
    -------
    (n,) index of the clinic, -1 where there are none.
    """
    chosen = np.full(len(stratum), -1)
    draws = streams.generator(Mechanism.CLINIC_CHOICE).random(len(stratum))
    for number in np.unique(clinics.stratum):
        of_stratum = np.flatnonzero(clinics.stratum == number)
        up_to = np.cumsum(clinics.share[of_stratum])
        members = stratum == number
        position = np.searchsorted(up_to / up_to[-1], draws[members], side="right")
        chosen[members] = of_stratum[position]
    return chosen


def allocate_clinics(scenario: Scenario, clinics: Clinics, streams: Streams) -> np.ndarray:
    """Randomize clinics before the trial opens, in permuted blocks within the strata.

    Returns
    -------
    (k,) codes of arms.
    """
    arms = np.empty(len(clinics.stratum), dtype=np.int64)
    for stratum in np.unique(clinics.stratum).tolist():
        members = np.flatnonzero(clinics.stratum == stratum)
        blocks = permuted_blocks(
            scenario.clinics.block_sizes,
            scenario.allocation_ratio,
            streams.generator(Mechanism.CLINIC_ALLOCATION, stratum),
        )
        arms[members] = list(islice(blocks, len(members)))
    return arms


def recovery_sd(scenario: Scenario) -> float:
    """Return the SD between clinics of their patients' share of symptoms that resolves.

    The RMDQ of patients who all recover by d more changes by about b d on average. So clinics whose
    recovery has the SD s differ by b s, and with an SD of w within clinics the intracluster
    correlation is (b s)^2 / ((b s)^2 + w^2): s = (w / |b|) (icc / (1 - icc))^(1/2). Both b and w
    are found among the patients of a reference trial under usual care, with draws that are always
    the same; w is within strata.
    """
    settings = scenario.clinics
    if not settings.icc or not isinstance(scenario.course, MechanisticCourse):
        return 0.0
    off = settings.model_copy(update={"number": 0, "size_cv": 0.0, "icc": 0.0})
    reference = reference_trial(scenario.model_copy(update={"clinics": off}))
    ratio = _spread_over_slope(reference.model_dump_json())
    return ratio * float(np.sqrt(settings.icc / (1.0 - settings.icc)))


@lru_cache(maxsize=32)
def _spread_over_slope(reference: str) -> float:
    """Return w / |b| of :func:`recovery_sd`."""
    scenario = Scenario.model_validate_json(reference, strict=True)
    streams = Streams(scenario.seed, 0)
    cohort = eligible_cohort(draw_candidates(scenario, streams), len(scenario.trial.visits))
    n, day = len(cohort.patients), scenario.clinics.icc_day
    columns = LEAD_IN + day + 1
    days = np.full((n, len(scenario.trial.visits) + 1), -1)
    days[:, 1] = day
    nobody, care = AppRecords.blank(n, columns), scenario.care

    def rmdq(gain: float) -> np.ndarray:
        natural = usual_care(scenario, streams, cohort, columns, np.full(n, gain))
        if care is not None and care.relieves:
            life = CareLife(scenario, care, streams, cohort, natural, nobody)
            life.afterwards(np.arange(n))
        scores = mechanistic_scores(scenario, streams, cohort, natural, nobody, days)
        return scores["rmdq"][:, 1]

    slope = float((rmdq(_STEP) - rmdq(-_STEP)).mean()) / (2.0 * _STEP)
    score, size = rmdq(0.0), np.bincount(cohort.stratum)
    means = np.bincount(cohort.stratum, weights=score) / np.maximum(size, 1)
    within = score - means[cohort.stratum]
    freedom = n - np.count_nonzero(size)
    return float(np.sqrt(within @ within / freedom)) / abs(slope)
