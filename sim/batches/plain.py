"""Trials with a plain course, several at once: the same trials as by events, in arrays.

Without an app nothing that happens to a participant changes what happens to another: the clock of
:mod:`sim.simulate` only puts people in order. So the story of a trial can be told of everybody at
once, and of several trials at once::

    interest -> calls -> screening -> run-in, if there is one
        -> who completes the baseline questionnaire first, up to the sample size, is randomized
        -> withdrawal -> questionnaires, visit by visit

Until randomization each trial is for itself; from then on the participants of all trials are rows
of one cohort, trial after trial. Draws are those of the trial by events, and so is every score, to
the last bit. What only the log of a trial needs is left out: harms, and everybody who was not
randomized.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from agents import answering
from agents.population import Patients
from analysis.data.trial_data import TrialData
from scenarios.design.allocation import Minimization
from scenarios.design.run_in import run_in_days
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario
from sim.core.cohort import Cohort, eligible_cohort
from sim.core.streams import Streams
from sim.enrolment.candidates import Candidates, draw_candidates_of_each, traits_decide
from sim.enrolment.clinics import allocate_clinics, clinic_of_patients, draw_clinics
from sim.enrolment.randomization import allocator
from sim.enrolment.screening import screening_days
from sim.followup.plain_scores import draw_normals
from sim.followup.questionnaires import Questionnaires, ResponseDraws, draw_responses
from sim.followup.withdrawal import draw_withdrawals
from sim.simulate import answer_thresholds
from sim.tables.trial_tables import data_of
from sim.trajectories.plain import PlainTrajectories

"""What is known of everybody by the stratum, without a trait."""


class NotAtOnceError(Exception):
    """One of the trials does not go as planned; by events it says itself what is wrong."""


def can_be_at_once(scenario: Scenario) -> bool:
    """Return whether trials of a scenario can be simulated in arrays.

    Not with mechanisms, whose participants have an app, and not with interim looks, which may stop
    recruitment.
    """
    return isinstance(scenario.course, NormalCourse) and not scenario.trial.interim.looks


def trials_at_once(scenario: Scenario, replicates: Sequence[int]) -> list[TrialData]:
    """Simulate trials of a plain course, and return them as the analysis sees them.

    Parameters
    ----------
    scenario
        One that :func:`can_be_at_once`.
    replicates
        Numbers of the trials.

    Returns
    -------
    A trial a replicate. Traits that nothing in the scenario asks for are not in it.

    Raises
    ------
    NotAtOnceError
        If one of the trials would not fill, or its screening falls behind.
    """
    enrolled = _enrol(scenario, replicates)
    cohort = _one_cohort(scenario, enrolled)
    _withdraw(scenario, cohort, np.concatenate([trial.withdrawals for trial in enrolled]))
    course = PlainTrajectories(
        scenario, cohort, np.concatenate([trial.normals for trial in enrolled])
    )
    responses = ResponseDraws(
        *(
            np.concatenate([getattr(trial.answers, name) for trial in enrolled])
            for name in ("person", "reluctance", "lateness")
        )
    )
    questionnaires = Questionnaires(
        scenario, cohort, responses, course.scores_on, course.condition_on
    )
    scores = questionnaires.collect(answer_thresholds(scenario))
    size = scenario.trial.sample_size
    return [
        data_of(scenario, cohort, np.arange(first, first + size), scores)
        for first in range(0, len(cohort.patients), size)
    ]


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """The n participants of one trial in order of randomization, and what they draw.

    Attributes
    ----------
    patients, stratum, clinic, clinic_deviation, arm, entered
        As of :class:`sim.core.cohort.Cohort`.
    withdrawals, normals, answers
        What is drawn for withdrawal, for the scores and for answering.
    """

    patients: Patients
    stratum: np.ndarray
    clinic: np.ndarray
    clinic_deviation: np.ndarray
    arm: np.ndarray
    entered: np.ndarray
    withdrawals: np.ndarray
    normals: np.ndarray
    answers: ResponseDraws


def reads_traits(scenario: Scenario) -> bool:
    """Return whether anything in a trial or its analysis may depend on what somebody is like.

    A user's own analysis is given everything.
    """
    method, of_stratum = scenario.trial.randomization, set(scenario.trial.factors)
    factors: Collection[str] = method.factors if isinstance(method, Minimization) else ()
    return (
        traits_decide(scenario)
        or scenario.followup.missingness != "mcar"
        or (isinstance(scenario.course, NormalCourse) and scenario.course.prognostic)
        or not of_stratum.issuperset(factors)
        or not of_stratum.issuperset(scenario.analysis.covariates)
        or bool(scenario.analysis.own_analyses)
    )


def _enrol(scenario: Scenario, replicates: Sequence[int]) -> list[_Enrolled]:
    """Recruit the participants of each trial, and randomize them."""
    streams = [Streams(scenario.seed, replicate) for replicate in replicates]
    traits = reads_traits(scenario)
    try:
        trials = draw_candidates_of_each(scenario, streams, traits=traits)
    except RuntimeError as error:
        raise NotAtOnceError from error
    screened = screening_days(scenario, trials)
    return [
        _randomize(scenario, of_trial, people, days)
        for of_trial, people, days in zip(streams, trials, screened, strict=True)
    ]


def _randomize(
    scenario: Scenario, streams: Streams, people: Candidates, screened: np.ndarray
) -> _Enrolled:
    """Randomize whoever completes the baseline questionnaire first, until the trial is full."""
    candidates, entered = _first_to_complete(scenario, people, screened)
    cohort = eligible_cohort(people, len(scenario.trial.visits))
    rows = (np.cumsum(people.in_cohort) - 1)[candidates]
    clinics = draw_clinics(scenario, streams)
    cohort.clinic = clinic_of_patients(clinics, cohort.stratum, streams)
    if scenario.clinics.number:
        cohort.clinic_deviation = clinics.deviation[cohort.clinic]
    if scenario.clinics.randomized:
        arm = allocate_clinics(scenario, clinics, streams)[cohort.clinic[rows]]
    else:
        arm = allocator(scenario, streams, cohort).in_turn(rows)
    # Nobody beyond the last row that is randomized has to be drawn: draws belong to the person.
    persons = 1 + int(rows.max())
    answers = draw_responses(scenario, streams, persons)
    return _Enrolled(
        patients=cohort.patients.take(rows),
        stratum=cohort.stratum[rows],
        clinic=cohort.clinic[rows],
        clinic_deviation=cohort.clinic_deviation[rows],
        arm=arm,
        entered=entered,
        withdrawals=draw_withdrawals(streams, persons)[rows],
        normals=draw_normals(scenario, streams, persons)[rows],
        answers=ResponseDraws(
            answers.person[rows], answers.reluctance[rows], answers.lateness[rows]
        ),
    )


def _first_to_complete(
    scenario: Scenario, people: Candidates, screened: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the candidates who are randomized, in order, and the days on which they are.

    Raises
    ------
    NotAtOnceError
        If screening falls behind interest, so that candidates who were not drawn might come first.
    """
    eligible = people.eligible
    ran_in = screened[eligible] + run_in_days(scenario.recruitment.run_in)
    completed = ran_in + people.questionnaire_delay[eligible]
    first = np.argsort(completed, kind="stable")[: scenario.trial.sample_size]
    days = _on_the_clock(completed[first])
    if days[-1] > people.interest_day[-1]:
        raise NotAtOnceError
    return eligible[first], days


