"""Size-adjusted power: rejections at the P value below which alpha of the null trials are.

A test that rejects a true null too often has power that it would lose at its nominal level. Its
critical value is therefore taken from trials of the same design in which the null holds.
"""

from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
import pandas as pd
from scipy import stats

from analysis.decision.rule import Rule


@dataclass(frozen=True, slots=True)
class SizeAdjusted:
    """Power at the empirical critical value.

    Attributes
    ----------
    critical
        P value up to which a trial rejects.
    rejected
        Trials in favour of the intervention with a P value up to that.
    power
        Their share of all.
    error
        Its Monte Carlo standard error: of these trials, and of the critical value, paired by
        replicate, for the trials and those of the null share random numbers.
    """

    critical: float
    rejected: int
    power: float
    error: float


def fewest_replicates(alpha: float) -> int:
    """Return how many null trials determine a critical value.

    >>> fewest_replicates(0.05)
    19
    """
    return ceil(1.0 / alpha - 1e-9) - 1


def p_values(trials: pd.DataFrame, replicates: int, first: int = 0) -> np.ndarray:
    """Return the P value of the plan's test of every replicate, 1 where there is no estimate.

    Parameters
    ----------
    trials
        ``replicate`` and ``p_decision`` of those that yielded a row.
    replicates, first
        How many there were in all, from which number on.
    """
    found = np.ones(replicates)
    found[trials["replicate"] - first] = trials["p_decision"].fillna(1.0)
    return found


def favourable(trials: pd.DataFrame, replicates: int, rule: Rule, first: int = 0) -> np.ndarray:
    """Return which replicates' P values are of a difference in favour of the intervention.

    Those of a 1-sided test all are: what is against the intervention has a large one.
    """
    found = np.zeros(replicates, dtype=bool)
    right = (rule.better * trials["estimate"] > 0.0) | (rule.sides == 1)
    found[trials["replicate"] - first] = right
    return found


def critical_rank(replicates: int, alpha: float) -> int:
    """Return which of the null's P values, in order, is the critical one, from 1.

    With exchangeable trials a further one is as small, or smaller, with probability at most alpha.
    """
    return floor(alpha * (replicates + 1) + 1e-9)


def critical_value(null: np.ndarray, alpha: float) -> float:
    """Return the P value up to which a share of alpha of the null trials lie.

    Parameters
    ----------
    null
        (n,) P values where the null holds.
    alpha
        Level of the test.

    Raises
    ------
    ValueError
        If there are too few, see :func:`fewest_replicates`.
    """
    rank = critical_rank(len(null), alpha)
    if rank < 1:
        raise ValueError(f"{len(null)} null trials do not determine a critical value at {alpha:g}")
    return float(np.sort(null)[rank - 1])


def slope_of_power(power: float, rule: Rule) -> float:
    """Return how fast power rises with the size of a test.

    That of a normal statistic, whose SD does not matter: if power is the chance beyond one
    critical value, the ratio of the normal densities there. Equivalence has two such values, and
    here the same chance beyond either.
    """
    edges = 2.0 if rule.hypothesis == "equivalence" else 1.0
    beyond = (1.0 - power) / edges
    densities = stats.norm.pdf(stats.norm.ppf([beyond, rule.tail]))
    return float(edges * densities[0] / (rule.sides * densities[1]))


def size_adjusted(
    p: np.ndarray, in_favour: np.ndarray, null: np.ndarray, rule: Rule
) -> SizeAdjusted:
    """Return size-adjusted power.

    Parameters
    ----------
    p, in_favour
        (n,) P value of each replicate, and whether it is in favour of the intervention.
    null
        (n,) P value of the same replicates where the null holds.
    rule
        The test.

    Raises
    ------
    ValueError
        If there are too few null trials, see :func:`fewest_replicates`.
    """
    critical = critical_value(null, rule.alpha)
    hits = (p <= critical) & in_favour
    power = float(hits.mean())
    # Where more null trials than expected are below a P value, the critical one is smaller: the
    # influence of a replicate on power is that of its trial less that of its null trial on size.
    influence = hits - slope_of_power(power, rule) * (null <= critical)
    return SizeAdjusted(
        critical, int(hits.sum()), power, float(influence.std(ddof=1) / sqrt(len(p)))
    )
