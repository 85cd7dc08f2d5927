"""What everybody would answer under a plain course, from the normals that they draw."""

from collections.abc import Sequence

import numpy as np

from agents.correlation import correlate
from agents.plain.observed import counts, events
from agents.reporting import expected_shift
from scenarios.arms.codes import REFERENCE
from scenarios.design.outcomes import Outcome
from scenarios.people.plain_course import NormalCourse, OutcomeCourse
from scenarios.people.prognosis import loading_of
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, normals_by_name
from sim.followup.answers import due_days


def draw_normals(scenario: Scenario, streams: Streams, persons: int) -> np.ndarray:
    """Draw what is behind the outcomes of some persons.

    Returns
    -------
    (persons, outcomes, visits + 1) independent standard normals, outcomes in the order of the
    course, a baseline for those too that have none. The names of the draws of the outcome that
    comes first are days, those of others begin with the outcome.
    """
    _, *further = _plain(scenario).by_outcome
    days = [str(day) for day in due_days(scenario)]
    names = [*days, *(f"{outcome} {day}" for outcome in further for day in days)]
    drawn = normals_by_name(streams.generator(Mechanism.NORMAL_SCORES), names, persons)
    return drawn.T.reshape(persons, 1 + len(further), len(days))


def plain_scores(
    scenario: Scenario, normals: np.ndarray, cohort: Cohort, *, shifted: bool = True
) -> dict[str, np.ndarray]:
    """Return what all rows would answer, (n, visits + 1) by outcome, NaN where it is not asked.

    Parameters
    ----------
    scenario, cohort
        With a plain course, and who there is, randomized.
    normals
        (n, outcomes, visits + 1) as of :func:`draw_normals`.
    shifted
        Whether with what expectation adds to the answers, by the day on which they are due.
    """
    course = _plain(scenario)
    if normals.shape[1] > 1:
        by_outcome = normals.transpose(1, 0, 2)
        together = correlate(course.between_outcomes(), by_outcome.reshape(len(by_outcome), -1))
        normals = together.reshape(by_outcome.shape).transpose(1, 0, 2)
    towards_better = scenario.outcome(course.outcome).towards_better
    found = {}
    for place, (name, own) in enumerate(course.by_outcome.items()):
        outcome = scenario.outcome(name)
        values = np.full(normals.shape[::2], np.nan)
        first = 0 if outcome.has_baseline else 1
        # A clinic that is good for one outcome is good for all.
        clinic = outcome.towards_better * towards_better * cohort.clinic_deviation
        parts = _deviation(scenario, own, outcome, normals[:, place, first:], clinic, cohort)
        by_arm = [_plain(each).by_outcome[name] for each in scenario.by_arm]
        shift = _shift(scenario, outcome, cohort.arm) if shifted else None
        added = None if shift is None else shift[:, first:]
        values[:, first:] = _recorded(scenario, by_arm, outcome, parts, cohort.arm, added)
        found[name] = values
    return found


def _deviation(
    scenario: Scenario, own: OutcomeCourse, outcome: Outcome, normals: np.ndarray,
    clinic: np.ndarray, cohort: Cohort,
) -> list[np.ndarray]:  # fmt: skip
    """Return the parts of the deviation (n, questionnaires): own, of clinics, of covariates.

    Together they are standard normal, with the correlation of the course.
    """
    icc, baseline = scenario.clinics.icc, outcome.has_baseline
    loading, prognosis = loading_of(own, scenario.population)
    within = own.within(loading, baseline=baseline, icc=icc)
    parts = [correlate(within, normals.T).T]
    if icc:
        shared = np.repeat(np.sqrt(icc) * clinic[:, None], normals.shape[1], axis=1)
        shared[:, : int(baseline)] = 0.0
        parts.append(shared)
    if prognosis is not None:
        parts.append(loading * prognosis.total(cohort.patients.scores)[:, None])
    return parts


def _recorded(
    scenario: Scenario, courses: Sequence[OutcomeCourse], outcome: Outcome,
    parts: list[np.ndarray], arm: np.ndarray, shift: np.ndarray | None,
) -> np.ndarray:  # fmt: skip
    """Turn deviations into scores, events or counts, in the arm that each row is in.

    ``courses`` are the outcome's as they hold in each arm. Rows that were not randomized are as in
    the reference. ``shift`` is added to scores, (n, questionnaires).
    """
    arm = np.maximum(arm, REFERENCE)
    follow_ups = len(scenario.trial.visits)
    if outcome.kind == "continuous":
        values = _scores(courses, parts, arm, follow_ups)
        if shift is not None:
            values = values + shift
        return outcome.on_scale(values) if _plain(scenario).on_scale else values
    deviation = sum(parts[1:], start=parts[0])
    by_arm = arm_means(courses, follow_ups)
    expected = by_arm[arm]
    if outcome.kind == "binary":
        return events(deviation, expected)
    values = np.empty(deviation.shape)
    for code, own in enumerate(courses):
        rows = arm == code
        for column, rate in enumerate(by_arm[code]):
            values[rows, column] = counts(
                deviation[rows, column], float(rate), own.dispersion or 0.0
            )
    return outcome.on_scale(values)


def _shift(scenario: Scenario, outcome: Outcome, arm: np.ndarray) -> np.ndarray | None:
    """Return what expectation adds to answers, (n, visits + 1), 0 at baseline; None for nothing."""
    if not scenario.reporting.shifts:
        return None
    due = np.array(due_days(scenario))
    shift = expected_shift(scenario.reporting, scenario.arms, outcome, arm[:, None], due)
    shift[:, 0] = 0.0
    return shift


def arm_means(courses: Sequence[OutcomeCourse], follow_ups: int) -> np.ndarray:
    """Return means, risks or rates of each arm at each questionnaire, (arms, questionnaires)."""
    return np.stack(
        [
            np.array(own.means) if code == REFERENCE else own.treated_means(follow_ups)
            for code, own in enumerate(courses)
        ]
    )


def _scores(
    courses: Sequence[OutcomeCourse], parts: list[np.ndarray], arm: np.ndarray, follow_ups: int
) -> np.ndarray:
    reference = courses[REFERENCE]
    size = len(reference.means)
    sd, effect = np.tile(np.array(reference.sd), (len(courses), 1)), np.zeros((len(courses), size))
    for code, own in enumerate(courses):
        if code != REFERENCE:
            effect[code, -follow_ups:] = own.effects(follow_ups)
            if own.intervention_sd:
                sd[code, -follow_ups:] = own.intervention_sd
    # One SD for all rows where arms do not differ, as most trials have it.
    spread = sd[REFERENCE] if (sd == sd[REFERENCE]).all() else sd[arm]
    values = np.array(reference.means) + parts[0] * spread
    for part in parts[1:]:
        values += part * spread
    return np.asarray(values + effect[arm])


def _plain(scenario: Scenario) -> NormalCourse:
    if not isinstance(scenario.course, NormalCourse):
        raise TypeError("plain scores need a plain course")
    return scenario.course
