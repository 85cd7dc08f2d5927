"""Whether observations spread further than the first of them told.

A sequential test that takes the variance from its first observations is misled where most are alike
and a few are far off: if the first are alike, the limits are narrow, and the mean is that of those
that are alike. Two signs of it, each with a P value where all are normal with one variance:

- the variance of the later observations exceeds that of the first: F ratio;
- the largest is beyond the others: Grubbs's test (Grubbs 1950, Annals of Mathematical Statistics
  21:27), as the t distribution of the largest deleted residual, times the number of observations.
"""

import numpy as np
from scipy import special


def later_variance(observations: np.ndarray, first: int) -> float:
    """Return the P value of the variance of later observations against that of the first.

    Parameters
    ----------
    observations
        (n,) in the order in which they came.
    first
        How many are the first, at least 2.

    Returns
    -------
    One-sided: small where the later ones vary more. 1 with fewer than two later ones.

    >>> later_variance(np.array([0.1, -0.1, 0.2, 0.0, 0.1, 3.0, -3.0]), 5) < 0.001
    True
    """
    later = observations[first:]
    if len(later) < 2:
        return 1.0
    before, after = observations[:first].var(ddof=1), later.var(ddof=1)
    if after <= 0.0:
        return 1.0
    if before <= 0.0:
        return 0.0
    return float(special.fdtrc(len(later) - 1, first - 1, after / before))


def largest_apart(observations: np.ndarray) -> float:
    """Return the P value of the largest observation being one of the others.

    Parameters
    ----------
    observations
        (n,) at least 3.

    Returns
    -------
    One-sided, at most 1; an upper bound, since it adds up over the observations.

    >>> largest_apart(np.array([0.1, -0.1, 0.2, 0.0, 0.1, 3.0])) < 0.001
    True
    """
    at = int(observations.argmax())
    others = np.delete(observations, at)
    n, spread = len(others), float(others.std(ddof=1))
    apart = float(observations[at] - others.mean())
    if apart <= 0.0:
        return 1.0
    if spread <= 0.0:
        return 0.0
    beyond = apart / (spread * np.sqrt(1.0 + 1.0 / n))
    return float(min(1.0, len(observations) * special.stdtr(n - 1, -beyond)))
