"""Calls to candidates: how many it takes until one is taken, and when the last of them is made."""

from collections.abc import Sequence

import numpy as np

from sim.core.staff import WorkingHours


def calls_needed(reached_per_call: float, uniforms: np.ndarray) -> np.ndarray:
    """Return how many calls it takes until one is taken, each with the same probability.

    The geometric distribution by inversion: the same draw needs no more calls when calls are taken
    more often, and does not depend on how many are tried.
    """
    if reached_per_call == 1.0:
        return np.ones(uniforms.shape, dtype=np.int64)
    needed = np.log1p(-uniforms) / np.log1p(-reached_per_call)
    return np.asarray(np.minimum(np.floor(needed) + 1.0, 1e9), dtype=np.int64)


def last_calls(
    hours: Sequence[WorkingHours],
    stratum: np.ndarray,
    first: np.ndarray,
    calls: np.ndarray,
    gap: float,
) -> np.ndarray:
    """Return the day of everybody's last call, each in working hours and a gap after the last.

    Parameters
    ----------
    hours
        Working hours in the country of each stratum.
    stratum, first, calls
        Stratum, earliest day of the first call, and number of calls, all of one shape.
    gap
        Days between the calls to somebody.
    """
    days = np.empty(first.shape)
    for calendar in dict.fromkeys(hours):
        there = np.array([its is calendar for its in hours])[stratum]
        day, left = calendar.begin_each(first[there]), calls[there] - 1
        while (again := left > 0).any():
            day[again] = calendar.begin_each(day[again] + gap)
            left -= 1
        days[there] = day
    return days
