"""Laplace's approximation of the posterior."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from sim.study.calibration.slopes import noise_share, trusted
from sim.study.calibration.weights import Weights


@dataclass(frozen=True, slots=True)
class Posterior:
    """Laplace's approximation: normal around the point of least distance.

    Attributes
    ----------
    point
        (k,) its mean.
    covariance
        (k, k), in prior SDs.
    slopes
        (t, k) the Jacobian it rests on.
    gain
        (k, t): by how many posterior SDs a parameter moves when a published number moves by one
        predictive SD.
    noise
        (k,) share of the Jacobian's squared length that is Monte Carlo noise.
    """

    point: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray
    gain: np.ndarray
    noise: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """(k,) posterior SDs, in prior SDs."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def contraction(self) -> np.ndarray:
        """(k,) share of the prior variance that the targets take away, 0 to 1."""
        return 1.0 - np.diag(self.covariance)

    @property
    def correlation(self) -> np.ndarray:
        """(k, k) posterior correlations."""
        return self.covariance / np.outer(self.sd, self.sd)


def laplace(point: np.ndarray, slopes: np.ndarray, weights: Weights) -> Posterior:
    """Return the posterior (J' S^-1 J + I)^-1 around a point, of slopes that can be trusted.

    Parameters
    ----------
    point
        (k,).
    slopes
        (replicates, t, k), of every replicate.
    weights
        Of the statistics.
    """
    mean = trusted(slopes, weights)
    whitened = weights.whiten(mean)
    covariance = np.linalg.inv(whitened.T @ whitened + np.eye(len(point)))
    covariance = 0.5 * (covariance + covariance.T)
    per_target = linalg.solve_triangular(weights.factor, whitened, lower=True, trans="T").T
    sd = np.sqrt(np.diag(weights.covariance))
    gain = covariance @ per_target * sd / np.sqrt(np.diag(covariance))[:, None]
    return Posterior(point, covariance, mean, gain, noise_share(slopes, weights))
