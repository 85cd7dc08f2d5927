"""The weekly tailoring session: what the app asks, what the recommender answers, what is kept."""

from dataclasses import dataclass

import numpy as np

from agents.pathway import plan_fit
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Recommender, Requests
from scenarios.schema import Scenario
from sim.app_days import AppDays
from sim.app_luck import QUESTIONS, AppLuck
from sim.app_records import AppRecords
from sim.app_users import AppUsers
from sim.cohort import Cohort

_PAIN, _DISABILITY, _STEPS = (FEATURES.index(name) for name in ("pain", "disability", "steps"))
_PROGRESSION = ATTRIBUTES.index("progression")
_ASKED_PAIN, _ASKED_FUNCTION = QUESTIONS.index("pain"), QUESTIONS.index("function")
DAYS_BETWEEN = 7
"""Days from a tailoring session until the next one is due; plans are for a week."""


@dataclass(frozen=True, slots=True)
class PlanBatch:
    """Plans made on one evening.

    Attributes
    ----------
    day
        Day of the trial.
    rows, week
        (m,) for whom, and weeks since their installation.
    answered
        (m,) questions answered in the session.
    attributes
        (m, attributes) the plans.
    step_goal
        (m,) steps a day asked for.
    similarity, revised
        (m,) see :class:`recommender.protocol.Plans`.
    fit
        (m, 3) fit of exercise, education and step goal to the patient, 0 to 1.
    """

    day: int
    rows: np.ndarray
    week: np.ndarray
    answered: np.ndarray
    attributes: np.ndarray
    step_goal: np.ndarray
    similarity: np.ndarray
    revised: np.ndarray
    fit: np.ndarray


class Tailoring:
    """Turns sessions into requests, and plans into what participants follow.

    Attributes
    ----------
    plan_log
        One entry for each evening on which plans were made.
    """

    def __init__(
        self,
        scenario: Scenario,
        cohort: Cohort,
        natural: NaturalCourse,
        luck: AppLuck,
        recommender: Recommender,
        users: AppUsers,
        days: AppDays,
        records: AppRecords,
    ) -> None:
        most = len(users.row)
        self._scenario, self._luck, self._recommender = scenario, luck, recommender
        self._users, self._days, self._records = users, days, records
        values = cohort.patients.values
        self._baseline = np.column_stack([values[name] for name in FEATURES])
        self._baseline[:, _STEPS] = scenario.recommender.first_steps
        self._needs = cohort.patients.needs
        self._pain = _trailing_mean(natural.pain)
        self._disability = natural.disability
        self._known = np.zeros((most, len(FEATURES)))
        self._asked_with = np.zeros((most, len(FEATURES)))
        self._plans = np.full((most, len(ATTRIBUTES)), np.nan)
        self._sessions_done = np.zeros(most, dtype=np.int32)
        self.plan_log: list[PlanBatch] = []

    def introduce(self, place: int) -> None:
        """Give the app a new user's baseline questionnaire."""
        self._known[place] = self._baseline[self._users.row[place]]

    def hold(self, places: np.ndarray, today: int) -> None:
        """Hold the sessions of one evening: ask, learn from last week, make new plans."""
        users, luck = self._users, self._luck
        row, day = users.row[places], today - users.installed[places]
        week = day // 7
        column_at = users.column_at(places, today)
        answered, makes = luck.answered[row, week], luck.makes_plan[row, week]
        users.next_session[places] = today + DAYS_BETWEEN
        self._records.store_session(column_at, makes)
        self._ask(places, row, column_at, answered)
        recent = self._records.known_steps(column_at, users.day_at(places, today), day)
        counted = recent == recent  # noqa: PLR0124  not NaN
        self._known[places[counted], _STEPS] = recent[counted]
        if not makes.all():
            places, row, week, recent = places[makes], row[makes], week[makes], recent[makes]
            answered = answered[makes]
            if not len(places):
                return
        self._learn(places)
        self._plan(places, row, week, recent, answered.sum(axis=1), today)

    def _ask(
        self, places: np.ndarray, row: np.ndarray, column_at: np.ndarray, answered: np.ndarray
    ) -> None:
        """Take note of answered questions; what is skipped stays as it was last known."""
        benefit = self._days.benefit
        eased = 1.0 - self._scenario.pathway.pain_from_capacity * benefit.capacity[places]
        pain = self._pain.take(column_at) * eased
        disability = self._disability.take(column_at) - (
            self._baseline[row, _DISABILITY] * benefit.disability_relief[places]
        )
        told = answered[:, _ASKED_PAIN]
        self._known[places[told], _PAIN] = pain[told]
        told = answered[:, _ASKED_FUNCTION]
        self._known[places[told], _DISABILITY] = np.minimum(
            np.maximum(disability[told], 0.0), 24.0
        )

    def _plan(
        self,
        places: np.ndarray,
        row: np.ndarray,
        week: np.ndarray,
        recent: np.ndarray,
        answered: np.ndarray,
        today: int,
    ) -> None:
        """Have plans made and followed."""
        settings, known = self._scenario.recommender, self._known[places]
        answer = self._recommender.recommend(
            Requests(known, self._plans[places], recent, self._luck.random_plan[row, week])
        )
        plans = answer.attributes
        goal = known[:, _STEPS] * (1.0 + settings.step_rise * plans[:, _PROGRESSION])
        fits = plan_fit(plans, self._needs[row], self._scenario.pathway.fit_width)
        fit = np.stack([0.5 * (fits[:, 0] + fits[:, 1]), fits[:, 2], fits[:, 3]], axis=1)
        self._plans[places] = plans
        self._asked_with[places] = known
        self._sessions_done[places] = self._days.exercise_sessions[places]
        self._days.benefit.follow(places, fit)
        self._users.goal[places] = goal
        self._users.has_plan[places] = True
        self.plan_log.append(
            PlanBatch(
                today, row, week, answered, plans, goal, answer.similarity, answer.revised, fit
            )
        )

    def _learn(self, places: np.ndarray) -> None:
        """Tell the recommender how the plans made before have gone."""
        earlier = places[self._users.has_plan[places]]
        if not len(earlier):
            return
        sessions = self._days.exercise_sessions[earlier] - self._sessions_done[earlier]
        done = np.minimum(sessions / self._scenario.recommender.sessions_per_week, 1.0)
        features = self._asked_with[earlier]
        eased = features[:, _PAIN] - self._known[earlier, _PAIN]
        better = np.minimum(np.maximum(0.5 + eased / 4.0, 0.0), 1.0)
        self._recommender.learn(
            Experience(features, self._plans[earlier], 0.5 * (done + better))
        )


def _trailing_mean(daily: np.ndarray) -> np.ndarray:
    """Return the mean of each day and the six before it, (n, days); the first six are not used."""
    mean = np.zeros_like(daily)
    for lag in range(7):
        mean[:, LEAD_IN:] += daily[:, LEAD_IN - lag : daily.shape[1] - lag]
    mean /= 7.0
    return mean