def _on_the_clock(days: np.ndarray) -> np.ndarray:
    """Return the days that a clock shows which goes on by the difference to the next of them.

    That differs from the next day itself by rounding, at most, and mostly by nothing: a few rounds
    settle all.
    """
    shown = days
    while True:
        before = np.concatenate([[0.0], shown[:-1]])
        again = before + (days - before)
        if np.array_equal(again, shown):
            return shown
        shown = again


def _one_cohort(scenario: Scenario, trials: Sequence[_Enrolled]) -> Cohort:
    """Return one cohort of the participants of all trials, all of them randomized."""

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(trial, name) for trial in trials])

    patients = Patients(
        _joined_by_name([trial.patients.values for trial in trials]),
        _joined_by_name([trial.patients.scores for trial in trials]),
        np.concatenate([trial.patients.needs for trial in trials]),
    )
    nothing = np.empty((len(patients), 0))
    visits = len(scenario.trial.visits)
    cohort = Cohort(patients, {}, joined("stratum"), nothing, nothing, visits)
    cohort.number = np.arange(len(patients))
    cohort.clinic, cohort.clinic_deviation = joined("clinic"), joined("clinic_deviation")
    cohort.arm, cohort.entered = joined("arm"), joined("entered")
    cohort.entry = cohort.entered.astype(np.int64)
    cohort.answered[:, 0] = 0.0
    return cohort


def _joined_by_name(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _withdraw(scenario: Scenario, cohort: Cohort, draws: np.ndarray) -> None:
    """Settle who withdraws when; why does not matter to the analysis."""
    days = np.array([visit.day for visit in scenario.trial.visits], dtype=float)
    by_arm = np.stack(
        [
            answering.withdrawal_day(own.followup, arm, days, draws)
            for own, arm in zip(scenario.by_arm, scenario.follow_ups, strict=True)
        ]
    )
    cohort.withdraws_after = by_arm[cohort.arm, np.arange(len(cohort.arm))]
