"""Research assistants: when they work, and the time that their work takes."""

import heapq
from datetime import date

import numpy as np

from scenarios.design.trial import Staff
from scenarios.schema import Scenario

_HOURS = 24.0
_AHEAD = 1024
"""Days for which the calendar is computed at once."""


class WorkingHours:
    """The calendar of one team on the trial's clock.

    Work is done on weekdays that are no holidays, from the start of the day for some hours.

    Parameters
    ----------
    staff
        Hours and holidays.
    team
        Whose holidays: a level of ``staff.teams_by``; '' where there is one team.
    opens
        Day 0 of the clock.

    Examples
    --------
    On Friday 8 March 2019 at 16:00 it is too late for an hour's work that must be done by 16:00:

    >>> hours = Staff(day_start=8.0, day_hours=8.0, holidays={"norway": (date(2019, 3, 11),)})
    >>> friday = 16.0 / 24.0
    >>> WorkingHours(hours, "denmark", date(2019, 3, 8)).begin(friday, 1.0) * 24.0 - 3 * 24.0
    8.0
    >>> WorkingHours(hours, "norway", date(2019, 3, 8)).begin(friday, 1.0) * 24.0 - 4 * 24.0
    8.0
    """

    def __init__(self, staff: Staff, team: str, opens: date) -> None:
        self._start = staff.day_start / _HOURS
        self._end = (staff.day_start + staff.day_hours) / _HOURS
        self._opens = np.datetime64(opens)
        self._calendar = np.busdaycalendar(
            weekmask="1111100",
            holidays=[
                np.datetime64(day) for name in ("all", team) for day in staff.holidays.get(name, ())
            ],
        )
        self._opening: list[float] = []
        self._openings = np.empty(0)

    def begin(self, now: float, hours: float = 0.0) -> float:
        """Return when work of some hours can begin that is to end on the day on which it begins.

        Parameters
        ----------
        now
            Days on the trial's clock, at least 0.
        hours
            At most the hours of a working day.

        Returns
        -------
        The first time not before ``now``, in days on the trial's clock.
        """
        day = int(now)
        if now - day > self._latest(hours):
            day += 1
        while day >= len(self._opening):
            self._look_ahead()
        return max(now, self._opening[day])

    def begin_each(self, now: np.ndarray, hours: float = 0.0) -> np.ndarray:
        """Return when each of several pieces of work can begin, as :meth:`begin` does of one.

        Parameters
        ----------
        now
            Days on the trial's clock, at least 0, any shape.
        hours
            Of each, at most the hours of a working day.
        """
        day = now.astype(np.int64)
        day += now - day > self._latest(hours)
        while day.max(initial=-1) >= len(self._opening):
            self._look_ahead()
        return np.asarray(np.maximum(now, self._openings[day]))

    def _latest(self, hours: float) -> float:
        """Return the time of day by which work of some hours has to begin.

        The tolerance of a millisecond lets a piece of work fill the day in spite of rounding.
        """
        return self._end - hours / _HOURS + 1e-8

    def _look_ahead(self) -> None:
        """Work out when work begins on further days, or on the working day that follows them."""
        known = len(self._opening)
        days = self._opens + np.arange(known, known + _AHEAD)
        found = np.busday_offset(days, 0, roll="forward", busdaycal=self._calendar)
        self._openings = np.append(self._openings, (found - self._opens).astype(int) + self._start)
        self._opening = self._openings.tolist()


def teams_of_strata(scenario: Scenario) -> list[str]:
    """Return the name of the team that serves each stratum, '' where there is one for all."""
    by = scenario.staff.teams_by
    return [stratum.levels[by] if by else "" for stratum in scenario.trial.strata]


def working_hours(scenario: Scenario) -> dict[str, WorkingHours]:
    """Return the calendar of each team of a trial."""
    return {
        team: WorkingHours(scenario.staff, team, scenario.trial.opens)
        for team in dict.fromkeys(teams_of_strata(scenario))
    }


class Team:
    """Research assistants who serve in the order in which they are asked.

    Calls and screening on the one hand and installations on the other are done by two teams: what
    happens before randomization must not depend on who was randomized to what.

    A request is answered at once with the time at which the work will be done: under first come,
    first served that is known when the request comes, so no queue has to be simulated.

    Parameters
    ----------
    size
        How many assistants.
    hours
        When they work.

    Examples
    --------
    On Friday at 14:00, two hours' work for one assistant can be done twice by Monday at 10:00:

    >>> staff = Staff(day_start=8.0, day_hours=8.0, holidays={})
    >>> team = Team(1, WorkingHours(staff, "denmark", date(2019, 3, 8)))
    >>> [team.done(14.0 / 24.0, 2.0) * 24.0 for _ in range(2)]
    [16.0, 82.0]
    """

    def __init__(self, size: int, hours: WorkingHours) -> None:
        self._free = [0.0] * size
        self._hours = hours

    def done(self, now: float, hours: float) -> float:
        """Return when a piece of work that is asked for now is done, on the trial's clock.

        It waits for a free assistant and for working hours. Ask in the order of time.

        Parameters
        ----------
        now
            Days on the trial's clock.
        hours
            What the work takes, at most a working day.
        """
        begin = max(now, self._free[0])
        done = begin + (self._hours.begin(begin, hours) + hours / _HOURS - begin)
        heapq.heapreplace(self._free, done)
        return done
