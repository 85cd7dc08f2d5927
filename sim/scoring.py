"""Questionnaires filled in: the scores participants give from the state they are in."""

import numpy as np

from agents.instruments import OUTCOMES, SCALES, State, answer
from agents.symptoms import LEAD_IN, NaturalCourse, belief_swings
from scenarios.course import MechanisticCourse, NormalCourse
from scenarios.schema import Scenario
from sim.app_records import AppRecords
from sim.cohort import Cohort
from sim.streams import Mechanism, Streams


def mechanistic_scores(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    days: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the scores of all rows on given days.

    Parameters
    ----------
    days
        (n, visits + 1) whole days after randomization; negative where nobody answers.

    Returns
    -------
    Outcome to (n, visits + 1) scores, NaN where nobody answers.
    """
    course = scenario.course
    if not isinstance(course, MechanisticCourse):
        raise TypeError("mechanistic scores need a mechanistic course")
    due = np.array([0.0, *(visit.day for visit in scenario.trial.visits)])
    n, visits = days.shape
    swings = [
        belief_swings(
            streams.normals(Mechanism.BELIEF_SWING, n, 3 * visits)[:, kind::3].astype(float),
            due,
            course.swing_memory,
        )
        for kind in range(3)
    ]
    scores = {name: np.full(days.shape, np.nan) for name in OUTCOMES}
    for visit in range(visits):
        rows = np.flatnonzero(days[:, visit] >= 0)
        column = days[rows, visit] + LEAD_IN
        errors = streams.generator(Mechanism.INSTRUMENT, visit).standard_normal((n, len(OUTCOMES)))
        state = _state(
            scenario, course, cohort, natural, records, rows, column,
            [swing[rows, visit] for swing in swings],
        )  # fmt: skip
        given = answer(
            scenario.instruments,
            scenario.population,
            cohort.patients.take(rows),
            state,
            errors[rows],
        )
        for name, values in given.items():
            if visit > 0 or SCALES[name].has_baseline:
                scores[name][rows, visit] = values
    return scores


def _state(
    scenario: Scenario,
    course: MechanisticCourse,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    rows: np.ndarray,
    column: np.ndarray,
    swings: list[np.ndarray],
) -> State:
    """Put the natural course and the benefit of the app together."""
    pathway, values = scenario.pathway, cohort.patients.values
    week = column[:, None] + np.arange(-6, 1)
    eased = 1.0 - pathway.pain_from_capacity * records.capacity[rows[:, None], week]
    beliefs = records.beliefs[rows, column].astype(float)
    progress = natural.belief_progress[rows, column]
    disability = (
        natural.disability[rows, column]
        - values["disability"][rows] * records.disability_relief[rows, column]
    )
    return State(
        pain=(natural.pain[rows[:, None], week] * eased).mean(axis=1).astype(float),
        worst_pain=(natural.worst_pain[rows[:, None], week] * eased).max(axis=1).astype(float),
        disability=disability.astype(float),
        self_efficacy=values["self_efficacy"][rows]
        + course.self_efficacy_gain * progress
        + course.self_efficacy_swing_sd * swings[0]
        + pathway.self_efficacy_from_belief * beliefs,
        fear=values["fear"][rows]
        + course.fear_gain * progress
        + course.fear_swing_sd * swings[1]
        - pathway.fear_from_belief * beliefs,
        illness_perception=values["illness_perception"][rows]
        + course.illness_perception_gain * progress
        + course.illness_perception_swing_sd * swings[2]
        - pathway.illness_perception_from_belief * beliefs,
        capacity=records.capacity[rows, column].astype(float),
        beliefs=beliefs,
    )


def normal_scores(
    scenario: Scenario, streams: Streams, cohort: Cohort, days: np.ndarray
) -> dict[str, np.ndarray]:
    """Return scores of a normal course for all rows, NaN where nobody answers.

    The scores are left continuous and unbounded, so that closed forms hold exactly.
    """
    course = scenario.course
    if not isinstance(course, NormalCourse):
        raise TypeError("normal scores need a normal course")
    n, visits = days.shape
    root = np.linalg.cholesky(course.correlation_matrix()) * np.array(course.sd)[:, None]
    normals = streams.normals(Mechanism.NORMAL_SCORES, n, visits).astype(float)
    values = np.array(course.means) + np.einsum("ij,kj->ik", normals, root)
    treated = (cohort.arm == 1)[:, None]
    values = values + treated * np.array([0.0, *course.effect])
    return {course.outcome: np.where(days >= 0, values, np.nan)}
