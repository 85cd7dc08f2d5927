"""One trial as a SimPy environment, from the first expression of interest to the last answer.

The clock counts days since the trial opened. The story, as its processes tell it::

    interest -> calls -> screening -> run-in, if there is one
        -> baseline questionnaire -> randomization                                   (recruitment)
        -> follow-up: withdrawal                                                      (followup)
        -> adverse events: report -> review at the weekly meeting                     (safety)
        -> app arm: installation -> every week a tailoring session                    (intervention)
                                        -> the recommender answers a day's sessions in one batch
                    every day: the app is opened or not, exercise, steps, wristband, benefit

When the clock has stopped, the questionnaires are collected visit by visit: invitation, reminders,
answer or silence (:mod:`sim.followup.questionnaires`).
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import special

from agents import answering
from agents.barriers import LOADS, PatientLimits, draw_limits
from agents.calendar import Calendar
from agents.step_sources import StepRecording
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import ATTRIBUTES, Experience, Recommender
from scenarios.arms import INTERVENTION, other_arm
from scenarios.errors import InputError
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.intervention import Intervention
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.core.clock import Clock
from sim.core.cohort import Cohort, eligible_cohort
from sim.core.reference_trial import reference_trial
from sim.core.streams import Mechanism, Streams
from sim.core.usual_care import usual_care
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.clinics import allocate_clinics, clinic_of_patients, draw_clinics, recovery_sd
from sim.enrolment.randomization import allocator
from sim.enrolment.recruitment import Recruitment
from sim.followup.answers import (
    daily_symptoms,
    felt,
    item_answers,
    mechanistic_scores,
    normal_scores,
)
from sim.followup.questionnaires import (
    Condition,
    Questionnaires,
    draw_answer_luck,
    longest_follow_up,
)
from sim.followup.safety import Safety
from sim.followup.withdrawal import FollowUp
from sim.recommenders.build import build_recommender
from sim.recommenders.own import let_go
from sim.recommenders.pilot import Observed, successful_cases


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that happened in one simulated trial.

    Attributes
    ----------
    scenario, replicate
        What was simulated.
    cohort
        State of all who may be randomized; ``cohort.randomized`` are the participants.
    fates
        How many candidates met each fate until the trial was full.
    recruitment_days
        Days from opening to the last randomization, or to the end of a stopped trial's recruitment.
    scores
        Outcome to (rows, visits + 1) scores, NaN where not answered; rows as in ``cohort``.
    natural
        The course under usual care, or None with a normal course.
    records, plan_log
        App use and plans; empty with a normal course.
    recording
        What step sources do, by day since installation, or None with a normal course.
    """

    scenario: Scenario
    replicate: int
    cohort: Cohort
    fates: Counter[str]
    recruitment_days: float
    scores: dict[str, np.ndarray]
    natural: NaturalCourse | None
    records: AppRecords
    plan_log: list[PlanBatch]
    recording: StepRecording | None

    @property
    def last_day(self) -> float:
        """Day of the clock on which all questionnaires are in, or the trial was stopped."""
        last = np.ceil(np.max(self.cohort.entered[self.cohort.randomized]))
        return float(min(last + longest_follow_up(self.scenario), self.cohort.closes))

    def scores_when_due(self) -> dict[str, np.ndarray]:
        """Return what everybody would have answered on the days questionnaires were due."""
        due = np.array([0, *(visit.day for visit in self.scenario.trial.visits)])
        return self.scores_on(np.broadcast_to(due, (len(self.cohort.patients), len(due))))

    def scores_on(self, days: np.ndarray) -> dict[str, np.ndarray]:
        """Return what all rows would answer on given days after randomization.

        Parameters
        ----------
        days
            (rows, visits + 1) whole days; negative where nobody answers, which gives NaN.
        """
        streams = Streams(self.scenario.seed, self.replicate)
        if self.natural is None:
            return normal_scores(self.scenario, streams, self.cohort, days)
        return mechanistic_scores(
            self.scenario, streams, self.cohort, self.natural, self.records, days
        )

    def condition_on(self, day: int) -> Condition:
        """Return how all rows are on a day after randomization, reported or not.

        Under a normal course, disability is the score that would be given at the visit due that
        day, and pain stays at its baseline.
        """
        cohort = self.cohort
        unused = (cohort.arm == INTERVENTION) & ~cohort.uses_app(cohort.entry + day)
        if self.natural is None:
            visit = [visit.day for visit in self.scenario.trial.visits].index(day) + 1
            (scores,) = self.scores_when_due().values()
            return Condition(cohort.patients.values["pain"], scores[:, visit], unused)
        pain, disability = felt(self.scenario, cohort, self.natural, self.records, day + LEAD_IN)
        return Condition(pain, disability, unused)

    def daily_symptoms(self) -> dict[str, np.ndarray]:
        """Return every day's pain and disability.

        See :func:`sim.followup.answers.daily_symptoms`.
        """
        if self.natural is None:
            return {}
        return daily_symptoms(self.scenario, self.cohort, self.natural, self.records)

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return the answers to all items: code to (rows, visits + 1), NaN where not answered."""
        if self.natural is None:
            return {}
        streams = Streams(self.scenario.seed, self.replicate)
        return item_answers(
            self.scenario, streams, self.cohort, self.natural, self.records,
            self.cohort.answered_days(),
        )  # fmt: skip


def simulate(
    scenario: Scenario, replicate: int, *, flipped: bool = False, closes: float = np.inf
) -> Trial:
    """Simulate one trial.

    Parameters
    ----------
    scenario
        The trial to simulate; its seed is the root of all luck.
    replicate
        Number of the replicate, at least 0.
    flipped
        Give everybody the other arm: the same trial's other half.
    closes
        Whole day of the trial's clock before which recruitment and follow-up end, whatever the
        scenario says; up to then all happens as it would without.

    Raises
    ------
    RuntimeError
        If hardly any candidate is eligible, so that the trial would not fill, or if screening
        falls far behind interest.
    """
    trial, questionnaires = _live(scenario, replicate, flipped=flipped, closes=closes)
    return replace(trial, scores=questionnaires.collect(answer_thresholds(scenario)))


def simulate_unasked(scenario: Scenario, replicate: int, *, flipped: bool = False) -> Trial:
    """Simulate a trial in which nobody is sent a questionnaire; see :func:`simulate`.

    Nothing that happens in a trial depends on the answers, so the lives are the same: what is
    missing are the scores that were given, but not those on the days they were due.
    """
    return _live(scenario, replicate, flipped=flipped)[0]


def answer_thresholds(scenario: Scenario) -> np.ndarray:
    """Return the thresholds of answering at which the stated shares answer, (2, visits, contacts).

    Under MCAR they have a closed form. Otherwise they depend on how those who are asked fare in
    each arm: they are solved for in a reference trial of the same scenario, with luck of its own
    that is the same for every seed, size and replicate. So they belong to the scenario, and neither
    the size of a trial nor who happens to be in it moves anybody's answers. A reference trial is
    simulated once in a process for all scenarios that differ in nothing that matters to it.
    """
    follow = scenario.followup
    if follow.missingness == "mcar":
        shares = np.stack([answering.contact_shares(follow, arm) for arm in follow.arms])
        return np.asarray(special.ndtri(shares))
    return _reference_thresholds(reference_trial(scenario).model_dump_json())


@lru_cache(maxsize=32)
def _reference_thresholds(reference: str) -> np.ndarray:
    _, questionnaires = _live(Scenario.model_validate_json(reference, strict=True), 0)
    return questionnaires.calibrate()


def recommender_alone(scenario: Scenario, replicate: int) -> Recommender:
    """Return the recommender of a trial, to be asked outside of it.

    Raises
    ------
    InputError
        If there is none, it needs to know more than it is told, or it cannot be made.
    """
    kind = scenario.recommender.kind
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
    def run(pilot: Scenario, experience: list[Experience]) -> None:
        _live(pilot, 0, experience=experience)

    return successful_cases(Scenario.model_validate_json(scenario, strict=True), run)


def _live(
    scenario: Scenario,
    replicate: int,
    *,
    flipped: bool = False,
    closes: float = np.inf,
    experience: list[Experience] | None = None,
) -> tuple[Trial, Questionnaires]:
    """Let the clock of a trial run; its questionnaires are still to be collected.

    Where asked for, how plans went is added to ``experience``.
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
    follow_up = FollowUp(env, scenario, streams, cohort)
    safety = Safety(env, scenario, streams, cohort)
    natural, intervention, calendar, recommender = None, None, None, None
    if isinstance(scenario.course, MechanisticCourse):
        gain = recovery_sd(scenario) * cohort.clinic_deviation
        natural = usual_care(scenario, streams, cohort, columns, gain)
        needs = cohort.patients.needs
        recommender = build_recommender(scenario, streams, needs, _pilot_cases)
        if recommender is not None and experience is not None:
            recommender = Observed(recommender, experience)
        calendar = Calendar(scenario.course, scenario.shock, scenario.trial.opens)
        limits = _limits(scenario, streams, cohort)
        intervention = Intervention(env, scenario, streams, cohort, natural, limits, recommender)

    def enrolled(row: int) -> None:
        if natural is not None and calendar is not None:
            calendar.pass_over(natural, row, int(cohort.entry[row]))
        follow_up.start(row)
        safety.start(row)
        if intervention is not None and cohort.arm[row] == INTERVENTION:
            intervention.start(row)

    arm_of_clinic = allocate_clinics(scenario, clinics, streams)
    own_arm = allocator(scenario.trial, streams, cohort)

    def allocate(row: int) -> int:
        by_clinic = scenario.clinics.randomized
        arm = int(arm_of_clinic[cohort.clinic[row]]) if by_clinic else own_arm(row)
        return other_arm(arm) if flipped else arm

    recruitment = Recruitment(env, scenario, candidates, cohort, allocate, enrolled)
    try:
        env.run(until=recruitment.full)
        recruitment_days = env.now
        end = min(int(env.now) + columns - LEAD_IN + 1, closes)
        if end > env.now:
            env.run(until=end)
    finally:
        env.close()
        let_go(recommender)

    cohort.forget_later_withdrawals()
    records = intervention.records if intervention else AppRecords(0, LEAD_IN)
    trial = Trial(
        scenario=scenario,
        replicate=replicate,
        cohort=cohort,
        fates=recruitment.fates,
        recruitment_days=recruitment_days,
        scores={},
        natural=natural,
        records=records,
        plan_log=intervention.plan_log if intervention else [],
        recording=intervention.recording if intervention else None,
    )
    luck = draw_answer_luck(scenario, streams, len(cohort.patients))
    return trial, Questionnaires(scenario, cohort, luck, trial.scores_on, trial.condition_on)


def _limits(scenario: Scenario, streams: Streams, cohort: Cohort) -> PatientLimits:
    draws = streams.generator(Mechanism.LIMITS).random((len(cohort.patients), 1 + len(LOADS)))
    return draw_limits(
        scenario.limits,
        scenario.population,
        cohort.patients,
        special.ndtri(draws[:, 0]),
        draws[:, 1:],
    )
