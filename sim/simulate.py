"""How a trial comes about, as a SimPy environment: from the first call to the last answer.

The clock counts days since the trial opened. The story, as its processes tell it::

    interest -> calls -> screening -> run-in, if there is one
        -> baseline questionnaire -> randomization                                   (recruitment)
        -> adverse events: report -> review at the weekly meeting                     (safety)
        -> contacts with health care, if they relieve: every Sunday for a week        (care)
        -> who gets an app: installation -> every week a tailoring session       (intervention)
                                        -> the recommender answers a day's sessions in one batch
                    every day: the app is opened or not, exercise, steps, wristband, benefit

Who withdraws and when is settled at randomization. When the clock has stopped, those who did tell
why (:mod:`sim.followup.withdrawal`), and the questionnaires are collected visit by visit:
invitation, reminders, answer or silence (:mod:`sim.followup.questionnaires`).
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from agents.symptoms import LEAD_IN
from recommender.protocol import ATTRIBUTES, Recommender
from scenarios.arms import counterfactual_arm
from scenarios.design.arms import Arm
from scenarios.errors import InputError
from scenarios.given import own_table
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.core.clock import Clock
from sim.core.cohort import Cohort, eligible_cohort
from sim.core.reference_trial import reference_trial
from sim.core.streams import Streams
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.clinics import (
    allocate_clinics,
    clinic_of_patients,
    draw_clinics,
    recovery_sd,
)
from sim.enrolment.places import DroppedArm, Places
from sim.enrolment.randomization import allocator
from sim.enrolment.recruitment import Recruitment
from sim.followup.questionnaires import (
    Questionnaires,
    contact_shares,
    draw_responses,
    longest_follow_up,
)
from sim.followup.safety import Safety
from sim.followup.withdrawal import FollowUp, draw_withdrawals
from sim.recommenders.build import build_recommender
from sim.recommenders.lessons import Lesson
from sim.recommenders.pilot import successful_cases
from sim.trajectories.mechanistic import MechanisticRun
from sim.trajectories.plain import PlainRun
from sim.trial import Trial

BY_ARM = (
    ("followup", "arms"),
    ("safety", "rates"),
    ("reporting", "expectation"),
    ("reporting", "disappointment"),
)
"""Sections of a scenario, and their keys with a table or number for each arm."""


def simulate(
    scenario: Scenario,
    replicate: int,
    *,
    closes: float = np.inf,
    dropped: Sequence[DroppedArm] = (),
) -> Trial:
    """Simulate one trial.

    Parameters
    ----------
    scenario
        The trial to simulate; its seed is the root of all random streams.
    replicate
        Number of the replicate, at least 0.
    closes
        Whole day of the trial's clock before which recruitment and follow-up end, whatever the
        scenario says; up to then all happens as it would without.
    dropped
        Arms that take no further participants, and from which days, in their order; before them all
        happens as it would without.

    Raises
    ------
    RuntimeError
        If hardly any candidate is eligible, so that the trial would not fill, or if screening
        falls far behind interest.
    """
    return _collected(*_until_the_end(scenario, replicate, closes=closes, dropped=dropped))


def simulate_unasked(scenario: Scenario, replicate: int) -> Trial:
    """Simulate a trial in which nobody is sent a questionnaire; see :func:`simulate`.

    Nothing that happens in a trial depends on the answers, so everybody fares the same: what is
    missing are the scores that were given, but not those on the days they were due.
    """
    return _until_the_end(scenario, replicate)[0]


def counterfactual(trial: Trial, shift: int = 1) -> Trial:
    """Simulate everybody in an arm that they were not allocated to, with the same random numbers.

    Each participant is the only one who changes arms, as far as the recommender goes: they are
    advised from its case base as it stood that evening in ``trial``, and teach it nothing.

    Parameters
    ----------
    trial
        As it was randomized.
    shift
        Which of the other arms, see :func:`scenarios.arms.counterfactual_arm`.
    """
    return _collected(*_until_the_end(trial.scenario, trial.replicate, moved=(trial, shift)))


def counterfactual_unasked(trial: Trial, shift: int = 1) -> Trial:
    """Simulate counterfactual arms of a trial in which nobody is sent a questionnaire.

    See :func:`counterfactual` and :func:`simulate_unasked`.
    """
    return _until_the_end(trial.scenario, trial.replicate, moved=(trial, shift))[0]


def all_counterfactuals(trial: Trial) -> tuple[Trial, ...]:
    """Simulate every participant in every arm but the own, nobody being sent a questionnaire.

    Returns
    -------
    A trial for each shift from 1 to the number of arms less 1; see :func:`counterfactual`.
    """
    shifts = range(1, len(trial.scenario.arms))
    return tuple(counterfactual_unasked(trial, shift) for shift in shifts)


def everybody_in(trial: Trial, arm: Arm, own: Arm) -> Trial:
    """Simulate everybody in an arm that the trial does not have, nobody being sent a questionnaire.

    They draw the same random numbers. A recommender that an arm of the trial has, too, advises each
    of them from its case base as it stood that evening in ``trial``; another one has the cases with
    which it begins. They teach neither, see :func:`counterfactual`.

    Parameters
    ----------
    trial
        As it was randomized.
    arm
        What it is given; of a name that no arm has.
    own
        The arm of the trial whose follow-up and safety it has.
    """
    scenario = trial.scenario
    own_code = scenario.arms.index(own)
    further: dict[str, Any] = {"arms": (*scenario.arms, arm), "factorial": None}
    for section, key in BY_ARM:
        part = further.get(section, getattr(scenario, section))
        tables = getattr(part, key)
        table = own_table(scenario.arms, own_code, tables)
        if table in tables:
            added = {**tables, arm.name: tables[table]}
            further[section] = part.model_copy(update={key: added})
    enlarged = scenario.model_copy(update=further)
    return _until_the_end(scenario, trial.replicate, placed=(trial, enlarged))[0]


def _collected(trial: Trial, follow_up: FollowUp, questionnaires: Questionnaires) -> Trial:
    follow_up.tell_reasons(_reason_weights(trial.scenario), trial.trajectories.more_pain)
    return replace(trial, scores=questionnaires.collect(answer_thresholds(trial.scenario)))


def answer_thresholds(scenario: Scenario) -> np.ndarray:
    """Return thresholds of answering at which the stated shares do, (arms, visits, contacts).

    Under MCAR they have a closed form. Otherwise they depend on how those who are asked fare in
    each arm: they are solved for in a reference trial of the same scenario, with draws of its own
    that are the same for every seed, size and replicate. So they belong to the scenario, and
    neither the size of a trial nor who happens to be in it moves anybody's answers. A reference
    trial is simulated once in a process for all scenarios that differ in nothing that matters to
    it.
    """
    if scenario.followup.missingness == "mcar":
        return np.asarray(special.ndtri(contact_shares(scenario)))
    return _calibrated(reference_trial(scenario).model_dump_json())[0]


def _reason_weights(scenario: Scenario) -> list[np.ndarray]:
    """Return the weights of the reasons for withdrawing, by arm.

    Like the thresholds of answering they belong to the scenario: where the odds of reasons depend
    on what happened to people, they are solved for in the reference trial.
    """
    if not any(odds.moves for odds in scenario.reason_odds.values()):
        return [np.array(list(arm.withdrawal_reasons.values())) for arm in scenario.follow_ups]
    return _calibrated(reference_trial(scenario).model_dump_json())[1]


@lru_cache(maxsize=32)
def _calibrated(reference: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the thresholds of answering and the weights of reasons that hold in a trial."""
    trial, follow_up, questionnaires = _until_the_end(
        Scenario.model_validate_json(reference, strict=True), 0
    )
    return questionnaires.calibrate(), follow_up.balance(trial.trajectories.more_pain)


