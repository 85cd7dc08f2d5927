"""Simultaneous confidence intervals: all hold their estimands together with the confidence stated.

They agree with the tests of one step: an interval leaves out the null where its adjusted P value is
below 1 minus the confidence.
"""

from collections.abc import Mapping

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.multiplicity.joint import Joint, Sides, critical_value, quantile, statistics
from scenarios.errors import InputError

_NONE = "no simple simultaneous intervals agree with its tests: report those of {instead}"
NO_INTERVALS: Mapping[str, str] = {
    "holm": _NONE.format(instead="bonferroni"),
    "hochberg": _NONE.format(instead="bonferroni"),
    "dunnett_step_down": _NONE.format(instead="dunnett"),
    "fixed_sequence": _NONE.format(instead="bonferroni"),
    "graph": _NONE.format(instead="bonferroni"),
}
"""Procedure to why it has no intervals, and whose to report. Those that are compatible say nothing
beyond the tests where a hypothesis is rejected unless all are (Strassburger and Bretz 2008,
Statistics in Medicine 27:4914-4927)."""


def bonferroni_intervals(
    joint: Joint, confidence: float, *, sides: Sides = 2, better: float | Floats = 1.0
) -> Floats:
    """Return intervals of level ``1 - (1 - confidence) / m`` each.

    Parameters
    ----------
    joint
        (m,) estimates with their covariance.
    confidence
        Joint level, above 0 and below 1.
    sides
        1: the limit where the intervention is worse is finite, the other infinite.
    better
        1 where a higher estimate is better, -1 where a lower one is: of all, or (m,).

    Returns
    -------
    (m, 2) lower and upper limits, NaN where there is no estimate.

    Raises
    ------
    InputError
        If the confidence is not above 0 and below 1.
    """
    chance = _check(confidence) / len(joint.estimate)
    reach = np.array([quantile(chance, df, sides) for df in joint.all_df])
    return _limits(joint, reach, sides, better)


def dunnett_intervals(
    joint: Joint, confidence: float, *, sides: Sides = 2, better: float | Floats = 1.0
) -> Floats:
    """Return intervals of the critical value of the largest statistic (Dunnett 1955).

    Parameters, result and errors are those of :func:`bonferroni_intervals`.
    """
    chance = _check(confidence)
    _, correlation = statistics(joint, sides, better)
    reach = critical_value(correlation, chance, joint.common_df, sides)
    return _limits(joint, np.full(len(joint.estimate), reach), sides, better)


def _check(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence: {confidence:g} is not allowed: must be above 0 and below 1")
    return 1.0 - confidence


def _limits(joint: Joint, reach: Floats, sides: Sides, better: float | Floats) -> Floats:
    lower, upper = joint.estimate - reach * joint.se, joint.estimate + reach * joint.se
    if sides == 1:
        higher = np.broadcast_to(np.asarray(better) > 0.0, lower.shape)
        lower, upper = np.where(higher, lower, -np.inf), np.where(higher, np.inf, upper)
    limits = np.column_stack([lower, upper])
    limits[~joint.known] = np.nan
    return limits
