"""Questionnaires filled in: the answers participants give from the state they are in."""

from collections.abc import Sequence

import numpy as np

from agents.instruments import (
    ITEMS,
    RATINGS,
    AnswerDraws,
    Answers,
    State,
    fill_in,
    score,
)
from agents.pathway import eased_disability, felt_pain
from agents.reporting import expected_shifts
from agents.symptoms import LEAD_IN, NaturalCourse, belief_swings
from scenarios.people.course import MechanisticCourse
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, normals_by_name


def mechanistic_scores(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    days: np.ndarray,
    *,
    shifted: bool = True,
) -> dict[str, np.ndarray]:
    """Return the scores of all rows on given days.

    Parameters
    ----------
    days
        (n, visits + 1) whole days after randomization; negative where nobody answers.
    shifted
        Whether with what expectation adds to the answers.

    Returns
    -------
    Outcome to (n, visits + 1) scores, NaN where nobody answers.
    """
    answers = _fill_in(scenario, streams, cohort, natural, records, days, shifted=shifted)
    scores = {
        name: _at_visits(values, days)
        for name, values in score(scenario.mechanisms.instruments, answers).items()
    }
    for name, values in scores.items():
        if not INSTRUMENT_SCALES[name].has_baseline:
            values[:, 0] = np.nan
    return scores


