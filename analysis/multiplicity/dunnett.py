"""Dunnett's tests, from the joint covariance of the estimates.

They are those of Dunnett (1955, Journal of the American Statistical Association 50:1096-1121) where
arms are compared with one reference, and of any other contrasts likewise: the largest statistic is
held against its own distribution (Hothorn, Bretz and Westfall 2008, Biometrical Journal
50:346-363). With known covariance, or the t reference of one variance, levels are exact; with an
estimated covariance they hold for large trials. Where estimates differ in their degrees of freedom,
the smallest are those of all.
"""

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.multiplicity.joint import Joint, Sides, largest_tail, statistics


def dunnett(
    joint: Joint,
    *,
    sides: Sides = 2,
    better: float | Floats = 1.0,
    null: float | Floats = 0.0,
) -> Floats:
    """Return single-step adjusted P values: the chance of a largest statistic like each.

    Parameters
    ----------
    joint
        (m,) estimates with their covariance.
    sides
        Of the tests.
    better
        1 where a higher estimate is better, -1 where a lower one is: of all, or (m,).
    null
        Value of the null hypotheses, on the scale of the estimates: of all, or (m,).

    Returns
    -------
    (m,) adjusted P values; NaN where there is no estimate.
    """
    t, correlation = statistics(joint, sides, better, null)
    found = np.full(len(t), np.nan)
    reached = 0.0
    for each in _largest_first(t):
        chance = largest_tail(t[each], correlation, joint.common_df, sides)
        # P values rise as statistics fall, up to the error of integration.
        found[each] = reached = max(reached, chance)
    return found


def dunnett_step_down(
    joint: Joint,
    *,
    sides: Sides = 2,
    better: float | Floats = 1.0,
    null: float | Floats = 0.0,
) -> Floats:
    """Return step-down adjusted P values, never above those of a single step.

    Each statistic is held against the largest of those that are no larger than itself (Dunnett and
    Tamhane 1991, Statistics in Medicine 10:939-947; Marcus, Peritz and Gabriel 1976, Biometrika
    63:655-660). Parameters and result are those of :func:`dunnett`.
    """
    t, correlation = statistics(joint, sides, better, null)
    found = np.full(len(t), np.nan)
    left = np.ones(len(t), dtype=bool)
    reached = 0.0
    for each in _largest_first(t):
        block = correlation[np.ix_(left, left)]
        reached = max(reached, largest_tail(t[each], block, joint.common_df, sides))
        found[each] = reached
        left[each] = False
    return found


def _largest_first(t: Floats) -> np.ndarray:
    """Return the places of statistics that there are, from the largest on."""
    order = np.argsort(-t, kind="stable")
    return order[~np.isnan(t[order])]
