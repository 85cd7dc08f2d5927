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
BIT = {name: np.array(1 << position, dtype=np.uint16) for position, name in enumerate(USE)}
_WEEK_BEFORE = np.arange(-7, 0)[:, None]


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

    def week_before(self, at: np.ndarray, *what: str) -> list[np.ndarray]:
        """Return on how many of the 7 days before a day something happened.

        Parameters
        ----------
        at
            (m,) flat positions of the day in an array of (rows, columns), on or after
            randomization.
        what
            Names from :data:`USE`.

        Returns
        -------
        (m,) counts for each name.
        """
        use = self._use.take(at + _WEEK_BEFORE)
        return [np.add.reduce((use & BIT[name]) > 0, axis=0) for name in what]

    def store_day(
        self,
        at: np.ndarray,
        users: slice,
        day: Day,
        goal_reached: np.ndarray,
        badges: np.ndarray | None,
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
            :data:`agents.engagement.BADGES` if they were given, steps walked.
        benefit
            The states at the end of the day.
        """
        use = day.activities.astype(np.uint16)
        for name, happened in (
            ("opened", day.opened),
            ("exercised", day.exercised),
            ("commended", day.messages.commended),
            ("encouraged", day.messages.encouraged),
            ("goal_reached", goal_reached),
        ):
            use += happened.astype(np.uint16) * BIT[name]
        if badges is not None:
            use += badges * BIT["badge_exercise"]
        self._use[at] = use
        self._steps[at] = steps
        self._capacity[at] = benefit.capacity[users]
        self._beliefs[at] = benefit.beliefs[users]
        self._relief[at] = benefit.disability_relief[users]

    def store_session(self, at: np.ndarray, makes_plan: np.ndarray) -> None:
        """Note who did a tailoring session today, and who made a plan in it."""
        self._use[at] = self._use.take(at) | (
            BIT["session"] + makes_plan.astype(np.uint16) * BIT["plan"]
        )
