"""True steps of a day."""

import numpy as np

from scenarios.patients import Activity


def usual_steps(
    activity: Activity,
    habitual: np.ndarray,
    pain_above_baseline: np.ndarray,
    weekday: np.ndarray,
    normals: np.ndarray,
) -> np.ndarray:
    """Return the steps that patients walk without a goal.

    Parameters
    ----------
    activity
        Weekday factors, day-to-day spread and how pain slows.
    habitual
        (n,) or (n, 1) mean steps a day of the person.
    pain_above_baseline
        NRS points, broadcast with ``habitual``.
    weekday
        0 (Monday) to 6, broadcast likewise.
    normals
        Standard normals of the days, broadcast likewise.
    """
    factor = np.array(activity.weekday_factor)
    factor = factor / factor.mean()
    spread = np.exp(activity.daily_sd * normals - activity.daily_sd**2 / 2.0)
    slowed = np.clip(1.0 - activity.pain_slope * pain_above_baseline, 0.1, 2.0)
    return np.asarray(habitual * factor[weekday] * spread * slowed)


def steps_towards_goal(activity: Activity, usual: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Return the steps of engaged users, who close part of the gap to their goal."""
    return usual + activity.goal_response * np.maximum(goal - usual, 0.0)