def item_answers(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    days: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the answers, as given, behind :func:`mechanistic_scores`: item code to answers."""
    answers = _fill_in(scenario, streams, cohort, natural, records, days, shifted=True)
    return {
        code: _at_visits(answers.items[name][:, column], days)
        for name, codes in ITEMS.items()
        for column, code in enumerate(codes)
    }


def _at_visits(values: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Put a value for each answered questionnaire at its person and visit."""
    table = np.full(days.shape, np.nan)
    table[days >= 0] = values
    return table


def _fill_in(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    days: np.ndarray,
    *,
    shifted: bool,
) -> Answers:
    """Let everybody who answers on a day do so: a row a questionnaire, in the order of days."""
    rows, visits = np.nonzero(days >= 0)
    due = due_days(scenario)

    def drawn(mechanism: Mechanism, names: Sequence[str]) -> np.ndarray:
        """Return what those who answer draw, (names, answered)."""
        found = np.empty((len(names), len(rows)), dtype=np.float32)
        for visit in np.unique(visits).tolist():
            # Drawn for everybody: what a person draws does not depend on who else answers.
            generator = streams.generator(mechanism, due[visit])
            everybody = normals_by_name(generator, names, len(days), np.float32)
            here = visits == visit
            found[:, here] = everybody[:, rows[here]]
        return found

    codes = [code for items in ITEMS.values() for code in items]
    ends = np.cumsum([len(items) for items in ITEMS.values()])
    chance = np.split(drawn(Mechanism.ITEM_CHANCE, codes), ends[:-1])
    return fill_in(
        scenario.mechanisms.instruments,
        scenario.population,
        cohort.patients.take(rows),
        _state(scenario, streams, cohort, natural, records, days),
        AnswerDraws(
            leaning={name: leaning[:, rows].T for name, leaning in cohort.leaning.items()},
            chance={name: items.T for name, items in zip(ITEMS, chance, strict=True)},
            error=dict(zip(RATINGS, drawn(Mechanism.INSTRUMENT, RATINGS), strict=True)),
        ),
        _shifts(scenario, cohort, days) if shifted else {},
    )


def _shifts(scenario: Scenario, cohort: Cohort, days: np.ndarray) -> dict[str, np.ndarray]:
    """Return what expectation adds to each answered questionnaire, by outcome; 0 at baseline."""
    if not scenario.reporting.shifts:
        return {}
    rows, visits = np.nonzero(days >= 0)
    arm = np.where(visits > 0, cohort.arm[rows], -1)
    return expected_shifts(
        scenario.reporting, scenario.arms, scenario.scales, arm, days[rows, visits]
    )


def due_days(scenario: Scenario) -> list[int]:
    """Return the days on which questionnaires are due, the baseline's first."""
    return [0, *(visit.day for visit in scenario.trial.visits)]


def _state(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse,
    records: AppRecords,
    days: np.ndarray,
) -> State:
    """Put the natural course and the benefit of the app together."""
    course, pathway, values = scenario.course, scenario.mechanisms.pathway, cohort.patients.values
    if not isinstance(course, MechanisticCourse):
        raise TypeError("mechanistic scores need a mechanistic course")
    rows, visits = np.nonzero(days >= 0)
    due = due_days(scenario)[: 1 + visits.max(initial=0)]  # a swing comes from those before it

    def swings(belief: str) -> np.ndarray:
        names = [f"{belief} {day}" for day in due]
        normals = normals_by_name(streams.generator(Mechanism.BELIEF_SWING), names, len(days))
        return belief_swings(normals.T, np.array(due), course.swing_memory)[rows, visits]

    column = days[rows, visits] + LEAD_IN
    week = column[:, None] + np.arange(-6, 1)
    capacity, flare = records.capacity[rows[:, None], week], records.flare[rows[:, None], week]
    pain = felt_pain(pathway, natural.pain[rows[:, None], week], capacity, flare)
    worst = felt_pain(pathway, natural.worst_pain[rows[:, None], week], capacity, flare)
    beliefs = records.beliefs[rows, column].astype(float)
    progress = natural.belief_progress[rows, column]
    disability = eased_disability(
        natural.disability[rows, column],
        values["disability"][rows],
        records.disability_relief[rows, column],
    )
    more_disability = disability.astype(float) - values["disability"][rows]
    return State(
        pain=pain.mean(axis=1).astype(float),
        worst_pain=worst.max(axis=1).astype(float),
        latest_pain=pain[:, -1].astype(float),
        disability=disability.astype(float),
        self_efficacy=values["self_efficacy"][rows]
        + course.self_efficacy_gain * progress
        - course.self_efficacy_from_function * more_disability
        + course.self_efficacy_swing_sd * swings("self_efficacy")
        + pathway.self_efficacy_from_belief * beliefs,
        fear=values["fear"][rows]
        + course.fear_gain * progress
        + course.fear_from_function * more_disability
        + course.fear_swing_sd * swings("fear")
        - pathway.fear_from_belief * beliefs,
        illness_perception=values["illness_perception"][rows]
        + course.illness_perception_gain * progress
        + course.illness_perception_swing_sd * swings("illness_perception")
        - pathway.illness_perception_from_belief * beliefs,
        capacity=records.capacity[rows, column].astype(float),
        beliefs=beliefs,
    )


def felt(
    scenario: Scenario, cohort: Cohort, natural: NaturalCourse, records: AppRecords, column: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean pain of the past week and disability of all rows on a day, reported or not.

    Parameters
    ----------
    column
        Days after randomization plus the lead-in, the same for all.
    """
    week = slice(column - 6, column + 1)
    pain = felt_pain(
        scenario.mechanisms.pathway,
        natural.pain[:, week],
        records.capacity[:, week],
        records.flare[:, week],
    )
    disability = eased_disability(
        natural.disability[:, column],
        cohort.patients.values["disability"],
        records.disability_relief[:, column],
    )
    return pain.mean(axis=1), disability


def daily_symptoms(
    scenario: Scenario, cohort: Cohort, natural: NaturalCourse, records: AppRecords
) -> dict[str, np.ndarray]:
    """Return what every day was like for all rows, with what the app has eased.

    Returns
    -------
    ``pain`` and ``worst_pain`` (NRS) and ``disability`` (RMDQ scale, bounded to 0 to 24), each
    (n, columns): days after randomization plus the lead-in.
    """
    start = cohort.patients.values["disability"][:, None]
    disability = eased_disability(natural.disability, start, records.disability_relief)
    app = records.capacity, records.flare
    return {
        "pain": felt_pain(scenario.mechanisms.pathway, natural.pain, *app),
        "worst_pain": felt_pain(scenario.mechanisms.pathway, natural.worst_pain, *app),
        "disability": np.clip(disability, 0.0, 24.0),
    }
