"""Where a wave of the calibration simulates: a space-filling design around a point."""

import numpy as np
from scipy import special
from scipy.stats import qmc

FURTHEST = 4.0
"""Prior SDs from the prior mean that a parameter may go."""
OUTERMOST = 2.5
"""SDs of a design from its centre that a point of it may go in each direction."""


def design_points(centre: np.ndarray, root: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return points that fill a normal distribution evenly, (count, k).

    A scrambled Sobol sequence (Owen, J Complex 1998;14:466), by normal quantiles. Points far out
    are drawn in to :data:`OUTERMOST`.

    Parameters
    ----------
    centre
        (k,), in prior SDs from the prior mean.
    root
        (k, k) root of the covariance: points are centre + root v with v of unit variance.
    count
        At least 1.
    seed
        Of the scrambling: designs of different seeds are independent.
    """
    k = len(centre)
    sequence = qmc.Sobol(k, rng=np.random.default_rng(seed))
    even = sequence.random_base2(max(int(count - 1).bit_length(), 1))[:count]
    v = np.clip(special.ndtri(even), -OUTERMOST, OUTERMOST)
    return np.asarray(np.clip(centre + v @ root.T, -FURTHEST, FURTHEST))
