"""The plain course: scores at the visits, and nothing between them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.symptoms import LEAD_IN
from scenarios.schema import Scenario
from sim.app.records import AppRecords
from sim.app.tailoring import PlanBatch
from sim.core.cohort import Cohort
from sim.core.streams import Streams
from sim.followup.answers import due_days
from sim.followup.plain_scores import draw_normals, plain_scores
from sim.followup.questionnaires import Condition
from sim.recommenders.lessons import Lesson


@dataclass(frozen=True)
class PlainTrajectories:
    """What participants with a plain course would answer.

    Attributes
    ----------
    scenario, cohort
        What is simulated, and who there is.
    normals
        (n, outcomes, visits + 1) standard normals behind the scores, see
        :func:`sim.followup.plain_scores.draw_normals`.
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
    def lessons(self) -> list[list[Lesson]]:
        """What no recommender learned."""
        return []

    def scores_on(self, days: np.ndarray, *, shifted: bool = True) -> dict[str, np.ndarray]:
        """Return what all rows would answer on given days, see :meth:`sim.trial.Trial.scores_on`.

        A plain course has a score for each visit, whatever the day on which it is given.
        """
        scores = self._scores if shifted else self._states
        return {name: np.where(days >= 0, values, np.nan) for name, values in scores.items()}

    def condition_on(self, day: int) -> Condition:
        """Return how all rows are on the day of a visit, reported or not.

        Disability is the primary outcome as it would be given, without what expectation adds; pain
        stays at its baseline, or is nothing where there is none.
        """
        cohort = self.cohort
        primary = self._states[self.scenario.analysis.primary_outcome]
        to_app = np.isin(cohort.arm, self.scenario.app_arms)
        unused = to_app & ~cohort.uses_app(cohort.entry + day)
        pain = cohort.patients.values.get("pain", np.zeros(len(cohort.patients)))
        return Condition(pain, primary[:, due_days(self.scenario).index(day)], unused)

    def more_pain(self, rows: np.ndarray, _days: np.ndarray) -> np.ndarray:
        """Return no pain above that at baseline: there is none between the visits."""
        return np.zeros(len(rows))

    @cached_property
    def _scores(self) -> dict[str, np.ndarray]:
        """What all rows would answer once they are randomized."""
        return plain_scores(self.scenario, self.normals, self.cohort)

    @cached_property
    def _states(self) -> dict[str, np.ndarray]:
        """The same without what expectation adds."""
        if not self.scenario.reporting.shifts:
            return self._scores
        return plain_scores(self.scenario, self.normals, self.cohort, shifted=False)

    def daily_symptoms(self) -> dict[str, np.ndarray]:
        """Return no symptoms: there are none between the visits."""
        return {}

    def care(self) -> None:
        """Return no care: nobody has any between the visits."""

    def item_answers(self) -> dict[str, np.ndarray]:
        """Return no answers to items: the scores are drawn as such."""
        return {}


class PlainRun:
    """A plain course while the clock runs: nothing happens to anybody."""

    def __init__(self, scenario: Scenario, streams: Streams, cohort: Cohort) -> None:
        normals = draw_normals(scenario, streams, len(cohort.patients))
        self.trajectories = PlainTrajectories(scenario, cohort, normals)

    def enrol(self, row: int) -> None:
        """Take note of a randomization."""

    def close(self) -> None:
        """Let go of what ran."""
