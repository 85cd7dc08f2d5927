"""The weekly tailoring session: what the app asks, what the recommender answers, what is kept."""

from dataclasses import dataclass

import numpy as np

from agents.exercise_constraints import ExerciseConstraints
from agents.pathway import eased_disability, eased_pain, plan_fit
from agents.step_sources import WEEK_BEFORE
from agents.symptoms import NaturalCourse
from recommender.catalogue import LOADS, load_catalogue
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Plans, Recommender, Requests
from scenarios.schema import Scenario
from sim.app.days import AppDays
from sim.app.draws import QUESTIONS, AppLuck
from sim.app.records import AppRecords
from sim.app.users import AppUsers
from sim.core.cohort import Cohort

_PAIN, _DISABILITY, _STEPS, _SESSIONS = (
    FEATURES.index(name) for name in ("pain", "disability", "steps", "sessions")
)
_KNOWN_AT_BASELINE = tuple(name for name in FEATURES if name not in {"steps", "sessions"})
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
        (m,) bits of the questions answered in the session.
    plans
        What the recommender answered.
    fit
        (m, 3) fit of exercise, education and step goal to the patient, 0 to 1.
    """

    day: int
    rows: np.ndarray
    week: np.ndarray
    answered: np.ndarray
    plans: Plans
    fit: np.ndarray


class Tailoring:
    """Turns sessions into requests, and plans into what participants follow.

    Without a recommender, sessions end without a plan.

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
        constraints: ExerciseConstraints,
        luck: AppLuck,
        recommender: Recommender | None,
        users: AppUsers,
        days: AppDays,
        records: AppRecords,
    ) -> None:
        most = len(users.row)
        self._luck, self._recommender = luck, recommender
        self._cohort, self._constraints = cohort, constraints
        self._users, self._days, self._records = users, days, records
        values = cohort.patients.values
        self._baseline = np.full((len(cohort.patients), len(FEATURES)), np.nan)
        for name in _KNOWN_AT_BASELINE:
            self._baseline[:, FEATURES.index(name)] = values[name]
        self._needs = cohort.patients.needs
        self._pain = natural.pain
        self._disability = natural.disability
        self._usual_disability = values["disability"]
        self._pathway = scenario.pathway
        self._sessions_asked = float(scenario.recommender.sessions_per_week)
        self._makes_plan = luck.makes_plan if recommender else np.zeros_like(luck.makes_plan)
        self._random = luck.random_plan.reshape(-1, len(ATTRIBUTES))
        self._content = _ExerciseMinutes()
        # What the app knew at the last plan, the plan, and how much had been done by then.
        self._known = np.zeros((most, len(FEATURES)))
        self._plans = np.full((most, len(ATTRIBUTES)), np.nan)
        self._nearest = np.full(most, -1)
        self._similarity = np.full(most, np.nan)
        self._sessions_done = np.zeros(most, dtype=np.int32)
        self._planned = np.zeros(most, dtype=np.int64)
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
        makes = self._makes_plan.take(at)
        users.next_session[places] = today + DAYS_BETWEEN
        self._records.store_session(column_at, makes)
        if np.count_nonzero(makes) < len(places):
            places, row, week = places[makes], row[makes], week[makes]
            at, column_at = at[makes], column_at[makes]
        if not len(places) or self._recommender is None:
            return
        steps = self._records.true_steps.take(column_at[:, None] + WEEK_BEFORE)
        recent = luck.recording.recorded_week(users.day_at(places, today), steps)
        answered = luck.answered.take(at)
        sessions = self._days.exercise_sessions.take(places)
        known = self._known.take(places, axis=0)
        features = known.copy()
        self._ask(features, places, row, column_at, answered, recent)
        arm = self._cohort.arm.take(row)
        done = sessions - self._sessions_done.take(places)
        before = users.has_plan.take(places)
        if np.count_nonzero(before):
            features[:, _SESSIONS] = np.where(
                before, done * (7.0 / (today - self._planned.take(places))), np.nan
            )
            outcome = self._outcome(done, known, features)
            self._learn(before, places, row, arm, known, outcome)
        request = Requests(
            row,
            arm,
            week,
            features,
            self._plans.take(places, axis=0),
            recent,
            self._constraints.minutes.take(row),
            self._constraints.contraindications.take(row),
            self._random.take(at, axis=0),
        )
        plans = self._recommender.recommend(request)
        fit = self._follow(places, request, plans)
        self._sessions_done[places] = sessions
        self._planned[places] = today
        self.plan_log.append(PlanBatch(today, row, week, answered, plans, fit))

    def _ask(
        self,
        features: np.ndarray,
        places: np.ndarray,
        row: np.ndarray,
        column_at: np.ndarray,
        answered: np.ndarray,
        recent: np.ndarray,
    ) -> None:
        """Bring features up to date; what the app was not told stays as it was last known."""
        benefit, usual = self._days.benefit, self._usual_disability.take(row)
        week = np.add.reduce(self._pain.take(column_at[:, None] + _THIS_WEEK), axis=1) / 7.0
        week = eased_pain(self._pathway, week, benefit.capacity.take(places))
        np.copyto(features[:, _PAIN], week, where=(answered & _ASKED_PAIN) > 0)
        disability = eased_disability(
            self._disability.take(column_at), usual, benefit.disability_relief.take(places)
        )
        disability = np.minimum(np.maximum(disability, 0.0), 24.0)
        np.copyto(features[:, _DISABILITY], disability, where=(answered & _ASKED_FUNCTION) > 0)
        unseen = np.isnan(recent)
        days = np.add.reduce(~unseen, axis=1)
        total = np.add.reduce(recent, axis=1, where=~unseen)
        np.divide(total, days, out=features[:, _STEPS], where=days > 0)

    def _outcome(self, done: np.ndarray, known: np.ndarray, features: np.ndarray) -> np.ndarray:
        """Return how plans went, 0 to 1: what was done of them, and how pain changed."""
        better = (known[:, _PAIN] - features[:, _PAIN]) * 0.25
        better += 0.5
        better = np.minimum(np.maximum(better, 0.0), 1.0)
        better += np.minimum(done / self._sessions_asked, 1.0)
        better *= 0.5
        return np.asarray(better)

    def _learn(
        self,
        before: np.ndarray,
        places: np.ndarray,
        row: np.ndarray,
        arm: np.ndarray,
        known: np.ndarray,
        outcome: np.ndarray,
    ) -> None:
        """Tell the recommender how the plans made before have gone."""
        if self._recommender is None:
            return
        if np.count_nonzero(before) < len(places):
            places, row, arm = places[before], row[before], arm[before]
            known, outcome = known[before], outcome[before]
        self._recommender.learn(
            Experience(
                row,
                arm,
                known,
                self._plans.take(places, axis=0),
                self._nearest.take(places),
                self._similarity.take(places),
                outcome,
            )
        )

    def _follow(self, places: np.ndarray, asked: Requests, plans: Plans) -> np.ndarray:
        """Let new plans be followed; return their fits."""
        fits = plan_fit(
            plans.attributes, self._needs.take(asked.participant, axis=0), self._pathway.fit_width
        )
        fit = fits[:, 1:].copy()
        fit[:, 0] += fits[:, 0]
        fit[:, 0] *= 0.5
        fit[:, 0] *= self._content.feasible_share(
            plans.exercises, asked.contraindications, asked.available_minutes
        )
        self._known[places] = asked.features
        self._plans[places] = plans.attributes
        if plans.cases.shape[1]:
            self._nearest[places] = plans.cases[:, 0]
            self._similarity[places] = plans.similarities[:, 0]
        self._days.benefit.follow(places, fit)
        self._users.goal[places] = plans.step_goal
        self._users.has_plan[places] = True
        return fit


class _ExerciseMinutes:
    """Tells how much of a plan's exercise can be done."""

    def __init__(self) -> None:
        exercises = load_catalogue().exercises
        # The last place is for "no exercise", which is coded -1.
        minutes = np.array([*(exercise.minutes for exercise in exercises), 0])
        loads = np.array([*(exercise.load_bits for exercise in exercises), 0])
        contraindications = np.arange(1 << len(LOADS))
        may = (loads[:, None] & contraindications) == 0
        both = np.stack([np.broadcast_to(minutes[:, None], may.shape), minutes[:, None] * may])
        self._minutes = both.reshape(2, -1).T.copy()
        self._each = np.array(len(contraindications))

    def feasible_share(
        self, exercises: np.ndarray, contraindications: np.ndarray, available: np.ndarray
    ) -> np.ndarray:
        """Return the share of the plan's minutes that may be done and find time, (n,).

        A plan without exercises has none.
        """
        at = exercises * self._each
        at += contraindications[:, None]
        asked, done = np.add.reduce(self._minutes.take(at, axis=0, mode="wrap"), axis=1).T
        return np.asarray(np.minimum(done, available) / np.maximum(asked, 1))
