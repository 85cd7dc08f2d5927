"""What a trial is, once it has been simulated; :mod:`sim.simulate` tells how it comes about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.care.events import CareEvents
from sim.core.cohort import Cohort
from sim.followup.questionnaires import longest_follow_up
from sim.recommenders.lessons import Lesson
from sim.trajectories.mechanistic import MechanisticTrajectories
from sim.trajectories.plain import PlainTrajectories


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
    trajectories
        How everybody fared, under the scenario's model of the course.
    """

    scenario: Scenario
    replicate: int
    cohort: Cohort
    fates: Counter[str]
    recruitment_days: float
    scores: dict[str, np.ndarray]
    trajectories: PlainTrajectories | MechanisticTrajectories

    @property
    def records(self) -> AppRecords:
        """App use, day by day; of nobody with a plain course."""
        return self.trajectories.records

    @property
    def plan_log(self) -> list[PlanBatch]:
        """The plans made, an entry an evening; none with a plain course."""
        return self.trajectories.plan_log

    @property
    def lessons(self) -> Sequence[Sequence[Lesson]]:
        """What each recommender learned, evening by evening; nothing with a plain course."""
        return self.trajectories.lessons

    @property
    def last_day(self) -> float:
        """Day of the clock on which all questionnaires are in, or the trial was stopped."""
        last = np.ceil(np.max(self.cohort.entered[self.cohort.randomized]))
        return float(min(last + longest_follow_up(self.scenario), self.cohort.closes))

    def scores_when_due(self, *, shifted: bool = True) -> dict[str, np.ndarray]:
        """Return what everybody would have answered on the days questionnaires were due.

        See :meth:`scores_on`.
        """
        due = np.array([0, *(visit.day for visit in self.scenario.trial.visits)])
        return self.scores_on(
            np.broadcast_to(due, (len(self.cohort.patients), len(due))), shifted=shifted
        )

    def scores_on(self, days: np.ndarray, *, shifted: bool = True) -> dict[str, np.ndarray]:
        """Return what all rows would answer on given days after randomization.

        Parameters
        ----------
        days
            (rows, visits + 1) whole days; negative where nobody answers, which gives NaN.
        shifted
            Whether with what expectation (``[reporting]``) adds to the answers. Without it they
            are those of the state, with the same errors of measurement.
        """
        return self.trajectories.scores_on(days, shifted=shifted)

    def daily_symptoms(self) -> dict[str, np.ndarray]:
        """Return every day's pain and disability; none with a plain course."""
        return self.trajectories.daily_symptoms()

    def care(self) -> CareEvents | None:
        """Return contacts with health care and sick leave; None where the scenario has none."""
        return self.trajectories.care()

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return the answers to all items: code to (rows, visits + 1), NaN where not answered."""
        return self.trajectories.item_answers()
