"""Size-adjusted power: rejections at the P value below which alpha of the null trials are.

A test that rejects a true null too often has power that it would lose at its nominal level. Its
critical value is therefore taken from trials of the same design in which the null holds.
"""

from dataclasses import dataclass
from math import ceil, floor, sqrt

import numpy as np
import pandas as pd

from analysis.decision.rule import Rule

REACH = 1.959964
"""Standard errors of the null's rank, on either side, over which the slope of power is taken."""


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


def band(null: np.ndarray, alpha: float) -> tuple[float, float, float, float]:
    """Return the critical P value, one below and one above, and the null's share between these.

    They are as far apart as the critical value is uncertain (Woodruff 1952, Journal of the American
    Statistical Association 47:635).
    """
    n, rank = len(null), critical_rank(len(null), alpha)
    if rank < 1:
        raise ValueError(f"{n} null trials do not determine a critical value at {alpha:g}")
    ordered = np.sort(null)
    reach = ceil(REACH * sqrt(n * alpha * (1.0 - alpha)))
    low, high = max(rank - reach, 1), min(rank + reach, n)
    share = (high - low) / n
    return float(ordered[rank - 1]), float(ordered[low - 1]), float(ordered[high - 1]), share


def size_adjusted(
    p: np.ndarray, in_favour: np.ndarray, null: np.ndarray, alpha: float
) -> SizeAdjusted:
    """Return size-adjusted power.

    Parameters
    ----------
    p, in_favour
        (n,) P value of each replicate, and whether it is in favour of the intervention.
    null
        (n,) P value of the same replicates without effect.
    alpha
        Level of the test.

    Raises
    ------
    ValueError
        If there are too few null trials, see :func:`fewest_replicates`.
    """
    critical, low, high, share = band(null, alpha)
    hits = (p <= critical) & in_favour
    between = ((p <= high) & in_favour).mean() - ((p <= low) & in_favour).mean()
    slope = float(between / share) if share else 0.0
    # The critical value moves against its own error of size: the influence of each replicate.
    influence = hits - slope * (null <= critical)
    return SizeAdjusted(
        critical,
        int(hits.sum()),
        float(hits.mean()),
        float(influence.std(ddof=1) / sqrt(len(p))),
    )
