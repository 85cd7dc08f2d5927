"""What is kept of app use, day by day, for the n rows of a cohort."""

from typing import NamedTuple

import numpy as np

from agents.engagement import ACTIVITIES, BADGES

USE = (
    *ACTIVITIES,
    "opened", "exercised", "commended", "encouraged", "goal_reached", "session", "plan",
    *(f"badge_{name}" for name in BADGES),
)  # fmt: skip
"""What may happen on a day with the app; the first is bit 0 of ``AppRecords.use``."""
BIT = {name: 1 << position for position, name in enumerate(USE)}
OPENED, EXERCISED, COMMENDATION, ENCOURAGEMENT, GOAL_REACHED, SESSION, PLAN, BADGE_EXERCISE = (
    BIT[name] for name in USE[len(ACTIVITIES) : len(ACTIVITIES) + 8]
)


class AppRecords(NamedTuple):
    """Daily states and doings of the app arm.

    Columns are days since randomization plus the lead-in. Rows of the control arm stay as they
    were made.

    Attributes
    ----------
    capacity, beliefs, disability_relief
        (n, columns) states of :mod:`agents.pathway` at the end of each day.
    flare
        (n, columns) rise of pain by flares after exercise, NRS points.
    true_steps
        (n, columns) steps walked; 0 before randomization and in the control arm.
    use
        (n, columns) what happened, bits of :data:`USE`; see :meth:`did`.
    """

    capacity: np.ndarray
    beliefs: np.ndarray
    disability_relief: np.ndarray
    flare: np.ndarray
    true_steps: np.ndarray
    use: np.ndarray

    @classmethod
    def blank(cls, rows: int, columns: int) -> "AppRecords":
        """Return records in which nothing has happened yet."""
        capacity, beliefs, relief, flare, steps = np.zeros((5, rows, columns), dtype=np.float32)
        use = np.zeros((rows, columns), dtype=np.uint16)
        return cls(capacity, beliefs, relief, flare, steps, use)

    def did(self, what: str) -> np.ndarray:
        """Return on which days something of :data:`USE` happened, (n, columns) booleans."""
        return (self.use & BIT[what]) > 0
