"""What is kept of app use, day by day and week by week, for n rows of a cohort."""

import numpy as np

from agents.engagement import Day
from agents.pathway import Benefit
from agents.symptoms import LEAD_IN

COUNTS = ("opened", "exercised", "read", "encouraged", "commended")


class AppRecords:
    """Daily states and weekly counts of the app arm.

    Attributes
    ----------
    capacity, beliefs, disability_relief
        (n, columns) states of :class:`agents.pathway.Benefit` at the end of each day; columns are
        days since randomization plus the lead-in.
    true_steps, recorded_steps
        (n, columns) steps walked and recorded; NaN before the app, and where nothing is recorded.
    worn
        (n, columns) whether the band was worn.
    counts
        Name to (n, weeks) days of the week on which something was done, weeks since installation.
    exercise_sessions
        (n,) exercise sessions done so far.
    reached_goal
        (n,) whether the band showed yesterday's goal as reached.
    """

    def __init__(self, rows: int, columns: int) -> None:
        def daily() -> np.ndarray:
            return np.zeros((rows, columns), dtype=np.float32)

        self.capacity, self.beliefs, self.disability_relief = daily(), daily(), daily()
        self.true_steps = np.full((rows, columns), np.nan, dtype=np.float32)
        self.recorded_steps = np.full((rows, columns), np.nan, dtype=np.float32)
        self.worn = np.zeros((rows, columns), dtype=bool)
        weeks = (columns - LEAD_IN) // 7 + 1
        self.counts = {name: np.zeros((rows, weeks), dtype=np.int16) for name in COUNTS}
        self.exercise_sessions = np.zeros(rows)
        self.reached_goal = np.zeros(rows, dtype=bool)

    def store_day(
        self,
        rows: np.ndarray,
        column: np.ndarray,
        steps: np.ndarray,
        worn: np.ndarray,
        counted: np.ndarray,
        benefit: Benefit,
    ) -> None:
        """Keep a day of some rows, each at its own column."""
        self.capacity[rows, column] = benefit.capacity[rows]
        self.beliefs[rows, column] = benefit.beliefs[rows]
        self.disability_relief[rows, column] = benefit.disability_relief[rows]
        self.true_steps[rows, column] = steps
        self.worn[rows, column] = worn
        self.recorded_steps[rows, column] = np.where(worn, counted, np.nan)

    def store_use(self, users: np.ndarray, week: np.ndarray, use: Day) -> None:
        """Count what engaged users did on a day."""
        for name in COUNTS:
            self.counts[name][users, week] += getattr(use, name)
        self.exercise_sessions[users] += use.exercised

    def recent_steps(self, rows: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Return mean recorded steps of the 7 days before a column, NaN where none."""
        window = self.recorded_steps[rows[:, None], column[:, None] + np.arange(-7, 0)]
        seen = ~np.isnan(window)
        total = np.where(seen, window, 0.0).sum(axis=1)
        days = seen.sum(axis=1)
        return np.where(days > 0, total / np.maximum(days, 1), np.nan)
