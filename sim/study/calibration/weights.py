"""The distance that a calibration minimizes, and the weights of statistics in it.

Parameters u are in prior SDs from their prior means, so the prior is standard normal. Statistics
m(u) are means over replicates. Minimized is the distance

    (y - m(u))' S^-1 (y - m(u)) + u'u,

twice the negative log posterior of a Gaussian synthetic likelihood (Wood, Nature 2010;466:1102),
whose S holds the spread of one trial's statistics, the Monte Carlo error of m, and the rounding of
the published numbers. A number of another study has the squared standard error of that study in
place of the spread of a trial: its people are others, whatever happens in the trial.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from analysis.replicates.targets import published_on_scale
from scenarios.targets import Target


@dataclass(frozen=True, slots=True)
class Weights:
    """Weighs statistics by their covariance.

    Attributes
    ----------
    covariance
        (t, t).
    inverse_factor
        The inverse of its lower Cholesky factor.
    """

    covariance: np.ndarray
    inverse_factor: np.ndarray

    @classmethod
    def of(cls, covariance: np.ndarray) -> "Weights":
        """Factorize a positive definite covariance."""
        factor = np.linalg.cholesky(covariance)
        inverse = linalg.solve_triangular(factor, np.eye(len(factor)), lower=True)
        return cls(covariance, inverse)

    def whiten(self, values: np.ndarray) -> np.ndarray:
        """Return uncorrelated values of unit variance, along the first axis."""
        return np.asarray(self.inverse_factor @ values)


def target_weights(spread: np.ndarray, targets: Sequence[Target], error_share: float) -> Weights:
    """Return the weights of published numbers.

    Parameters
    ----------
    spread
        (t, t) covariance of one trial's statistics.
    targets
        The t targets.
    error_share
        Variance of the mean statistics by Monte Carlo error, as a share of ``spread``.
    """
    own = np.array([target.own_error is None for target in targets])
    others = np.array([(target.own_error or 0.0) ** 2 for target in targets])
    limits = np.array([published_on_scale(target)[1:] for target in targets])
    rounding = (limits[:, 1] - limits[:, 0]) ** 2 / 12.0
    covariance = spread * (np.outer(own, own) + error_share)
    return Weights.of(covariance + np.diag(others + rounding))


def distance(published: np.ndarray, means: np.ndarray, point: np.ndarray, w: Weights) -> float:
    """Return twice the negative log posterior, up to a constant; ``means`` is (t,)."""
    residual = w.whiten(published - means)
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
