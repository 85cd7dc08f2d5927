"""What is kept of app use, day by day, for the n rows of a cohort."""

import numpy as np

from agents.engagement import ACTIVITIES, BADGES, Day
from agents.pathway import Benefit

USE = (
    *ACTIVITIES,
    "opened", "exercised", "commended", "encouraged", "goal_reached", "session", "plan",
    *(f"badge_{name}" for name in BADGES),
)  # fmt: skip
"""What may happen on a day with the app; the first is bit 0 of ``AppRecords.use``."""
BIT = {name: np.uint16(1 << position) for position, name in enumerate(USE)}


class AppRecords:
    """Daily states and doings of the app arm.

    Columns are days since randomization plus the lead-in. Rows of the control arm stay as they
    were made.

    Attributes
    ----------
    capacity, beliefs, disability_relief
        (n, columns) states of :class:`agents.pathway.Benefit` at the end of each day.
    true_steps
        (n, columns) steps walked; 0 before randomization and in the control arm.
    use
        (n, columns) what happened, bits of :data:`USE`; see :meth:`did`.
    """

    def __init__(self, rows: int, columns: int) -> None:
        def daily() -> np.ndarray:
            return np.zeros((rows, columns), dtype=np.float32)

        self.capacity, self.beliefs, self.disability_relief = daily(), daily(), daily()
        self.true_steps = daily()
        self.use = np.zeros((rows, columns), dtype=np.uint16)
        self._capacity = self.capacity.reshape(-1)
        self._beliefs = self.beliefs.reshape(-1)
        self._relief = self.disability_relief.reshape(-1)
        self._steps = self.true_steps.reshape(-1)
        self._use = self.use.reshape(-1)

    def did(self, what: str) -> np.ndarray:
        """Return on which days something of :data:`USE` happened, (n, columns) booleans."""
        return (self.use & BIT[what]) > 0

    def store_day(
        self,
        at: np.ndarray,
        users: slice,
        day: Day,
        goal_reached: np.ndarray,
        badges: np.ndarray,
        steps: np.ndarray,
        benefit: Benefit,
    ) -> None:
        """Keep what m users did today and where it brought them.

        Parameters
        ----------
        at
            (m,) flat positions of today in an array of (rows, columns).
        users
            Their places in ``benefit``.
        day, goal_reached, badges, steps
            What they did, whether the app saw the step goal as reached, bits of
            :data:`agents.engagement.BADGES` they were given, steps walked.
        benefit
            The states at the end of the day.
        """
        use = day.opened * BIT["opened"]
        use += day.activities
        use += day.exercised * BIT["exercised"]
        use += day.messages.commended * BIT["commended"]
        use += day.messages.encouraged * BIT["encouraged"]
        use += goal_reached * BIT["goal_reached"]
        use += badges * BIT["badge_exercise"]
        self._use[at] = use
        self._steps[at] = steps
        self._capacity[at] = benefit.capacity[users]
        self._beliefs[at] = benefit.beliefs[users]
        self._relief[at] = benefit.disability_relief[users]

    def store_session(self, at: np.ndarray, makes_plan: np.ndarray) -> None:
        """Note who did a tailoring session today, and who made a plan in it."""
        self._use[at] = self._use.take(at) | (BIT["session"] + makes_plan * BIT["plan"])
