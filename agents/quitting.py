"""How long patients stay with the app: quitting for good, and pauses from which they may return.

Each patient would stay for some days (:func:`quitting_day`). How they fare makes these days pass
faster or slower: that is a hazard that changes from day to day (:func:`haste`), with one draw.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from agents.population import Patients
from scenarios.devices.app import AppUse


def quitting_day(
    app: AppUse, patients: Patients, exponentials: np.ndarray, normals: np.ndarray
) -> np.ndarray:
    """Return the days after installation for which each patient uses the app.

    The hazard is constant in time and log-linear in depression, stress, age and a personal
    frailty, whose mean is 1.

    Parameters
    ----------
    app
        Hazard per week, its spread between persons, its slopes.
    patients
        n patients.
    exponentials, normals
        (n,) standard exponential and normal draws.

    Returns
    -------
    (n,) days, a fraction included; infinite where nobody quits.
    """
    if app.quit_hazard == 0.0:
        return np.full(len(normals), np.inf)
    hazard = -np.log1p(-min(app.quit_hazard, 1.0 - 1e-12)) / 7.0
    scores = patients.scores
    slopes = (
        app.quit_per_depression * scores["depression"]
        + app.quit_per_stress * scores["stress"]
        + app.quit_per_age * scores["age"]
    )
    frailty = np.exp(app.quit_spread * normals - app.quit_spread**2 / 2.0)
    return np.asarray(exponentials / (hazard * frailty * np.exp(slopes)))


QUIT_STATE = [("stay", "f8"), ("haste", "f8")]
"""What a user's record keeps: days that are left with the app, were the hazard what it was at
installation; hazard of today in proportion to that."""


class LeavingRules(NamedTuple):
    """What moves the hazard of stopping; see :class:`scenarios.devices.app.Leaving`."""

    per_pain: float
    if_well: float
    well_below: float
    per_missed_goal: float
    most_missed: float
    per_message: float

    @classmethod
    def of(cls, app: AppUse, *, has_app: bool = True) -> "LeavingRules":
        """Return the rules of a scenario; without an app nothing moves the hazard."""
        if not has_app:
            return cls(0.0, 0.0, app.leaving.well_below, 0.0, 0.0, 0.0)
        leaving = app.leaving
        return cls(
            leaving.per_pain,
            leaving.if_well,
            leaving.well_below,
            leaving.per_missed_goal,
            app.most_discouragement,
            leaving.per_message,
        )


def haste(
    rules: LeavingRules, pain: float, more_pain: float, weeks_missed: int, remembered: float
) -> float:
    """Return today's hazard of stopping in proportion to that at installation.

    Parameters
    ----------
    rules
        What moves it.
    pain, more_pain
        Of today, NRS points, and above that at baseline.
    weeks_missed
        In a row with the step goal missed.
    remembered
        Messages that are not forgotten yet.
    """
    moved = rules.per_pain * float(more_pain)
    moved += rules.per_missed_goal * min(float(weeks_missed), rules.most_missed)
    moved += rules.per_message * float(remembered)
    if pain <= rules.well_below:
        moved += rules.if_well
    return math.exp(moved)


def pass_day(user: Any, rules: LeavingRules, pain: float, more_pain: float) -> bool:
    """Let a day with the app pass, and return whether the user stops tomorrow.

    Parameters
    ----------
    user
        Record with :data:`QUIT_STATE`, ``weeks_missed`` and ``remembered``. If the user stops
        tomorrow, it is after the share ``stay / haste`` of the day.
    rules, pain, more_pain
        See :func:`haste`.
    """
    user.stay -= user.haste
    user.haste = haste(rules, pain, more_pain, user.weeks_missed, user.remembered)
    return bool(user.stay < user.haste)


def paused_weeks(app: AppUse, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return in which weeks with the app it is left alone, the first week never.

    Parameters
    ----------
    app
        Probability that a pause begins in a week; mean length of pauses, which is geometric.
    starts, lengths
        (n, weeks) uniforms.

    Returns
    -------
    (n, weeks) booleans. A pause that outlasts the weeks is quitting in all but name.
    """
    week = np.arange(starts.shape[1])
    longer = np.log(1.0 - 1.0 / app.pause_weeks) if app.pause_weeks > 1.0 else -np.inf
    length = 1 + np.floor(np.log1p(-lengths.astype(float)) / longer).astype(np.int64)
    begins = (starts < app.pause_hazard) & (week > 0)
    until = np.maximum.accumulate(np.where(begins, week + length, 0), axis=1)
    return np.asarray(until > week)
