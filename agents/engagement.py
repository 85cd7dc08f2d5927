"""How patients use the app from day to day: opening, exercising, reading, tools, badges."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.notifications import Messages, Notifications
from agents.population import Patients
from scenarios.app import AppUse

TOOLS = ("goal_setting", "mindfulness", "pain_relief", "sleep_reminders")
ACTIVITIES = ("read", *TOOLS)
"""What may be done on a day on which the app is opened, in the order of every such array."""
BADGES = ("exercise", "steps", "education")
"""Weekly targets for which there is a badge, in the order of every such array."""


@dataclass(frozen=True, slots=True)
class Day:
    """What m app users did on one day.

    Attributes
    ----------
    messages
        What they were sent.
    opened, exercised
        (m,) booleans.
    activities
        (m, 5) booleans in the order of :data:`ACTIVITIES`.
    """

    messages: Messages
    opened: np.ndarray
    exercised: np.ndarray
    activities: np.ndarray


def opening_threshold(app: AppUse, patients: Patients, uniforms: np.ndarray) -> np.ndarray:
    """Return what habit, badges and a message must exceed for the app to be opened on a day.

    Parameters
    ----------
    app
        Odds of opening, how they depend on motivation, depression and stress, and their decay.
    patients
        n patients.
    uniforms
        (n, days) uniforms, columns from the day of installation.

    Returns
    -------
    (n, days) thresholds on the logit scale.
    """
    scores = patients.scores
    inclination = (
        app.open_logit
        + app.open_per_motivation * scores["motivation"]
        + app.open_per_depression * scores["depression"]
        + app.open_per_stress * scores["stress"]
    )
    faded = (app.open_decay / 7.0 * np.arange(uniforms.shape[1])).astype(np.float32)
    threshold = _logit(uniforms)
    threshold -= inclination.astype(np.float32)[:, None]
    threshold += faded
    return threshold


def exercise_threshold(app: AppUse, patients: Patients, uniforms: np.ndarray) -> np.ndarray:
    """Return what opening the app must exceed for an exercise session, (n, days), logit scale.

    Parameters
    ----------
    app
        Odds of a session and how they depend on motivation.
    patients
        n patients.
    uniforms
        (n, days) uniforms.
    """
    effort = app.exercise_logit + app.exercise_per_motivation * patients.scores["motivation"]
    threshold = _logit(uniforms)
    threshold -= effort.astype(np.float32)[:, None]
    return threshold


def inclinations(
    app: AppUse, reading: np.ndarray, tools: np.ndarray, pain_above_baseline: np.ndarray
) -> np.ndarray:
    """Return what each patient would do on each day on which the app is opened.

    Pain-relieving exercises are for days of more pain; the other tools have the same probability
    every day.

    Parameters
    ----------
    app
        Probabilities.
    reading
        (n, days) uniforms.
    tools
        (n, days, 4) uniforms in the order of :data:`TOOLS`.
    pain_above_baseline
        (n, days) NRS points.

    Returns
    -------
    (n, days, 5) booleans in the order of :data:`ACTIVITIES`.
    """
    would = np.empty((*reading.shape, len(ACTIVITIES)), dtype=bool)
    would[:, :, 0] = reading < app.read_probability
    chance = np.array([getattr(app.tools, name) for name in TOOLS], dtype=np.float32)
    np.less(tools, chance, out=would[:, :, 1:])
    relief = TOOLS.index("pain_relief")
    need = _logit(np.ascontiguousarray(tools[:, :, relief]))
    need -= app.tools.pain_relief_per_pain * pain_above_baseline
    would[:, :, 1 + relief] = need < special.logit(app.tools.pain_relief)
    return would


class Engagement:
    """Daily use of the app by n users.

    Attributes
    ----------
    notifications
        What they are sent.
    habit
        (n,) share of recent days with an opening, recent days counting more; 1 at installation.
    badges
        (n,) badges of the week before.
    days_unopened
        (n,) days since the app was last opened.
    behind
        (n,) exercise sessions by which the week so far is behind an even pace.
    earned
        (n,) whether yesterday's exercise or steps are to be commended.
    """

    def __init__(self, app: AppUse, sessions_per_week: int, users: int) -> None:
        self._app = app
        self._pace = sessions_per_week / 7.0
        self.notifications = Notifications(app, users)
        self.habit = np.ones(users, dtype=np.float32)
        self.badges = np.zeros(users, dtype=np.float32)
        self.days_unopened = np.zeros(users, dtype=np.int32)
        self.behind = np.zeros(users, dtype=np.float32)
        self.earned = np.zeros(users, dtype=bool)

    def begin_week(self, users: np.ndarray, badges: np.ndarray) -> None:
        """Start the week of some users, who earned so many badges in the week before."""
        self.badges[users] = badges
        self.behind[users] = 0.0

    def advance(
        self,
        users: slice,
        opening: np.ndarray,
        exercise: np.ndarray,
        would: np.ndarray,
        using: np.ndarray,
        following: np.ndarray,
        reachable: np.ndarray,
    ) -> Day:
        """Let some users live through one day.

        Parameters
        ----------
        users
            Which m of the n users.
        opening, exercise
            (m,) thresholds of the day (:func:`opening_threshold`, :func:`exercise_threshold`).
        would
            (m, 5) :func:`inclinations` of the day.
        using, following, reachable
            (m,) whether they use the app at all these days, follow a plan, get messages.
        """
        app = self._app
        habit, unopened, behind = self.habit[users], self.days_unopened[users], self.behind[users]
        wanting = unopened >= app.encourage_after
        wanting |= behind >= app.behind_sessions
        messages = self.notifications.send(users, self.earned[users], wanting, reachable)
        pull = habit * app.open_per_habit
        pull += self.badges[users] * app.open_per_badge
        pull += messages.nudge
        opened = (opening < pull) & using
        exercised = (exercise < opened * np.float32(app.exercise_if_opened)) & following
        habit += (opened - habit) * np.float32(1.0 / app.habit_memory)
        unopened += 1
        unopened[opened] = 0
        behind += self._pace
        behind -= exercised
        return Day(messages, opened, exercised, would & opened[:, None])


def badges_earned(
    app: AppUse,
    sessions_per_week: int,
    exercised: np.ndarray,
    goal_days: np.ndarray,
    readings: np.ndarray,
) -> np.ndarray:
    """Return which badges a week earned, (m, 3) booleans in the order of :data:`BADGES`.

    Parameters
    ----------
    app
        Weekly targets of steps and education.
    sessions_per_week
        Weekly target of exercise.
    exercised, goal_days, readings
        (m,) exercise sessions, days on which the app showed the step goal as reached, and
        messages read in the week.
    """
    return np.stack(
        [
            exercised >= sessions_per_week,
            goal_days >= app.badge_step_days,
            readings >= app.badge_readings,
        ],
        axis=1,
    )


def _logit(uniforms: np.ndarray) -> np.ndarray:
    """Return log odds; a uniform of 0 gives minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(uniforms / (1.0 - uniforms))
