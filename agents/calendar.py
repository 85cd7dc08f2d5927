"""Effects of the calendar on everybody: the season, and a shock from a date on."""

from datetime import date

import numpy as np

from agents.symptoms import LEAD_IN, NaturalCourse
from scenarios.design.trial import CalendarShock
from scenarios.people.course import MechanisticCourse

_PER_DAY = 2.0 * np.pi / 365.25


class Calendar:
    """Effects of the calendar on any day since the trial opened.

    The season is a cosine over the year that is worst on ``worst_day``; a shock adds a constant
    from its first day on. Disability follows both with its exponential lag.

    Parameters
    ----------
    course, shock
        The scenario's ``[course]`` and ``[shock]``.
    opens
        Day 0 of the clock.
    """

    def __init__(self, course: MechanisticCourse, shock: CalendarShock, opens: date) -> None:
        self._course = course
        self._shock = shock if shock.enabled else None
        self._opens_day = opens.timetuple().tm_yday
        self._shock_day = (shock.begins - opens).days
        self._pain = self._disability = np.zeros(0, dtype=np.float32)

    def pain(self, days: np.ndarray) -> np.ndarray:
        """Return the NRS points added on some days."""
        added = self._course.season.pain_amplitude * self._wave(days, 0.0)
        if self._shock:
            added = added + self._shock.pain_shift * (days >= self._shock_day)
        return np.asarray(added)

    def disability(self, days: np.ndarray) -> np.ndarray:
        """Return the RMDQ points added on some days, through the calendar's pain."""
        lag = self._course.disability_lag
        turn = _PER_DAY * lag
        height = self._course.season.pain_amplitude / np.hypot(1.0, turn)
        followed = height * self._wave(days, np.arctan(turn))
        if self._shock:
            since = np.maximum(days - self._shock_day, 0.0)
            followed = followed - self._shock.pain_shift * np.expm1(-since / lag)
        return np.asarray(self._course.disability_from_swings * followed)

    def steps(self, days: np.ndarray) -> np.ndarray:
        """Return steps on some days relative to the year's mean without a shock."""
        ratio = 1.0 - self._course.season.steps_amplitude * self._wave(days, 0.0)
        if self._shock:
            ratio = ratio * np.where(days >= self._shock_day, self._shock.steps_ratio, 1.0)
        return np.asarray(ratio)

    def pass_over(self, natural: NaturalCourse, row: int, entry: int) -> None:
        """Add the effects to the course of a patient who is randomized on day `entry`."""
        days = slice(entry, entry + natural.pain.shape[1])
        if days.stop > len(self._pain):
            self._look_ahead(2 * days.stop)
        pain = self._pain[days]
        for course in (natural.pain[row], natural.worst_pain[row]):
            np.add(course, pain, out=course)
            np.maximum(course, 0.0, out=course)
            np.minimum(course, 10.0, out=course)
        natural.disability[row] += self._disability[days]

    def _look_ahead(self, length: int) -> None:
        """Tabulate the effects from ``LEAD_IN`` days before the trial opened."""
        days = np.arange(length) - LEAD_IN
        self._pain = self.pain(days).astype(np.float32)
        self._disability = self.disability(days).astype(np.float32)

    def _wave(self, days: np.ndarray, delay: float) -> np.ndarray:
        worst = self._course.season.worst_day
        return np.asarray(np.cos(_PER_DAY * (self._opens_day + days - worst) - delay))
