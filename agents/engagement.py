"""How patients use the app from day to day: opening, exercising, reading, tools, badges."""

from typing import Any, NamedTuple

import numpy as np
from scipy import special

from agents.population import Patients
from scenarios.devices.app import AppUse

TOOLS = ("goal_setting", "mindfulness", "pain_relief", "sleep_reminders")
ACTIVITIES = ("read", *TOOLS)
"""What may be done on a day on which the app is opened; the first is bit 0 of the day."""
READ = 1
"""The bit of reading."""
BADGES = ("exercise", "steps", "education")
"""Weekly targets for which there is a badge; the first is bit 0 of a week's badges."""
USE_STATE = [
    ("habit", "f4"), ("badges", "f4"), ("days_unopened", "i4"), ("behind", "f4"),
    ("mastery", "f4"), ("weeks_missed", "i4"), ("measured", "i4"), ("fit", "f4"),
    ("overload", "f4"), ("list_since", "i8"),
]  # fmt: skip
"""What a user's record keeps: the share of recent days with an opening, recent days counting more,
1 at installation; badges given for the week before; days since the app was last opened; exercise
sessions by which the week so far is behind an even pace; share done of the sessions asked for in
the week before; weeks in a row with the step goal missed; days of the week so far on which the app
could see whether it was met; fit of the plan's exercises, 0 to 1; plan
units of load above what the user can do by now; day of the trial since which the exercises are the
same."""


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
        draws = tools[position - 1]
        if name == "pain_relief":
            need = _logit(draws)
            need -= app.tools.pain_relief_per_pain * pain_above_baseline
            used = need < special.logit(app.tools.pain_relief)
        else:
            used = draws < getattr(app.tools, name)
        would |= used.view(np.uint8) << np.uint8(position)
    return would


class UseRules(NamedTuple):
    """What makes users open the app and exercise from day to day.

    Attributes
    ----------
    per_habit, per_badge
        Added to the logit of opening by habit, and by each badge of the week before.
    opening_per_pain, discouraged, most_discouraged
        Added to the logit of opening by a point of pain above that at baseline; taken from it and
        from that of exercising by each week in a row with the step goal missed, and for how many.
    if_opened
        Added to the logit of exercising on a day with an opening.
    per_fit, per_overload, per_pain, per_repetition, most_repetition, per_mastery
        Likewise, see :class:`scenarios.devices.app.ExerciseOdds`.
    forget
        Share of the habit that a day replaces.
    pace
        Exercise sessions a day that are asked for.
    encourage_after, behind_sessions
        Days without an opening, and sessions behind the pace, from which there is reason to
        encourage.
    sessions, step_days, readings
        Weekly targets for which there are badges.
    """

    per_habit: np.float32
    per_badge: np.float32
    opening_per_pain: np.float32
    discouraged: np.float32
    most_discouraged: np.float32
    if_opened: np.float32
    per_fit: np.float32
    per_overload: np.float32
    per_pain: np.float32
    per_repetition: np.float32
    most_repetition: np.float32
    per_mastery: np.float32
    forget: np.float32
    pace: np.float32
    encourage_after: int
    behind_sessions: np.float32
    sessions: int
    step_days: int
    readings: int

    @classmethod
    def of(cls, app: AppUse, sessions_per_week: int, *, exercises: bool = True) -> "UseRules":
        """Return the rules of a scenario; nobody falls behind without exercises to do."""
        return cls(
            np.float32(app.open_per_habit),
            np.float32(app.open_per_badge),
            np.float32(app.open_per_pain),
            np.float32(app.discouragement),
            np.float32(app.most_discouragement),
            np.float32(app.exercise_if_opened),
            np.float32(app.exercise.per_fit),
            np.float32(app.exercise.per_overload),
            np.float32(app.exercise.per_pain),
            np.float32(app.exercise.per_repetition),
            np.float32(app.exercise.most_repetition),
            np.float32(app.exercise.per_mastery),
            np.float32(1.0 / app.habit_memory),
            np.float32(sessions_per_week / 7.0),
            app.encourage_after,
            np.float32(app.behind_sessions if exercises else np.inf),
            sessions_per_week,
            app.badge_step_days,
            app.badge_readings,
        )


def needs_encouragement(user: Any, rules: UseRules) -> bool:
    """Return whether a user (a record with :data:`USE_STATE`) is silent or falls behind."""
    silent = user.days_unopened >= rules.encourage_after
    return bool(silent or user.behind >= rules.behind_sessions)


def use_app(
    user: Any,
    rules: UseRules,
    nudge: np.float64,
    opening: np.float32,
    exercise: np.float32,
    following: bool,
    more_pain: np.float32,
    today: int,
) -> tuple[bool, bool]:
    """Let a user open the app and exercise today, or not.

    Parameters
    ----------
    user
        Record with :data:`USE_STATE` and ``using``: whether the app is used at all these days.
    rules
        What makes users open the app and exercise.
    nudge
        What a message adds to the logit of opening.
    opening, exercise
        Thresholds of the day (:func:`opening_threshold`, :func:`exercise_threshold`).
    following
        Whether there is a plan to follow.
    more_pain
        NRS points of pain today above that at baseline.
    today
        Day of the trial.
    """
    none, one = np.float32(0.0), np.float32(1.0)
    missed = min(np.float32(user.weeks_missed), rules.most_discouraged) * rules.discouraged
    pull = user.habit * rules.per_habit + user.badges * rules.per_badge
    pull = pull + more_pain * rules.opening_per_pain - missed
    opened = bool(user.using and opening < np.float32(pull + nudge))
    exercised = False
    if following:
        repeated = np.float32((today - user.list_since) // 7)
        drive = user.fit * rules.per_fit + max(user.overload, none) * rules.per_overload
        drive = drive + more_pain * rules.per_pain + user.mastery * rules.per_mastery - missed
        drive = drive + min(repeated, rules.most_repetition) * rules.per_repetition
        exercised = bool(exercise < (rules.if_opened if opened else none) + drive)
    user.habit += ((one if opened else none) - user.habit) * rules.forget
    user.days_unopened = 0 if opened else user.days_unopened + 1
    user.behind = user.behind + rules.pace - (one if exercised else none)
    return opened, exercised


def begin_week(user: Any, rules: UseRules, exercised: int, goal_days: int, readings: int) -> int:
    """Give a user the badges for the week that is over.

    Parameters
    ----------
    user
        Record with :data:`USE_STATE` and ``has_plan``; without a plan there are no badges.
    rules
        With the weekly targets.
    exercised, goal_days, readings
        Exercise sessions, days on which the app showed the step goal as reached, and messages
        read in the week.

    Returns
    -------
    Bits in the order of :data:`BADGES`.
    """
    # Nobody misses a goal that is not there, or that no wristband counts steps for.
    missed = user.measured >= rules.step_days > goal_days
    user.behind, user.badges, user.measured = np.float32(0.0), np.float32(0.0), 0
    if not user.has_plan:
        return 0
    user.mastery = np.float32(min(exercised / rules.sessions, 1.0))
    user.weeks_missed = user.weeks_missed + 1 if missed else 0
    met = (exercised >= rules.sessions, goal_days >= rules.step_days, readings >= rules.readings)
    user.badges = np.float32(met[0]) + np.float32(met[1]) + np.float32(met[2])
    return met[0] | met[1] << 1 | met[2] << 2


def _logit(uniforms: np.ndarray) -> np.ndarray:
    """Return log odds; a uniform of 0 gives minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(uniforms / (1.0 - uniforms))
