"""True steps of a day."""

from typing import NamedTuple

import numpy as np

from agents.symptoms import filtered
from scenarios.people.patients import Activity


def usual_steps(
    activity: Activity, habitual: np.ndarray, pain_above_baseline: np.ndarray, normals: np.ndarray
) -> np.ndarray:
    """Return the steps that patients walk without a goal on an average day of the week.

    Parameters
    ----------
    activity
        Day-to-day spread, its memory, the most that anybody walks, and how pain slows.
    habitual
        (n, 1) mean steps a day of the person.
    pain_above_baseline
        (n, days) NRS points.
    normals
        (n, days) standard normals.
    """
    days = stationary(normals, activity.daily_memory)
    spread = np.exp(np.float32(activity.daily_sd) * days - np.float32(activity.daily_sd**2 / 2.0))
    slowed = np.clip(1.0 - np.float32(activity.pain_slope) * pain_above_baseline, 0.1, 2.0)
    steps = habitual.astype(np.float32) * spread * slowed
    return np.asarray(np.minimum(steps, np.float32(activity.most_steps)))


def stationary(normals: np.ndarray, memory: float) -> np.ndarray:
    """Return an AR(1) of SD 1 made of (n, days) normals, with a correlation from day to day."""
    if memory == 0.0:
        return normals
    innovations = normals * np.float32(np.sqrt(1.0 - memory**2))
    innovations[:, 0] = normals[:, 0]
    return filtered(innovations, np.float32(memory))


def weekday_factor(activity: Activity, weekday: int) -> float:
    """Return the steps of a weekday, 0 for Monday, relative to the mean of the week."""
    factors = activity.weekday_factor
    return factors[weekday] / (sum(factors) / len(factors))


class GoalRules(NamedTuple):
    """How engaged users walk towards a step goal.

    Attributes
    ----------
    response
        Share of the gap to the goal that is closed.
    reach
        Steps a day: a gap up to this is closed in full, and as much of a wider one.
    """

    response: np.float32
    reach: np.float32

    @classmethod
    def of(cls, activity: Activity) -> "GoalRules":
        """Return the rules of a scenario."""
        return cls(np.float32(activity.goal_response), np.float32(activity.goal_reach))


def steps_towards_goal(rules: GoalRules, usual: np.float32, goal: np.float32) -> np.float32:
    """Return the steps of an engaged user, who closes the gap to the goal, or part of it.

    Parameters
    ----------
    rules
        How much of it.
    usual, goal
        Steps without a goal, and the goal.
    """
    gap = max(goal - usual, np.float32(0.0))
    if gap <= rules.reach:  # the goal itself, which a sum may miss by rounding
        return max(goal, usual)
    return max(gap * rules.response, rules.reach) + usual
