"""A day with the app, for all users at once."""

import numpy as np

from agents import activity, engagement
from agents.calendar import Calendar
from agents.engagement import READ, USED_TOOLS, Engagement
from agents.pathway import Benefit, Dose
from agents.precision import single
from agents.symptoms import NaturalCourse
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.app.draws import AppLuck
from sim.app.records import AppRecords
from sim.app.users import AppUsers


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
        self._first_weekday = scenario.trial.opens.weekday()
        self._calendar = Calendar(course, scenario.shock, scenario.trial.opens)
        self._week_factors = self._steps_of_week(-self._first_weekday)
        self._goal_response = single(scenario.activity.goal_response)
        days = np.arange(natural.pain.shape[1], dtype=luck.recording.synced.dtype)
        self._synced_at_once = luck.recording.synced == days
        self._engagement = Engagement(scenario.app, self._asked, most)
        self.benefit = Benefit(scenario.pathway, course, most)
        self.exercise_sessions = np.zeros(most, dtype=np.int32)

    def live(self, today: int) -> np.ndarray:
        """Let everybody in follow-up live through today.

        Returns
        -------
        Places of those who do a tailoring session today.
        """
        users, luck = self._users, self._luck
        window, now = users.window(today), np.array(today)
        column_at, day_at = users.column_at(window, now), users.day_at(window, now)
        weekday = (self._first_weekday + today) % 7
        badges = None if weekday else self._begin_week(window, today, column_at)
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
        exercised = day.exercised.astype(np.float32)
        goal = users.goal[window] * following.astype(np.float32)
        usual = luck.usual_steps.take(column_at)
        usual *= self._week_factors[weekday]
        steps = activity.steps_towards_goal(self._goal_response, usual, goal)
        walked = steps >= goal
        walked &= following
        reached = steps * luck.recording.ratio.take(day_at) >= goal
        reached &= following
        reached &= self._synced_at_once.take(day_at)
        self._engagement.earned[window] = (day.exercised & day.opened) | reached
        self.benefit.advance(
            window,
            self._natural_relief.take(column_at),
            Dose(
                exercised,
                walked.astype(np.float32),
                (day.activities & READ).astype(np.float32),
                np.bitwise_count(day.activities & USED_TOOLS).astype(np.float32),
            ),
        )
        self.exercise_sessions[window] += day.exercised
        self._records.store_day(column_at, window, day, reached, badges, steps, self.benefit)
        due = users.next_session[window] <= now
        due &= day.opened
        due &= luck.session.take(day_at)
        return np.asarray(due.nonzero()[0] + window.start)

    def _begin_week(self, window: slice, today: int, column_at: np.ndarray) -> np.ndarray:
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
            *self._records.week_before(column_at, "exercised", "goal_reached", "read"),
        )
        badges *= users.has_plan[window]
        self._engagement.badges[window] = np.bitwise_count(badges)
        self._engagement.behind[window] = 0.0
        week = np.maximum(today - users.installed[window], 0) // 7
        paused = self._luck.paused[users.row[window], week]
        users.using[window] = users.reachable[window] & ~paused
        return badges

    def _steps_of_week(self, monday: int) -> list[np.ndarray]:
        """Return steps relative to the year's mean, for each day of the week from a Monday."""
        season = self._calendar.steps(monday + np.arange(7))
        factors = [activity.weekday_factor(self._scenario.activity, day) for day in range(7)]
        return [single(factor) for factor in season * factors]
