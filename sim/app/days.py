"""A day with the app: what every user does, and what it brings."""

import math
from typing import NamedTuple

import numpy as np

from agents import activity
from agents.activity import GoalRules, steps_towards_goal
from agents.calendar import Calendar
from agents.engagement import READ, UseRules, begin_week, needs_encouragement, use_app
from agents.notifications import COMMENDED, ENCOURAGED, MessageRules, send_message
from agents.pathway import BenefitRules, benefit, dose_of_more, felt_pain, steps_dose
from agents.population import Patients
from agents.quitting import LeavingRules, pass_day
from agents.step_sources import steps_by_wearing
from agents.symptoms import LEAD_IN, NaturalCourse
from scenarios.arms.given import Given
from scenarios.compiled.kernels import kernel
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.draws import AppDraws
from sim.app.records import (
    BADGE_EXERCISE,
    COMMENDATION,
    ENCOURAGEMENT,
    EXERCISED,
    GOAL_REACHED,
    OPENED,
    AppRecords,
)
from sim.app.users import AppUsers


class Rules(NamedTuple):
    """What users do from day to day, and what that changes."""

    messages: MessageRules
    use: UseRules
    benefit: BenefitRules
    leaving: LeavingRules
    goal: GoalRules


class DayDraws(NamedTuple):
    """What was drawn for each row and day, see :class:`sim.app.draws.AppDraws`.

    Columns count from installation, those of ``would``, ``hurt``, ``usual_steps``, ``pain``
    (without the app) and ``natural_pain_relief`` from randomization. ``by_wearing`` are steps that
    wearing the band handed out adds. ``own_steps`` and ``own_pain``
    are each row's mean steps a day without a goal, and pain at baseline.
    """

    opening: np.ndarray
    exercise: np.ndarray
    would: np.ndarray
    hurt: np.ndarray
    usual_steps: np.ndarray
    by_wearing: np.ndarray
    recorded: np.ndarray
    synced: np.ndarray
    session: np.ndarray
    natural_pain_relief: np.ndarray
    pain: np.ndarray
    own_steps: np.ndarray
    own_pain: np.ndarray


class AppDays:
    """Lets the users of the app live through their days."""

    def __init__(
        self,
        scenario: Scenario,
        course: MechanisticCourse,
        given: Given,
        patients: Patients,
        natural: NaturalCourse,
        draws: AppDraws,
        users: AppUsers,
        records: AppRecords,
    ) -> None:
        self._activity, self._users, self._records = scenario.mechanisms.activity, users, records
        self._first_weekday = scenario.trial.opens.weekday()
        self._calendar = Calendar(course, scenario.shock, scenario.trial.opens)
        self._step_factors = self._steps_of_week(-self._first_weekday)
        self._paused = draws.paused
        self._draws = DayDraws(
            draws.opening, draws.exercise, draws.would, draws.hurt, draws.usual_steps,
            steps_by_wearing(scenario.mechanisms.step_sources, draws.recording),
            draws.recording.ratio, draws.recording.synced, draws.session, natural.pain_relief,
            natural.pain, *(patients.values[own].astype(np.float32) for own in ("steps", "pain")),
        )  # fmt: skip
        self._rules = Rules(
            MessageRules.of(scenario.mechanisms.app, sends="notifications" in given.features),
            UseRules.of(
                scenario.mechanisms.app,
                scenario.mechanisms.recommender.sessions_per_week,
                exercises="exercise" in given.features,
            ),
            BenefitRules.of(scenario.mechanisms.pathway, course),
            LeavingRules.of(scenario.mechanisms.app, has_app=given.app),
            GoalRules.of(scenario.mechanisms.activity),
        )

    def take_off(self, row: int, after: float) -> None:
        """Let a participant wear the band no more once some days with it have passed."""
        self._draws.by_wearing[row, LEAD_IN + math.ceil(after) :] = 0.0

    def is_monday(self, today: int) -> bool:
        """Return whether a week begins on a day of the trial."""
        return (self._first_weekday + today) % 7 == 0

    def live(self, today: int) -> tuple[np.ndarray, np.ndarray]:
        """Let everybody in follow-up live through today.

        Returns
        -------
        Places of those who do a tailoring session today, and of those who give the app up tomorrow.
        """
        users, window = self._users.records, self._users.window(today)
        weekday = (self._first_weekday + today) % 7
        if self.is_monday(today):
            self._step_factors = self._steps_of_week(today)
            turn_of_week(today, window.start, window.stop, users, self._rules.use, self._paused,
                         self._records.use)  # fmt: skip
        return live_day(
            today, window.start, window.stop, users, self._rules, self._draws, self._records,
            self._step_factors[weekday],
        )  # fmt: skip

    def _steps_of_week(self, monday: int) -> list[np.float32]:
        """Return steps relative to the year's mean, for each day of the week from a Monday."""
        season = self._calendar.steps(monday + np.arange(7))
        factors = [activity.weekday_factor(self._activity, day) for day in range(7)]
        return list((season * factors).astype(np.float32))


