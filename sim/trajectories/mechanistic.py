"""The mechanistic course: symptoms from day to day, eased by what the app moves people to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import simpy

from agents.calendar import Calendar
from agents.pathway import felt_pain
from agents.step_sources import StepRecording
from agents.symptoms import LEAD_IN, NaturalCourse
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.all_arms import Build, Interventions, recording_of_all
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.care.events import CareEvents, sick_leave
from sim.care.life import CareClock, CareLife
from sim.core.cohort import Cohort
from sim.core.streams import Streams
from sim.core.usual_care import usual_care
from sim.followup.answers import daily_symptoms, felt, item_answers, mechanistic_scores
from sim.followup.questionnaires import Condition
from sim.recommenders.lessons import Lesson


@dataclass(frozen=True, slots=True)
class MechanisticTrajectories:
    """How participants with a mechanistic course fared day by day.

    Attributes
    ----------
    scenario, streams, cohort
        What is simulated, its random streams, and who there is.
    natural
        The course of all rows under usual care.
    records, plan_log
        App use and its effects day by day, and the plans made, an entry an evening.
    recordings
        Arm to what the step sources of all rows would do in it, by day since installation.
    lessons
        What each recommender learned, in order.
    contacts
        With health care, as :attr:`sim.care.life.CareLife.contacts`, if they were made while the
        clock ran.
    """

    scenario: Scenario
    streams: Streams
    cohort: Cohort
    natural: NaturalCourse
    records: AppRecords
    plan_log: list[PlanBatch]
    recordings: Mapping[int, StepRecording]
    lessons: Sequence[Sequence[Lesson]]
    contacts: np.ndarray | None

    @property
    def recording(self) -> StepRecording:
        """What step sources do, each row's in its arm, by day since installation."""
        return recording_of_all(self.recordings, self.cohort.arm)

    def scores_on(self, days: np.ndarray, *, shifted: bool = True) -> dict[str, np.ndarray]:
        """Return what all rows would answer on given days, as :meth:`sim.trial.Trial.scores_on`."""
        return mechanistic_scores(
            self.scenario, self.streams, self.cohort, self.natural, self.records, days,
            shifted=shifted,
        )  # fmt: skip

    def condition_on(self, day: int) -> Condition:
        """Return how all rows are on a day after randomization, reported or not."""
        cohort = self.cohort
        to_app = np.isin(cohort.arm, self.scenario.app_arms)
        unused = to_app & ~cohort.uses_app(cohort.entry + day)
        pain, disability = felt(self.scenario, cohort, self.natural, self.records, day + LEAD_IN)
        return Condition(pain, disability, unused)

    def more_pain(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Return mean pain of the week before days after randomization, above that at baseline."""
        week = (days + LEAD_IN)[:, None] + np.arange(-7, 0)
        pain = felt_pain(
            self.scenario.mechanisms.pathway,
            self.natural.pain[rows[:, None], week],
            self.records.capacity[rows[:, None], week],
            self.records.flare[rows[:, None], week],
        )
        return np.asarray(pain.mean(axis=1) - self.cohort.patients.values["pain"][rows])

    def daily_symptoms(self) -> dict[str, np.ndarray]:
        """Return every day's symptoms, as :func:`sim.followup.answers.daily_symptoms`."""
        return daily_symptoms(self.scenario, self.cohort, self.natural, self.records)

    def care(self) -> CareEvents | None:
        """Return contacts with health care and sick leave; None where the scenario has none."""
        care = self.scenario.care
        if care is None:
            return None
        contacts = self.contacts
        if contacts is None:
            life = CareLife(
                self.scenario, care, self.streams, self.cohort, self.natural, self.records
            )
            life.afterwards(self.cohort.randomized)
            contacts = life.contacts
        spells = sick_leave(self.scenario, care, self.streams, self.cohort, self.daily_symptoms())
        return CareEvents(contacts, spells)

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return the answers to all items: code to (rows, visits + 1), NaN where not answered."""
        return item_answers(
            self.scenario, self.streams, self.cohort, self.natural, self.records,
            self.cohort.answered_days(),
        )  # fmt: skip


class MechanisticRun:
    """A mechanistic course while the clock runs: who is randomized to the app begins to use it."""

    def __init__(
        self,
        env: simpy.Environment,
        scenario: Scenario,
        course: MechanisticCourse,
        streams: Streams,
        cohort: Cohort,
        columns: int,
        gain: np.ndarray,
        build: Build,
        lessons: Sequence[Sequence[Lesson]] | None,
        only: int | None,
    ) -> None:
        """Let all rows live through ``columns`` days, the lead-in included, under usual care.

        ``gain`` is what each one's clinic adds to recovery; ``build`` makes recommenders;
        ``lessons`` are those of each in the trial as it was randomized, if this is a
        counterfactual to it; ``only`` is the arm that everybody is in, if there is one.
        """
        natural = usual_care(scenario, streams, cohort, columns, gain)
        self._cohort, self._natural = cohort, natural
        self._calendar = Calendar(course, scenario.shock, scenario.trial.opens)
        given = Interventions(env, scenario, streams, cohort, natural, build, lessons, only)
        self._given = given
        care, life = scenario.care, None
        self._care: CareClock | None = None
        if care is not None and care.relieves:
            life = CareLife(scenario, care, streams, cohort, natural, given.records)
            self._care = CareClock(env, scenario, life, given.uses_app)
        self.trajectories = MechanisticTrajectories(
            scenario, streams, cohort, natural,
            given.records, given.plan_log, given.recordings, given.lessons,
            None if life is None else life.contacts,
        )  # fmt: skip

    def enrol(self, row: int) -> None:
        """Let the calendar pass over a participant randomized just now, and begin app use."""
        self._calendar.pass_over(self._natural, row, int(self._cohort.entry[row]))
        if self._care is not None:
            self._care.enrol(row)
        self._given.start(row)

    def close(self) -> None:
        """Let go of the recommenders, and note who uses the app to the end."""
        self._given.close()
