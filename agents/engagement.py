"""How patients use the app from day to day: opening, exercising, reading, tools, badges."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.notifications import Messages, Notifications
from agents.population import Patients
from agents.precision import single
from scenarios.devices.app import AppUse

TOOLS = ("goal_setting", "mindfulness", "pain_relief", "sleep_reminders")
ACTIVITIES = ("read", *TOOLS)
"""What may be done on a day on which the app is opened; the first is bit 0 of the day."""
READ = np.array(1, dtype=np.uint8)
USED_TOOLS = np.array((1 << len(ACTIVITIES)) - 2, dtype=np.uint8)
BADGES = ("exercise", "steps", "education")
"""Weekly targets for which there is a badge; the first is bit 0 of a week's badges."""
_ONE_DAY = np.array(1, dtype=np.int32)


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
        (m,) bits in the order of :data:`ACTIVITIES`.
    """

    messages: Messages
    opened: np.ndarray
    exercised: np.ndarray
    activities: np.ndarray


def opening_threshold(
    app: AppUse, patients: Patients, first: int, uniforms: np.ndarray
) -> np.ndarray:
    """Return what habit, badges and a message must exceed for the app to be opened on a day.

    Parameters
    ----------
    app
        Odds of opening, how they depend on motivation, depression and stress, and their decay.
    patients
        n patients.
    first
        Column of the day of installation.
    uniforms
        (n, days) uniforms.

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
    faded = (app.open_decay / 7.0 * (np.arange(uniforms.shape[1]) - first)).astype(np.float32)
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
        (4, n, days) uniforms in the order of :data:`TOOLS`.
    pain_above_baseline
        (n, days) NRS points.

    Returns
    -------
    (n, days) bits in the order of :data:`ACTIVITIES`.
    """
    would = (reading < app.read_probability).view(np.uint8)
    for position, name in enumerate(TOOLS, start=1):
        luck = tools[position - 1]
        if name == "pain_relief":
            need = _logit(luck)
            need -= app.tools.pain_relief_per_pain * pain_above_baseline
            used = need < special.logit(app.tools.pain_relief)
        else:
            used = luck < getattr(app.tools, name)
        would |= used.view(np.uint8) << np.uint8(position)
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
        (n,) badges given for the week before.
    days_unopened
        (n,) days since the app was last opened.
    behind
        (n,) exercise sessions by which the week so far is behind an even pace.
    earned
        (n,) whether the app saw something yesterday that is to be commended.
    """

    def __init__(self, app: AppUse, sessions_per_week: int, users: int) -> None:
        self._per_habit = single(app.open_per_habit)
        self._per_badge = single(app.open_per_badge)
        self._if_opened = single(app.exercise_if_opened)
        self._forget = single(1.0 / app.habit_memory)
        self._encourage_after = np.array(app.encourage_after, dtype=np.int32)
        self._behind_sessions = single(app.behind_sessions)
        self._pace = single(sessions_per_week / 7.0)
        self.notifications = Notifications(app, users)
        self.habit = np.ones(users, dtype=np.float32)
        self.badges = np.zeros(users, dtype=np.float32)
        self.days_unopened = np.zeros(users, dtype=np.int32)
        self.behind = np.zeros(users, dtype=np.float32)
        self.earned = np.zeros(users, dtype=bool)

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
            (m,) :func:`inclinations` of the day.
        using, following, reachable
            (m,) whether they use the app at all these days, follow a plan, get messages.
        """
        habit, unopened, behind = self.habit[users], self.days_unopened[users], self.behind[users]
        wanting = unopened >= self._encourage_after
        wanting |= behind >= self._behind_sessions
        messages = self.notifications.send(users, self.earned[users], wanting, reachable)
        pull = habit * self._per_habit
        pull += self.badges[users] * self._per_badge
        pull += messages.nudge
        opened = opening < pull
        opened &= using
        use = opened.astype(np.float32)
        exercised = exercise < use * self._if_opened
        exercised &= following
        use -= habit
        use *= self._forget
        habit += use
        unopened += _ONE_DAY
        unopened[opened] = 0
        behind += self._pace
        behind -= exercised.astype(np.float32)
        return Day(messages, opened, exercised, would * opened.view(np.uint8))


def badges_earned(
    app: AppUse,
    sessions_per_week: int,
    exercised: np.ndarray,
    goal_days: np.ndarray,
    readings: np.ndarray,
) -> np.ndarray:
    """Return which badges a week earned, (m,) bits in the order of :data:`BADGES`.

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
    earned = (exercised >= sessions_per_week).view(np.uint8)
    earned |= (goal_days >= app.badge_step_days).view(np.uint8) << np.uint8(1)
    earned |= (readings >= app.badge_readings).view(np.uint8) << np.uint8(2)
    return earned


def _logit(uniforms: np.ndarray) -> np.ndarray:
    """Return log odds; a uniform of 0 gives minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(uniforms / (1.0 - uniforms))
