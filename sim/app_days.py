"""A day with the app, for all users at once."""

import numpy as np

from agents import activity, engagement
from agents.calendar import Calendar
from agents.engagement import READ, USED_TOOLS, Engagement
from agents.pathway import Benefit, Dose
from agents.symptoms import NaturalCourse
from scenarios.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app_luck import AppLuck
from sim.app_records import AppRecords
from sim.app_users import AppUsers


class AppDays:
    """Lets the users of the app live through their days.

    Attributes
    ----------
    benefit
        What the app has changed, by the places of ``users``.
    exercise_sessions
        Exercise sessions done so far, by the places of ``users``.
    """

    def __init__(
        self,
        scenario: Scenario,
        course: MechanisticCourse,
        natural: NaturalCourse,
        luck: AppLuck,
        users: AppUsers,
        records: AppRecords,
    ) -> None:
        most = len(users.row)
        self._scenario, self._users, self._records = scenario, users, records
        self._asked = scenario.recommender.sessions_per_week
        self._luck = luck
        self._natural_relief = natural.pain_relief
        self._columns = natural.pain.shape[1]
        self._first_weekday = scenario.trial.opens.weekday()
        self._calendar = Calendar(course, scenario.shock, scenario.trial.opens)
        self._week_factors = self._steps_of_week(-self._first_weekday)
        self._engagement = Engagement(scenario.app, self._asked, most)
        self._sessions_before = np.zeros(most, dtype=np.int32)
        self._goal_days = np.zeros(most, dtype=np.int32)
        self._readings = np.zeros(most, dtype=np.int32)
        self.benefit = Benefit(scenario.pathway, course, most)
        self.exercise_sessions = np.zeros(most, dtype=np.int32)

    def live(self, today: int) -> np.ndarray:
        """Let everybody in follow-up live through today.

        Returns
        -------
        Places of those who do a tailoring session today.
        """
        users, luck, records = self._users, self._luck, self._records
        window = users.window(today)
        weekday = (self._first_weekday + today) % 7
        badges = _NO_BADGES if weekday else self._begin_week(window, today)
        column_at, day_at = users.column_at(window, today), users.day_at(window, today)
        using = users.using[window]
        following = using & users.has_plan[window]
        day = self._engagement.advance(
            window,
            luck.opening.take(day_at),
            luck.exercise.take(day_at),
            luck.would.take(column_at),
            using,
            following,
            users.reachable[window],
        )
        goal = users.goal[window] * following
        usual = luck.usual_steps.take(column_at)
        usual *= self._week_factors[weekday]
        steps = activity.steps_towards_goal(self._scenario.activity, usual, goal)
        walked = (steps >= goal) & following
        recording = luck.recording
        reached = (steps * recording.ratio.take(day_at) >= goal) & following
        reached &= recording.synced.take(day_at) == day_at % self._columns
        self._engagement.earned[window] = (day.exercised & day.opened) | reached
        read = day.activities & READ
        tools = np.bitwise_count(day.activities & USED_TOOLS)
        self.benefit.advance(
            window,
            self._natural_relief.take(column_at),
            Dose(day.exercised, walked, read, tools),
        )
        self.exercise_sessions[window] += day.exercised
        self._goal_days[window] += reached
        self._readings[window] += read
        records.store_day(column_at, window, day, reached, badges, steps, self.benefit)
        due = (users.next_session[window] <= today) & day.opened
        due &= luck.session.take(day_at) < self._scenario.app.session_probability
        return np.asarray(due.nonzero()[0] + window.start)

    def _begin_week(self, window: slice, today: int) -> np.ndarray:
        """Give badges for the calendar week that is over; let pauses begin and end.

        Returns
        -------
        (m,) bits of :data:`agents.engagement.BADGES`.
        """
        self._week_factors = self._steps_of_week(today)
        users = self._users
        badges = engagement.badges_earned(
            self._scenario.app,
            self._asked,
            self.exercise_sessions[window] - self._sessions_before[window],
            self._goal_days[window],
            self._readings[window],
        )
        badges *= users.has_plan[window]
        self._sessions_before[window] = self.exercise_sessions[window]
        self._goal_days[window] = self._readings[window] = 0
        self._engagement.badges[window] = np.bitwise_count(badges)
        self._engagement.behind[window] = 0.0
        week = np.maximum(today - users.installed[window], 0) // 7
        paused = self._luck.paused[users.row[window], week]
        users.using[window] = users.reachable[window] & ~paused
        return badges

    def _steps_of_week(self, monday: int) -> list[float]:
        """Return steps relative to the year's mean, for each day of the week from a Monday."""
        season = self._calendar.steps(monday + np.arange(7))
        factors = [activity.weekday_factor(self._scenario.activity, day) for day in range(7)]
        return list((season * factors).tolist())


_NO_BADGES = np.zeros(1, dtype=np.uint8)
