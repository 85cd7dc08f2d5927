"""The distance that a calibration minimizes, and the weights of statistics in it.

Parameters u are in prior SDs from their prior means, so the prior is standard normal. Statistics
m(u) are means over replicates. Minimized is the distance

    (y - m(u))' S^-1 (y - m(u)) + u'u,

twice the negative log posterior of a Gaussian synthetic likelihood (Wood, Nature 2010;466:1102),
whose S holds the spread of one trial's statistics, the Monte Carlo error of m, and the rounding of
the published numbers.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg


@dataclass(frozen=True, slots=True)
class Weights:
    """Weighs statistics by their covariance.

    Attributes
    ----------
    covariance
        (t, t).
    factor
        Its lower Cholesky factor.
    """

    covariance: np.ndarray
    factor: np.ndarray

    @classmethod
    def of(cls, covariance: np.ndarray) -> "Weights":
        """Factorize a positive definite covariance."""
        return cls(covariance, np.linalg.cholesky(covariance))

    def whiten(self, values: np.ndarray) -> np.ndarray:
        """Return uncorrelated values of unit variance, along the first axis."""
        return np.asarray(linalg.solve_triangular(self.factor, values, lower=True))


def distance(published: np.ndarray, statistics: np.ndarray, point: np.ndarray, w: Weights) -> float:
    """Return twice the negative log posterior, up to a constant."""
    residual = w.whiten(published - statistics.mean(axis=0))
    return float(residual @ residual + point @ point)


def shrunk_covariance(samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a covariance whose correlations are shrunk towards 0, and by how much.

    The intensity is the one of Schäfer and Strimmer (Stat Appl Genet Mol Biol 2005;4:32, target D):
    the summed variances of the correlations over their summed squares. Variances are not shrunk.

    Parameters
    ----------
    samples
        (r, t): r replicates of t statistics, complete.

    Returns
    -------
    covariance : (t, t)
    intensity : float
        0 (as estimated) to 1 (uncorrelated).
    """
    r = len(samples)
    sd = samples.std(axis=0, ddof=1)
    z = (samples - samples.mean(axis=0)) / np.where(sd > 0.0, sd, 1.0)
    mean_product = z.T @ z / r
    correlation = mean_product * r / (r - 1)
    squares = (z**2).T @ (z**2) / r - mean_product**2
    variance = squares * r**2 / (r - 1) ** 3
    off = ~np.eye(len(sd), dtype=bool)
    total = float((correlation[off] ** 2).sum())
    intensity = min(1.0, float(variance[off].sum()) / total) if total > 0.0 else 1.0
    correlation[off] *= 1.0 - intensity
    return correlation * np.outer(sd, sd), intensity
