"""One trial as a SimPy environment, from the first expression of interest to the last answer.

The clock counts days since the trial opened. The story, as its processes tell it::

    interest -> contact -> screening -> baseline questionnaire -> randomization      (recruitment)
        -> follow-up: invitation, reminders, answer or silence, withdrawal            (followup)
        -> app arm: installation -> every week a tailoring session                    (intervention)
                                        -> the recommender answers a day's sessions in one batch
                    every day: the app is opened or not, exercise, steps, wristband, benefit
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import simpy
from scipy import special

from agents.calendar import Calendar
from agents.step_sources import StepRecording
from agents.symptoms import LEAD_IN, CourseDraws, NaturalCourse, natural_course
from scenarios.course import MechanisticCourse
from scenarios.design import Design
from scenarios.schema import Scenario
from sim.app_records import AppRecords
from sim.candidates import draw_candidates
from sim.cohort import Cohort
from sim.followup import FollowUp, longest_follow_up, plan_answers
from sim.intervention import Intervention
from sim.randomization import INTERVENTION, Randomizer
from sim.recommenders import build_recommender
from sim.recruitment import Recruitment
from sim.scoring import item_answers, mechanistic_scores, normal_scores
from sim.streams import Mechanism, Streams
from sim.tailoring import PlanBatch


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that happened in one simulated trial.

    Attributes
    ----------
    scenario, replicate
        What was simulated.
    cohort
        State of all eligible candidates; ``cohort.randomized`` are the participants.
    fates
        How many candidates met each fate until the trial was full.
    recruitment_days
        Days from opening to the last randomization.
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

    def scores_when_due(self) -> dict[str, np.ndarray]:
        """Return what everybody would have answered on the days questionnaires were due."""
        due = np.array([0, *(visit.day for visit in self.scenario.trial.visits)])
        days = np.broadcast_to(due, (len(self.cohort.patients), len(due)))
        streams = Streams(self.scenario.seed, self.replicate)
        return _scores(self.scenario, streams, self.cohort, self.natural, self.records, days)

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return the answers to all items: code to (rows, visits + 1), NaN where not answered."""
        if self.natural is None:
            return {}
        streams = Streams(self.scenario.seed, self.replicate)
        return item_answers(
            self.scenario, streams, self.cohort, self.natural, self.records,
            self.cohort.answered_days(),
        )  # fmt: skip


def simulate(scenario: Scenario, replicate: int, *, flipped: bool = False) -> Trial:
    """Simulate one trial.

    Parameters
    ----------
    scenario
        The trial to simulate; its seed is the root of all luck.
    replicate
        Number of the replicate, at least 0.
    flipped
        Give everybody the other arm: the same trial's other half.

    Raises
    ------
    RuntimeError
        If hardly any candidate is eligible, so that the trial would not fill.
    """
    streams = Streams(scenario.seed, replicate)
    candidates = draw_candidates(scenario, streams)
    eligible = candidates.eligible
    cohort = Cohort(
        candidates.patients.take(eligible),
        candidates.leaning[eligible],
        candidates.stratum[eligible],
        len(scenario.trial.visits),
    )
    columns = LEAD_IN + longest_follow_up(scenario) + 1
    env = simpy.Environment()
    follow_up = FollowUp(
        env, scenario, cohort, plan_answers(scenario, streams, cohort.patients.scores["age"])
    )
    natural, intervention, calendar = None, None, None
    if isinstance(scenario.course, MechanisticCourse):
        draws = _course_draws(streams, len(eligible), columns)
        natural = natural_course(
            scenario.course,
            scenario.population,
            cohort.patients,
            _mean_contacts(scenario.course, scenario.trial, cohort.stratum),
            draws,
        )
        recommender = build_recommender(scenario, streams)
        calendar = Calendar(scenario.course, scenario.trial.opens)
        intervention = Intervention(env, scenario, streams, cohort, natural, recommender)

    def enrolled(row: int) -> None:
        if natural is not None and calendar is not None:
            calendar.pass_over(natural, row, int(cohort.entry[row]))
        follow_up.start(row)
        if intervention is not None and cohort.arm[row] == INTERVENTION:
            intervention.start(row)

    randomizer = Randomizer(scenario.trial, streams, flipped=flipped)
    recruitment = Recruitment(env, scenario, candidates, cohort, randomizer, enrolled)
    env.run(until=recruitment.full)
    recruitment_days = env.now
    env.run(until=int(env.now) + columns - LEAD_IN + 1)

    records = intervention.records if intervention else AppRecords(0, LEAD_IN)
    return Trial(
        scenario=scenario,
        replicate=replicate,
        cohort=cohort,
        fates=recruitment.fates,
        recruitment_days=recruitment_days,
        scores=_scores(scenario, streams, cohort, natural, records, cohort.answered_days()),
        natural=natural,
        records=records,
        plan_log=intervention.plan_log if intervention else [],
        recording=intervention.recording if intervention else None,
    )


def _scores(
    scenario: Scenario,
    streams: Streams,
    cohort: Cohort,
    natural: NaturalCourse | None,
    records: AppRecords,
    days: np.ndarray,
) -> dict[str, np.ndarray]:
    if natural is None:
        return normal_scores(scenario, streams, cohort, days)
    return mechanistic_scores(scenario, streams, cohort, natural, records, days)


def _mean_contacts(course: MechanisticCourse, design: Design, stratum: np.ndarray) -> np.ndarray:
    """Return the mean number of contacts with the kind of clinician of each row."""
    contacts = course.usual_care.contacts
    return np.take([contacts.get(s.clinician, 0.0) for s in design.strata], stratum)


def _course_draws(streams: Streams, persons: int, columns: int) -> CourseDraws:
    once = streams.generator(Mechanism.COURSE)
    per_person = once.random((persons, 3))
    care = streams.generator(Mechanism.USUAL_CARE).random(persons)
    return CourseDraws(
        kind=per_person[:, 0],
        recovery=special.ndtri(per_person[:, 1]),
        speed=special.ndtri(per_person[:, 2]),
        contacts=care,
        pain_swing=streams.normals(Mechanism.PAIN_SWING, persons, columns),
        pain_day=streams.normals(Mechanism.PAIN_DAY, persons, columns),
        disability_swing=streams.normals(Mechanism.DISABILITY_SWING, persons, columns),
        flare=streams.uniforms(Mechanism.FLARE, persons, columns),
    )
