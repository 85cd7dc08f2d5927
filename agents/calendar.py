"""What the calendar does to everybody alike: the season's pain and steps."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from agents.symptoms import LEAD_IN, NaturalCourse
from scenarios.course import MechanisticCourse

_PER_DAY = 2.0 * np.pi / 365.25


@dataclass(frozen=True, slots=True)
class Calendar:
    """Effects of the calendar on any day since the trial opened.

    The season is a cosine over the year that is worst on ``worst_day``; disability follows pain
    with its exponential lag.

    Parameters
    ----------
    course
        The scenario's ``[course]``.
    opens
        Day 0 of the clock.
    """

    course: MechanisticCourse
    opens: date

    def pain(self, days: np.ndarray) -> np.ndarray:
        """Return the NRS points added on some days."""
        return np.asarray(self.course.season.pain_amplitude * self._wave(days, 0.0))

    def disability(self, days: np.ndarray) -> np.ndarray:
        """Return the RMDQ points added on some days, through the season's pain."""
        course, turn = self.course, _PER_DAY * self.course.disability_lag
        height = course.disability_from_swings * course.season.pain_amplitude / np.hypot(1.0, turn)
        return np.asarray(height * self._wave(days, np.arctan(turn)))

    def steps(self, days: np.ndarray) -> np.ndarray:
        """Return steps on some days relative to the year's mean."""
        return np.asarray(1.0 - self.course.season.steps_amplitude * self._wave(days, 0.0))

    def pass_over(self, natural: NaturalCourse, row: int, entry: int) -> None:
        """Add the effects to the course of a patient who is randomized on day `entry`."""
        days = entry - LEAD_IN + np.arange(natural.pain.shape[1])
        pain = self.pain(days).astype(np.float32)
        for course in (natural.pain, natural.worst_pain):
            np.clip(course[row] + pain, 0.0, 10.0, out=course[row])
        natural.disability[row] += self.disability(days).astype(np.float32)

    def _wave(self, days: np.ndarray, delay: float) -> np.ndarray:
        day_of_year = self.opens.timetuple().tm_yday + days
        return np.asarray(np.cos(_PER_DAY * (day_of_year - self.course.season.worst_day) - delay))
