"""The weekly tailoring session: what the app asks, what the recommender answers, what is kept."""

import numpy as np

from agents.pathway import Benefit, plan_fit
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Recommender, Requests
from scenarios.schema import Scenario
from sim.app_records import AppRecords
from sim.cohort import Cohort
from sim.streams import Mechanism, Streams

_PAIN, _DISABILITY, _STEPS = (FEATURES.index(name) for name in ("pain", "disability", "steps"))
_PROGRESSION = ATTRIBUTES.index("progression")


class Tailoring:
    """Turns waiting sessions into requests, and plans into what participants follow.

    Attributes
    ----------
    has_plan
        (n,) whether a plan was made so far.
    step_goal
        (n,) steps a day asked for, infinite without a plan.
    fit
        (n, 3) fit of the current plan's exercise, education and step goal to the patient.
    plan_log
        One entry a batch: (day, rows, week, plans, step goal, similarity, revised, fit).
    """

    def __init__(
        self,
        scenario: Scenario,
        streams: Streams,
        cohort: Cohort,
        natural: NaturalCourse,
        recommender: Recommender,
        records: AppRecords,
    ) -> None:
        n, columns = natural.pain.shape
        self._scenario, self._cohort = scenario, cohort
        self._natural, self._recommender, self._records = natural, recommender, records
        self._weeks = (columns - LEAD_IN) // 7 + 1
        luck = streams.uniforms(Mechanism.RANDOM_PLAN, n, self._weeks * len(ATTRIBUTES))
        self._luck = luck.reshape(n, self._weeks, len(ATTRIBUTES))
        self._plans = np.full((n, len(ATTRIBUTES)), np.nan)
        self._usual = np.column_stack([cohort.patients.values[name] for name in FEATURES])
        self._week_pain = _trailing_mean(natural.pain)
        self._features = np.full((n, len(FEATURES)), np.nan)
        self._sessions_done = np.zeros(n)
        self.has_plan = np.zeros(n, dtype=bool)
        self.step_goal = np.full(n, np.inf)
        self.fit = np.zeros((n, 3))
        self.plan_log: list[PlanBatch] = []

    def plan(self, rows: np.ndarray, today: int, benefit: Benefit) -> None:
        """Answer the sessions of one evening: learn from last week, then make new plans."""
        cohort, settings = self._cohort, self._scenario.recommender
        column = today - cohort.entry[rows] + LEAD_IN
        week = (today - cohort.installed[rows]) // 7
        recent = self._records.recent_steps(rows, column)
        features = self._current_features(rows, column, recent, benefit)
        self._learn(rows, features)
        answer = self._recommender.recommend(
            Requests(features, self._plans[rows], recent, self._luck[rows, week])
        )
        plans = answer.attributes
        usual = np.where(np.isnan(recent), settings.first_steps, recent)
        goal = usual * (1.0 + settings.step_rise * plans[:, _PROGRESSION])
        fits = plan_fit(plans, cohort.patients.needs[rows], self._scenario.pathway.fit_width)
        self._plans[rows] = plans
        self._features[rows] = features
        self._sessions_done[rows] = self._records.exercise_sessions[rows]
        self.step_goal[rows] = goal
        self.fit[rows] = np.column_stack([fits[:, :2].mean(axis=1), fits[:, 2], fits[:, 3]])
        self.has_plan[rows] = True
        self.plan_log.append(
            (today, rows, week, plans, goal, answer.similarity, answer.revised, self.fit[rows])
        )

    def _current_features(
        self, rows: np.ndarray, column: np.ndarray, recent: np.ndarray, benefit: Benefit
    ) -> np.ndarray:
        """Return what the app knows today, columns in the order of ``FEATURES``."""
        relief = self._scenario.pathway.pain_from_capacity * benefit.capacity[rows]
        disability = self._natural.disability[rows, column] - (
            self._usual[rows, _DISABILITY] * benefit.disability_relief[rows]
        )
        features = np.take(self._usual, rows, axis=0)
        features[:, _PAIN] = self._week_pain[rows, column] * (1.0 - relief)
        features[:, _DISABILITY] = np.clip(disability, 0.0, 24.0)
        features[:, _STEPS] = np.where(
            np.isnan(recent), self._scenario.recommender.first_steps, recent
        )
        return features

    def _learn(self, rows: np.ndarray, features: np.ndarray) -> None:
        """Tell the recommender how the plans made before have gone."""
        known = self.has_plan[rows]
        if not known.any():
            return
        earlier = rows[known]
        asked = self._scenario.recommender.sessions_per_week
        done = np.minimum(
            (self._records.exercise_sessions[earlier] - self._sessions_done[earlier]) / asked, 1.0
        )
        eased = self._features[earlier, _PAIN] - features[known, _PAIN]
        better = np.clip(0.5 + eased / 4.0, 0.0, 1.0)
        self._recommender.learn(
            Experience(self._features[earlier], self._plans[earlier], 0.5 * (done + better))
        )


def _trailing_mean(daily: np.ndarray) -> np.ndarray:
    """Return the mean of each day and the six before it, (n, days); the first six are not used."""
    total = np.cumsum(daily, axis=1, dtype=float)
    total[:, 7:] -= total[:, :-7].copy()
    return total / 7.0


PlanBatch = tuple[
    int, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray
]
