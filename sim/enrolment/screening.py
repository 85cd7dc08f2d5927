"""Screening: assistants see whoever has taken a call, in turn and in working hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from scenarios.schema import Scenario
from sim.core.staff import WorkingHours, teams_of_strata, working_hours
from sim.enrolment.candidates import Candidates
from sim.enrolment.dispositions import AT_CONTACT


def screening_days(scenario: Scenario, trials: Sequence[Candidates]) -> list[np.ndarray]:
    """Return the day on which each candidate of some trials has been screened.

    Whoever takes a call and does not refuse is screened, in the order of calls. The others cost no
    more than the call. Each of the scenario's teams serves its strata in each trial of its own.

    Returns
    -------
    For each trial (n,) days on its clock, NaN without screening.
    """
    size, hours = scenario.recruitment.screeners, scenario.recruitment.screening_hours
    screened = [np.full(len(people.fate), np.nan) for people in trials]
    teams = teams_of_strata(scenario)
    for team, calendar in working_hours(scenario).items():
        there = np.array([name == team for name in teams])
        queues = [_queue(people, there) for people in trials]
        calls = [people.call_day[queue] for people, queue in zip(trials, queues, strict=True)]
        for days, queue, done in zip(
            screened, queues, served(calls, size, calendar, hours), strict=True
        ):
            days[queue] = done
    return screened


def _queue(people: Candidates, there: np.ndarray) -> np.ndarray:
    """Return the candidates of some strata who are screened, in the order of calls."""
    called = np.flatnonzero((people.fate >= len(AT_CONTACT)) & there[people.stratum])
    return called[np.argsort(people.call_day[called], kind="stable")]


def served(
    calls: Sequence[np.ndarray], size: int, calendar: WorkingHours, hours: float
) -> list[np.ndarray]:
    """Return when work is done for everybody in some queues, as :class:`sim.core.staff.Team` does.

    What a team leaves over from one day to the next is little, so the days of all queues are worked
    out side by side, the first caller of each, then the second, and so on: at first as if nothing
    was left over, then once more those days before which something was, until that is settled.

    Parameters
    ----------
    calls
        For each of several queues, with a team of its own, the days on which people come, sorted.
    size, calendar
        Assistants in a team, and when they work.
    hours
        What each piece of work takes, at most a working day.

    Returns
    -------
    For each queue the days on which people are done.
    """
    come = np.concatenate([np.empty(0), *calls])
    queue = np.repeat(np.arange(len(calls)), [len(days) for days in calls])
    days = _Days.of(come, queue)
    done = np.empty(len(come))
    # When each assistant is free, a row a day of a queue: 0 for free before the first caller comes.
    free = np.zeros((len(days.start), size))
    open_days = np.arange(len(days.start))
    while len(open_days):
        after = _serve(come, done, days, open_days, free[open_days], calendar, hours)
        followed = days.followed[open_days]
        next_days = open_days[followed] + 1
        left = np.sort(after[followed], axis=1)
        left[left <= come[days.start[next_days], None]] = 0.0
        changed = (left != free[next_days]).any(axis=1)
        free[next_days] = left
        open_days = next_days[changed]
    return np.split(done, np.cumsum([len(days) for days in calls])[:-1])


@dataclass(frozen=True, slots=True)
class _Days:
    """The days on which somebody comes, one queue after another.

    Attributes
    ----------
    start, callers
        Place of the first caller of each day, and how many there are.
    followed
        Whether the next of these days is one of the same queue.
    """

    start: np.ndarray
    callers: np.ndarray
    followed: np.ndarray

    @classmethod
    def of(cls, come: np.ndarray, queue: np.ndarray) -> Self:
        """Divide callers, sorted by queue and time, into days."""
        day = come.astype(np.int64)
        new = np.ones(len(come), dtype=bool)
        new[1:] = (day[1:] != day[:-1]) | (queue[1:] != queue[:-1])
        start = np.flatnonzero(new)
        its = queue[start]
        followed = np.append(its[1:] == its[:-1], False)[: len(start)]
        return cls(start, np.diff(np.append(start, len(come))), followed)


def _serve(
    come: np.ndarray,
    done: np.ndarray,
    days: _Days,
    chosen: np.ndarray,
    free: np.ndarray,
    calendar: WorkingHours,
    hours: float,
) -> np.ndarray:
    """Serve the callers of chosen days, and note in ``done`` when each of them is done.

    Returns
    -------
    When each assistant is free after the day, given in ``free`` when each is before it.
    """
    free, start, callers = free.copy(), days.start[chosen], days.callers[chosen]
    for place in range(callers.max(initial=0)):
        busy = np.flatnonzero(callers > place)
        who = start[busy] + place
        first = free[busy].argmin(axis=1)
        # The arithmetic of Team.done, term by term, so that the last bit is the same.
        begin = np.maximum(come[who], free[busy, first])
        done[who] = begin + (calendar.begin_each(begin, hours) + hours / 24.0 - begin)
        free[busy, first] = done[who]
    return free
