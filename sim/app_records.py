"""What is kept of app use, day by day, for the n rows of a cohort."""

import numpy as np

from agents.engagement import ACTIVITIES, BADGES, Day
from agents.pathway import Benefit
from agents.step_sources import StepRecording
from agents.symptoms import LEAD_IN

USE = (
    *ACTIVITIES, "opened", "exercised", "commended", "encouraged", "goal_reached", "session", "plan",
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
        (n, columns) steps walked; NaN before randomization.
    use
        (n, columns) what happened, bits of :data:`USE`; see :meth:`did`.
    badges
        (3, n, weeks) badges earned in each week since installation, in the order of
        :data:`agents.engagement.BADGES`.
    recording
        What step sources do, by day since installation; None where there is no app.
    """

    def __init__(self, rows: int, columns: int, recording: StepRecording | None = None) -> None:
        def daily() -> np.ndarray:
            return np.zeros((rows, columns), dtype=np.float32)

        self.capacity, self.beliefs, self.disability_relief = daily(), daily(), daily()
        self.true_steps = np.full((rows, columns), np.nan, dtype=np.float32)
        self.use = np.zeros((rows, columns), dtype=np.uint16)
        weeks = (columns - LEAD_IN) // 7 + 1
        self.badges = np.zeros((len(BADGES), rows, weeks), dtype=bool)
        self.recording = recording
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
        day, goal_reached, steps
            What they did, whether the app saw the step goal as reached, steps walked.
        benefit
            The states at the end of the day.
        """
        use = day.opened * BIT["opened"]
        use += day.activities
        use += day.exercised * BIT["exercised"]
        use += day.messages.commended * BIT["commended"]
        use += day.messages.encouraged * BIT["encouraged"]
        use += goal_reached * BIT["goal_reached"]
        self._use[at] = use
        self._steps[at] = steps
        self._capacity[at] = benefit.capacity[users]
        self._beliefs[at] = benefit.beliefs[users]
        self._relief[at] = benefit.disability_relief[users]

    def store_session(self, at: np.ndarray, makes_plan: np.ndarray) -> None:
        """Note who did a tailoring session today, and who made a plan in it."""
        self._use[at] = self._use.take(at) | (BIT["session"] + makes_plan * BIT["plan"])

    def known_steps(self, column_at: np.ndarray, day_at: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return mean recorded steps of the 7 days before today, as far as the app knows them.

        Parameters
        ----------
        column_at, day_at
            (m,) flat positions of today in arrays of (rows, columns) and (rows, days).
        day
            (m,) days since installation.

        Returns
        -------
        (m,) steps a day, NaN where no day is known.
        """
        if self.recording is None:
            raise RuntimeError("steps are recorded where there is an app only")
        past = day_at[:, None] + _WEEK_BEFORE
        steps = self.recording.ratio.take(past, mode="clip")
        steps *= self._steps.take(column_at[:, None] + _WEEK_BEFORE)
        seen = self.recording.synced.take(past, mode="clip") <= day[:, None]
        seen &= _WEEK_BEFORE >= -day[:, None]
        seen &= ~np.isnan(steps)
        steps[~seen] = 0.0
        with np.errstate(invalid="ignore"):
            return np.asarray(np.add.reduce(steps, axis=1) / np.add.reduce(seen, axis=1))


_WEEK_BEFORE = np.arange(-7, 0)
