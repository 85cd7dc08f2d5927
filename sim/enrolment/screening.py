"""Screening: assistants see whoever has taken a call, in turn and in working hours."""

from collections.abc import Sequence

import numpy as np

from scenarios.schema import Scenario
from sim.core.staff import Team, WorkingHours, working_hours
from sim.enrolment.candidates import Candidates
from sim.enrolment.dispositions import AT_CONTACT


def screening_days(scenario: Scenario, trials: Sequence[Candidates]) -> list[np.ndarray]:
    """Return the day on which each candidate of some trials has been screened.

    Whoever takes a call and does not refuse is screened, in the order of calls. The others cost no
    more than the call. Each country of each trial has a team of its own.

    Returns
    -------
    For each trial (n,) days on its clock, NaN without screening.
    """
    size, hours = scenario.recruitment.screeners, scenario.recruitment.screening_hours
    screened = [np.full(len(people.fate), np.nan) for people in trials]
    for country, calendar in working_hours(scenario).items():
        places = [p for p, s in enumerate(scenario.trial.strata) if s.country == country]
        queues = [_queue(people, places) for people in trials]
        calls = [people.call_day[queue] for people, queue in zip(trials, queues, strict=True)]
        for days, queue, done in zip(
            screened, queues, served(calls, size, calendar, hours), strict=True
        ):
            days[queue] = done
    return screened


def _queue(people: Candidates, strata: Sequence[int]) -> np.ndarray:
    """Return the candidates of some strata who are screened, in the order of calls."""
    called = np.flatnonzero((people.fate >= len(AT_CONTACT)) & np.isin(people.stratum, strata))
    return called[np.argsort(people.call_day[called], kind="stable")]


def served(
    calls: Sequence[np.ndarray], size: int, calendar: WorkingHours, hours: float
) -> list[np.ndarray]:
    """Return when a piece of work is done for everybody in some queues, as :class:`Team` does it.

    A team that starts a day with nothing left over from before serves that day whatever happened
    before. So the days of all queues are worked out side by side: the first caller of each day,
    then the second, and so on. Where that does not hold, because work was left over, the queue is
    worked out by a :class:`Team` one after another.

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
    ends = np.cumsum([len(days) for days in calls])
    come = np.concatenate([np.empty(0), *calls])
    queue = np.repeat(np.arange(len(calls)), [len(days) for days in calls])
    done, left_over = _day_by_day(come, queue, size, calendar, hours)
    found = np.split(done, ends[:-1])
    for number in left_over.tolist():
        team = Team(size, calendar)
        found[number] = np.array([team.done(day, hours) for day in calls[number].tolist()])
    return found


def _day_by_day(
    come: np.ndarray, queue: np.ndarray, size: int, calendar: WorkingHours, hours: float
) -> tuple[np.ndarray, np.ndarray]:
    """Serve the people of each day of each queue by a team that has nothing left over.

    Returns
    -------
    (n,) days on which they are done, and the queues that do have something left over on some day.
    """
    done = np.empty(len(come))
    day = come.astype(np.int64)
    new = np.ones(len(come), dtype=bool)
    new[1:] = (day[1:] != day[:-1]) | (queue[1:] != queue[:-1])
    starts = np.flatnonzero(new)
    callers = np.diff(np.append(starts, len(come)))
    free = np.zeros((len(starts), size))  # when each assistant is free, a row a day of a queue
    for place in range(callers.max(initial=0)):
        busy = np.flatnonzero(callers > place)
        who = starts[busy] + place
        first = free[busy].argmin(axis=1)
        # The arithmetic of Team.done, term by term, so that the last bit is the same.
        begin = np.maximum(come[who], free[busy, first])
        done[who] = begin + (calendar.begin_each(begin, hours) + hours / 24.0 - begin)
        free[busy, first] = done[who]
    waits = free[:-1].max(axis=1, initial=0.0) > come[starts[1:]]
    waits &= queue[starts[:-1]] == queue[starts[1:]]
    return done, np.unique(queue[starts[:-1]][waits])
