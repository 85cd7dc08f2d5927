"""What is kept of app use, day by day, for the n rows of a cohort."""

import numpy as np

from agents.engagement import ACTIVITIES, BADGES, Day
from agents.pathway import Benefit
from agents.step_sources import StepRecording
from agents.symptoms import LEAD_IN

USE = ("opened", "exercised", *ACTIVITIES, "commended", "encouraged", "goal_reached", "session", "plan")  # fmt: skip
"""What may happen on a day with the app, in the order of the last axis of ``AppRecords.use``."""
GOAL_REACHED = USE.index("goal_reached")
SESSION, PLAN = USE.index("session"), USE.index("plan")


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
        (n, columns, doings) booleans in the order of :data:`USE`.
    badges
        (n, weeks, 3) badges earned in each week since installation, in the order of
        :data:`agents.engagement.BADGES`.
    recording
        What step sources do, by day since installation; None where there is no app.
    """

    def __init__(self, rows: int, columns: int, recording: StepRecording | None = None) -> None:
        def daily() -> np.ndarray:
            return np.zeros((rows, columns), dtype=np.float32)

        self.capacity, self.beliefs, self.disability_relief = daily(), daily(), daily()
        self.true_steps = np.full((rows, columns), np.nan, dtype=np.float32)
        self.use = np.zeros((rows, columns, len(USE)), dtype=bool)
        weeks = (columns - LEAD_IN) // 7 + 1
        self.badges = np.zeros((rows, weeks, len(BADGES)), dtype=bool)
        self.recording = recording
        self._capacity = self.capacity.reshape(-1)
        self._beliefs = self.beliefs.reshape(-1)
        self._relief = self.disability_relief.reshape(-1)
        self._steps = self.true_steps.reshape(-1)
        self._use = self.use.reshape(-1, len(USE))

    def store_day(
        self,
        at: np.ndarray,
        users: slice,
        day: Day,
        goal_reached: np.ndarray,
        steps: np.ndarray,
        benefit: Benefit,
    ) -> np.ndarray:
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

        Returns
        -------
        (m, doings) booleans in the order of :data:`USE`.
        """
        use = np.zeros((len(at), len(USE)), dtype=bool)
        use[:, 0] = day.opened
        use[:, 1] = day.exercised
        use[:, 2 : 2 + len(ACTIVITIES)] = day.activities
        use[:, GOAL_REACHED - 2] = day.messages.commended
        use[:, GOAL_REACHED - 1] = day.messages.encouraged
        use[:, GOAL_REACHED] = goal_reached
        self._use[at] = use
        self._steps[at] = steps
        self._capacity[at] = benefit.capacity[users]
        self._beliefs[at] = benefit.beliefs[users]
        self._relief[at] = benefit.disability_relief[users]
        return use

    def store_session(self, at: np.ndarray, makes_plan: np.ndarray) -> None:
        """Note who did a tailoring session today, and who made a plan in it."""
        self._use[at, SESSION] = True
        self._use[at, PLAN] = makes_plan

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
        ratio = self.recording.ratio.take(past, mode="clip")
        seen = self.recording.synced.take(past, mode="clip") <= day[:, None]
        seen &= _WEEK_BEFORE >= -day[:, None]
        seen &= ratio == ratio  # noqa: PLR0124  not NaN
        ratio *= self._steps.take(column_at[:, None] + _WEEK_BEFORE)
        total = np.where(seen, ratio, 0.0).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / seen.sum(axis=1))


_WEEK_BEFORE = np.arange(-7, 0)