@kernel
def turn_of_week(
    today: int,
    first: int,
    stop: int,
    users: np.ndarray,
    rules: UseRules,
    paused: np.ndarray,
    use: np.ndarray,
) -> None:
    """Give badges for the calendar week that is over; let pauses begin and end.

    Parameters
    ----------
    today
        A Monday.
    first, stop
        Places of those in follow-up.
    users
        Records of :data:`sim.app.users.USER`.
    rules
        With the weekly targets.
    paused
        (rows, weeks since installation) weeks in which the app is left alone.
    use
        (rows, columns) as :class:`sim.app.records.AppRecords` has it; badges are added to today.
    """
    for place in range(first, stop):
        user = users[place]
        column = LEAD_IN + today - user.entry
        exercised = goal_days = readings = 0
        for day in range(column - 7, column):
            done = use[user.row, day]
            exercised += (done & EXERCISED) > 0
            goal_days += (done & GOAL_REACHED) > 0
            readings += (done & READ) > 0
        badges = begin_week(user, rules, exercised, goal_days, readings)
        use[user.row, column] = badges * BADGE_EXERCISE
        week = max(today - user.installed, 0) // 7
        user.using = user.reachable and not paused[user.row, week]


@kernel
def live_day(
    today: int,
    first: int,
    stop: int,
    users: np.ndarray,
    rules: Rules,
    draws: DayDraws,
    records: AppRecords,
    step_factor: np.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Let users live through a day, and keep what they did.

    Parameters
    ----------
    today
        Day of the trial.
    first, stop
        Places of those in follow-up.
    users
        Records of :data:`sim.app.users.USER`.
    rules, draws, records
        What they do, what was drawn for them, what is kept of it.
    step_factor
        Steps of the day relative to the year's mean.

    Returns
    -------
    Places of those who do a tailoring session today, and of those who give the app up tomorrow.
    """
    due, leaving = np.empty(stop - first, dtype=np.int64), np.empty(stop - first, dtype=np.int64)
    sessions = leave = 0
    for place in range(first, stop):
        user = users[place]
        row, column = user.row, LEAD_IN + today - user.entry
        day = column if today < user.installed else LEAD_IN + today - user.installed
        following = bool(user.using and user.has_plan)

        encourage = needs_encouragement(user, rules.use)
        message, nudge = send_message(user, rules.messages, user.earned, encourage)
        pain = felt_pain(rules.benefit, draws.pain[row, column], user.capacity, user.flare)
        more_pain = pain - draws.own_pain[row]
        opened, exercised = use_app(
            user, rules.use, nudge, draws.opening[row, day], draws.exercise[row, day], following,
            more_pain, today,
        )  # fmt: skip
        activities = int(draws.would[row, column]) if opened else 0

        goal = user.goal if following else np.float32(0.0)
        usual = draws.usual_steps[row, column] * step_factor
        worn = today >= user.installed
        wearing = usual + draws.by_wearing[row, day] if worn else usual
        recorded = draws.recorded[row, day]
        # Who walks on until the goal is there goes by what the wristband counts, if it is worn.
        by_band = rules.goal.reach > np.float32(0.0) and recorded > np.float32(0.0)
        aim = goal / recorded if by_band else goal
        steps = steps_towards_goal(rules.goal, wearing, aim)
        aims = following and goal > np.float32(0.0)
        met = bool(aims and steps >= aim)
        own_steps = draws.own_steps[row] * step_factor
        walked = steps_dose(rules.benefit, wearing, steps, own_steps, met)
        by_wearing = dose_of_more(rules.benefit, usual, wearing, own_steps)
        measured = draws.synced[row, day] == day
        reached = bool(aims and measured and (met if by_band else steps * recorded >= goal))
        user.measured += aims and measured
        user.earned = reached or (exercised and opened)
        user.exercise_sessions += exercised

        read, tools = activities & READ, activities >> 1
        used = 0
        while tools:
            used += tools & 1
            tools >>= 1
        relief = draws.natural_pain_relief[row, column]
        benefit(
            user, rules.benefit, exercised, walked, by_wearing, read > 0, used, relief,
            draws.hurt[row, column],
        )  # fmt: skip

        records.use[row, column] |= (
            activities
            | opened * OPENED
            | exercised * EXERCISED
            | (message == COMMENDED) * COMMENDATION
            | (message == ENCOURAGED) * ENCOURAGEMENT
            | reached * GOAL_REACHED
        )
        records.true_steps[row, column] = steps
        records.capacity[row, column] = user.capacity
        records.beliefs[row, column] = user.beliefs
        records.disability_relief[row, column] = user.disability_relief
        records.flare[row, column] = user.flare

        if opened and user.next_session <= today and draws.session[row, day]:
            due[sessions] = place
            sessions += 1
        if user.reachable and pass_day(user, rules.leaving, pain, more_pain):
            leaving[leave] = place
            leave += 1
    return due[:sessions], leaving[:leave]
