"""The plain course: scores at the visits, and nothing between them."""

from dataclasses import dataclass

import numpy as np

from agents.symptoms import LEAD_IN
from scenarios.arms import INTERVENTION
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, normals_by_name
from sim.followup.answers import due_days, normal_scores
from sim.followup.questionnaires import Condition
from sim.recommenders.lessons import Lesson


@dataclass(frozen=True, slots=True)
class PlainTrajectories:
    """What participants with a plain course would answer.

    Attributes
    ----------
    scenario, cohort
        What is simulated, and who there is.
    normals
        (n, visits + 1) standard normals behind the scores, see :func:`draw_normals`.
    records, plan_log
        Empty: nobody has an app.
    """

    scenario: Scenario
    cohort: Cohort
    normals: np.ndarray

    @property
    def records(self) -> AppRecords:
        """The app use of nobody."""
        return AppRecords.blank(0, LEAD_IN)

    @property
    def plan_log(self) -> list[PlanBatch]:
        """The plans of nobody."""
        return []

    @property
    def lessons(self) -> list[Lesson]:
        """What no recommender learned."""
        return []

    def scores_on(self, days: np.ndarray) -> dict[str, np.ndarray]:
        """Return what all rows would answer on given days, see :meth:`sim.trial.Trial.scores_on`.

        A plain course has a score for each visit, whatever the day on which it is given.
        """
        return normal_scores(self.scenario, self.normals, self.cohort, days)

    def condition_on(self, day: int) -> Condition:
        """Return how all rows are on the day of a visit, reported or not.

        Disability is the score that would be given; pain stays at its baseline.
        """
        cohort, visits = self.cohort, self.scenario.trial.visits
        due = np.array([0, *(visit.day for visit in visits)])
        scores = self.scores_on(np.broadcast_to(due, (len(cohort.patients), len(due))))
        (outcome,) = scores.values()
        unused = (cohort.arm == INTERVENTION) & ~cohort.uses_app(cohort.entry + day)
        visit = [visit.day for visit in visits].index(day) + 1
        return Condition(cohort.patients.values["pain"], outcome[:, visit], unused)

    def daily_symptoms(self) -> dict[str, np.ndarray]:
        """Return no symptoms: there are none between the visits."""
        return {}

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return no answers to items: the scores are drawn as such."""
        return {}


def draw_normals(scenario: Scenario, streams: Streams, persons: int) -> np.ndarray:
    """Draw what is behind the scores of some persons, (persons, visits + 1) standard normals."""
    names = [str(day) for day in due_days(scenario)]
    return normals_by_name(streams.generator(Mechanism.NORMAL_SCORES), names, persons).T


class PlainRun:
    """A plain course while the clock runs: nothing happens to anybody."""

    def __init__(self, scenario: Scenario, streams: Streams, cohort: Cohort) -> None:
        normals = draw_normals(scenario, streams, len(cohort.patients))
        self.trajectories = PlainTrajectories(scenario, cohort, normals)

    def enrol(self, row: int) -> None:
        """Take note of a randomization."""

    def close(self) -> None:
        """Let go of what ran."""
