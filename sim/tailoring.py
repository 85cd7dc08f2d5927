"""The weekly tailoring session: what the app asks, what the recommender answers, what is kept."""

from dataclasses import dataclass

import numpy as np

from agents.pathway import plan_fit
from agents.step_sources import WEEK_BEFORE
from agents.symptoms import NaturalCourse
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Recommender, Requests
from scenarios.schema import Scenario
from sim.app_days import AppDays
from sim.app_luck import QUESTIONS, AppLuck
from sim.app_records import AppRecords
from sim.app_users import AppUsers
from sim.cohort import Cohort

_PAIN, _DISABILITY, _STEPS = (FEATURES.index(name) for name in ("pain", "disability", "steps"))
_PROGRESSION = ATTRIBUTES.index("progression")
_ASKED_PAIN, _ASKED_FUNCTION = (
    np.uint8(1 << QUESTIONS.index(question)) for question in ("pain", "function")
)
_THIS_WEEK = np.arange(-6, 1)
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
        self._pain = natural.pain
        self._disability = natural.disability
        self._usual_disability = values["disability"]
        self._pain_arrow = scenario.pathway.pain_from_capacity
        self._random = luck.random_plan.reshape(-1, len(ATTRIBUTES))
        self._known = np.zeros((most, len(FEATURES)))
        self._plans = np.full((most, len(ATTRIBUTES)), np.nan)
        self._sessions_done = np.zeros(most, dtype=np.int32)
        self.plan_log: list[PlanBatch] = []

    def introduce(self, place: int) -> None:
        """Give the app a new user's baseline questionnaire."""
        self._known[place] = self._baseline[self._users.row[place]]

    def hold(self, places: np.ndarray, today: int) -> None:
        """Hold the sessions of one evening: ask, learn from last week, make new plans.

        A session that ends without a plan leaves the plan of the week before in force.
        """
        users, luck = self._users, self._luck
        row = users.row.take(places)
        week = (today - users.installed.take(places)) // 7
        at = row * luck.paused.shape[1] + week
        column_at = users.column_at(places, today)
        makes = luck.makes_plan.take(at)
        users.next_session[places] = today + DAYS_BETWEEN
        self._records.store_session(column_at, makes)
        if np.count_nonzero(makes) < len(places):
            places, row, week = places[makes], row[makes], week[makes]
            at, column_at = at[makes], column_at[makes]
            if not len(places):
                return
        steps = self._records.true_steps.take(column_at[:, None] + WEEK_BEFORE)
        recent = luck.recording.known_steps(users.day_at(places, today), steps)
        answered = luck.answered.take(at)
        features = self._ask(places, row, column_at, answered, recent)
        self._learn(places, features)
        request = Requests(
            features, self._plans.take(places, axis=0), recent, self._random.take(at, axis=0)
        )
        answer = self._recommender.recommend(request)
        goal, fit = self._follow(places, row, features, answer.attributes)
        self.plan_log.append(
            PlanBatch(
                today, row, week, np.bitwise_count(answered), answer.attributes, goal,
                answer.similarity, answer.revised, fit,
            )
        )  # fmt: skip

    def _ask(
        self,
        places: np.ndarray,
        row: np.ndarray,
        column_at: np.ndarray,
        answered: np.ndarray,
        recent: np.ndarray,
    ) -> np.ndarray:
        """Return what the app now knows; what it was not told stays as it was last known."""
        benefit, usual = self._days.benefit, self._usual_disability.take(row)
        features = self._known.take(places, axis=0)
        week = np.add.reduce(self._pain.take(column_at[:, None] + _THIS_WEEK), axis=1) / 7.0
        pain = week * (1.0 - self._pain_arrow * benefit.capacity.take(places))
        np.copyto(features[:, _PAIN], pain, where=(answered & _ASKED_PAIN) > 0)
        disability = self._disability.take(column_at) - usual * benefit.disability_relief.take(
            places
        )
        disability = np.minimum(np.maximum(disability, 0.0), 24.0)
        np.copyto(features[:, _DISABILITY], disability, where=(answered & _ASKED_FUNCTION) > 0)
        np.copyto(features[:, _STEPS], recent, where=~np.isnan(recent))
        return features

    def _follow(
        self, places: np.ndarray, row: np.ndarray, features: np.ndarray, plans: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Let new plans be followed; return their step goals and fits."""
        rise = self._scenario.recommender.step_rise * plans[:, _PROGRESSION]
        goal = features[:, _STEPS] * (1.0 + rise)
        width = self._scenario.pathway.fit_width
        fits = plan_fit(plans, self._needs.take(row, axis=0), width)
        fit = fits[:, 1:].copy()
        fit[:, 0] += fits[:, 0]
        fit[:, 0] *= 0.5
        self._known[places] = features
        self._plans[places] = plans
        self._sessions_done[places] = self._days.exercise_sessions.take(places)
        self._days.benefit.follow(places, fit)
        self._users.goal[places] = goal
        self._users.has_plan[places] = True
        return goal, fit

    def _learn(self, places: np.ndarray, features: np.ndarray) -> None:
        """Tell the recommender how the plans made before have gone."""
        known = self._users.has_plan.take(places)
        if np.count_nonzero(known) < len(places):
            places, features = places[known], features[known]
            if not len(places):
                return
        sessions = self._days.exercise_sessions.take(places) - self._sessions_done.take(places)
        done = np.minimum(sessions / self._scenario.recommender.sessions_per_week, 1.0)
        before = self._known.take(places, axis=0)
        better = 0.5 + (before[:, _PAIN] - features[:, _PAIN]) / 4.0
        better = np.minimum(np.maximum(better, 0.0), 1.0)
        plans = self._plans.take(places, axis=0)
        self._recommender.learn(Experience(before, plans, 0.5 * (done + better)))