def recommender_alone(scenario: Scenario, replicate: int) -> Recommender:
    """Return the recommender of a trial, to be asked outside of it.

    Raises
    ------
    InputError
        If there is none, it needs to know more than it is told, or it cannot be made.
    """
    kind = scenario.mechanisms.recommender.kind
    if kind == "oracle":
        raise InputError("recommender oracle: knows what it is not told, and only within a trial")
    nobody = np.empty((0, len(ATTRIBUTES)))
    streams = Streams(scenario.seed, replicate)
    recommender = build_recommender(scenario, streams, nobody, _pilot_cases)
    if recommender is None:
        raise InputError(f"recommender {kind}: there is none")
    return recommender


def _pilot_cases(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Return the cases of a scenario's pilot, the same for every seed and replicate."""
    return _cases_of_pilot(scenario.model_copy(update={"seed": 0}).model_dump_json())


@lru_cache(maxsize=8)
def _cases_of_pilot(scenario: str) -> tuple[np.ndarray, np.ndarray]:
    def run(pilot: Scenario) -> Sequence[Lesson]:
        return [lesson for of_one in _until_the_end(pilot, 0)[0].lessons for lesson in of_one]

    return successful_cases(Scenario.model_validate_json(scenario, strict=True), run)


def _without_further_arm(own: Scenario, scenario: Scenario) -> Scenario:
    """Return a scenario, as it holds in an arm, with no other arms than those of the trial."""
    kept: dict[str, Any] = {"arms": scenario.arms, "factorial": scenario.factorial}
    for section, key in BY_ARM:
        part = kept.get(section, getattr(own, section))
        known = getattr(getattr(scenario, section), key)
        tables = {name: each for name, each in getattr(part, key).items() if name in known}
        kept[section] = part.model_copy(update={key: tables})
    return own.model_copy(update=kept)


def _until_the_end(
    scenario: Scenario,
    replicate: int,
    *,
    closes: float = np.inf,
    dropped: Sequence[DroppedArm] = (),
    moved: tuple[Trial, int] | None = None,
    placed: tuple[Trial, Scenario] | None = None,
) -> tuple[Trial, FollowUp, Questionnaires]:
    """Let the clock of a trial run; reasons and questionnaires are still to be collected.

    ``moved`` is the trial as it was randomized, and the shift, where this is a counterfactual;
    ``placed`` is that trial, and the scenario with a further arm, in which everybody is.
    """
    streams = Streams(scenario.seed, replicate)
    candidates = draw_candidates(scenario, streams)
    cohort = eligible_cohort(candidates, len(scenario.trial.visits), closes)
    clinics = draw_clinics(scenario, streams)
    cohort.clinic = clinic_of_patients(clinics, cohort.stratum, streams)
    if scenario.clinics.number:
        cohort.clinic_deviation = clinics.deviation[cohort.clinic]
    columns = LEAD_IN + longest_follow_up(scenario) + 1
    env = Clock()
    enlarged = scenario if placed is None else placed[1]
    follow_up = FollowUp(enlarged, cohort, draw_withdrawals(streams, len(cohort.patients)))
    arms = len(enlarged.arms)
    leaving_days = [follow_up.leaving_days(arm) for arm in range(arms)]
    safety = Safety(env, enlarged, streams, cohort)
    as_randomized = (moved or placed or (None,))[0]
    course = _begin_course(env, scenario, enlarged, streams, cohort, columns, as_randomized)

    def enrolled(row: int) -> None:
        cohort.withdraws_after[row] = leaving_days[cohort.arm[row]][row]
        safety.start(row)
        course.enrol(row)

    arm_of_clinic = allocate_clinics(scenario, clinics, streams)
    own_arm = allocator(scenario, streams, cohort)

    def allocate(row: int) -> int:
        if placed is not None:
            return arms - 1
        by_clinic = scenario.clinics.randomized
        arm = int(arm_of_clinic[cohort.clinic[row]]) if by_clinic else own_arm(row)
        return arm if moved is None else counterfactual_arm(arm, moved[1], arms)

    size, ratio = scenario.trial.sample_size, scenario.allocation_ratio
    places = Places(size, ratio, dropped, own_arm.close)
    recruitment = Recruitment(env, scenario, candidates, cohort, places, allocate, enrolled)
    try:
        env.run(until=recruitment.full)
        recruitment_days = env.now
        end = min(int(env.now) + columns - LEAD_IN + 1, closes)
        if end > env.now:
            env.run(until=end)
    finally:
        env.close()
        course.close()

    cohort.forget_later_withdrawals()
    trajectories = course.trajectories
    trial = Trial(
        scenario=enlarged,
        replicate=replicate,
        cohort=cohort,
        fates=recruitment.fates,
        recruitment_days=recruitment_days,
        scores={},
        trajectories=trajectories,
    )
    draws = draw_responses(scenario, streams, len(cohort.patients))
    questionnaires = Questionnaires(
        scenario, cohort, draws, trajectories.scores_on, trajectories.condition_on
    )
    return trial, follow_up, questionnaires


def _begin_course(
    env: Clock,
    scenario: Scenario,
    enlarged: Scenario,
    streams: Streams,
    cohort: Cohort,
    columns: int,
    counterfactual_to: Trial | None,
) -> PlainRun | MechanisticRun:
    """Return the course of a cohort under the scenario's model of it, ready for the clock.

    ``enlarged`` is the scenario with the arm that everybody is in, if the trial does not have it.
    """
    course = scenario.course
    if not isinstance(course, MechanisticCourse):
        return PlainRun(enlarged, streams, cohort)
    lessons = None if counterfactual_to is None else counterfactual_to.lessons

    def pilot(own: Scenario) -> tuple[np.ndarray, np.ndarray]:
        if enlarged is scenario:
            return _pilot_cases(own)
        return _pilot_cases(_without_further_arm(own, scenario))

    def build(own: Scenario, needs: np.ndarray) -> Recommender | None:
        return build_recommender(own, streams, needs, pilot)

    gain = recovery_sd(scenario) * cohort.clinic_deviation
    only = None if enlarged is scenario else len(scenario.arms)
    return MechanisticRun(
        env, enlarged, course, streams, cohort, columns, gain, build, lessons, only
    )
