"""How patients use the app: opening, exercising, reading, messages, tiring, quitting."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.population import Patients
from scenarios.app import AppUse


@dataclass(frozen=True, slots=True)
class Day:
    """What app users did on one day, each (m,) booleans."""

    opened: np.ndarray
    exercised: np.ndarray
    read: np.ndarray
    encouraged: np.ndarray
    commended: np.ndarray


def quitting_day(app: AppUse, exponentials: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return the day after installation on which each patient stops for good.

    Parameters
    ----------
    app
        Hazard per week and the spread of its logarithm between persons.
    exponentials, normals
        (n,) standard exponential and normal draws.
    """
    if app.quit_hazard == 0.0:
        return np.full(len(normals), np.inf)
    hazard = -np.log1p(-min(app.quit_hazard, 1.0 - 1e-12)) / 7.0
    spread = np.exp(app.quit_spread * normals - app.quit_spread**2 / 2.0)
    return np.asarray(exponentials / (hazard * spread))


class Engagement:
    """Daily use of the app by n patients.

    Attributes
    ----------
    messages
        (n,) push notifications received so far.
    days_unopened
        (n,) days since the app was last opened.
    """

    def __init__(self, app: AppUse, patients: Patients) -> None:
        self._app = app
        self._open = (
            app.open_logit
            + app.open_per_motivation * patients.scores["motivation"]
            + app.open_per_depression * patients.scores["depression"]
            + app.open_per_stress * patients.scores["stress"]
        )
        self._exercise = (
            app.exercise_logit + app.exercise_per_motivation * patients.scores["motivation"]
        )
        self.messages = np.zeros(len(patients))
        self.days_unopened = np.zeros(len(patients), dtype=np.int64)

    def advance(
        self,
        rows: np.ndarray,
        day: np.ndarray,
        reached_goal: np.ndarray,
        opening: np.ndarray,
        exercise: np.ndarray,
        reading: np.ndarray,
    ) -> Day:
        """Let engaged users with a plan live through one day.

        Parameters
        ----------
        rows
            (m,) which patients.
        day
            (m,) days since installation.
        reached_goal
            (m,) whether yesterday's step goal was reached, which earns a commending message.
        opening, exercise, reading
            (m,) uniforms of the day.
        """
        app = self._app
        commended = reached_goal
        encouraged = (self.days_unopened[rows] >= app.encourage_after) & ~commended
        notified = commended | encouraged
        received = self.messages[rows]
        nudge = app.notification_logit * 0.5 ** (received / app.notification_fatigue) * notified
        logit = self._open[rows] - app.open_decay * (day / 7.0) + nudge
        opened = opening < special.expit(logit)
        effort = self._exercise[rows] + app.exercise_if_opened * opened
        exercised = exercise < special.expit(effort)
        read = opened & (reading < app.read_probability)
        self.messages[rows] = received + notified
        self.days_unopened[rows] = np.where(opened, 0, self.days_unopened[rows] + 1)
        return Day(opened, exercised, read, encouraged, commended)
