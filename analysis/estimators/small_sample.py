"""Degrees of freedom of contrasts in small samples."""

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats


class VarianceModel(Protocol):
    """A fit whose standard errors rest on estimated variance parameters."""

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients (p, p)."""

    @property
    def covariance_gradient(self) -> Floats:
        """Its derivative by each of k variance parameters (k, p, p)."""

    @property
    def parameter_covariance(self) -> Floats:
        """Covariance of the estimated variance parameters (k, k)."""


def satterthwaite_df(fit: VarianceModel, contrast: ArrayLike) -> float:
    """Return Satterthwaite's degrees of freedom of a contrast of coefficients.

    Parameters
    ----------
    fit
        An `analysis.estimators.mmrm.MmrmFit` or `analysis.estimators.clda.MixedFit`.
    contrast
        Weights of the coefficients (p,), not all zero.

    Returns
    -------
    float
        2 v^2 / (g' A g), v being the contrast's variance, g its derivative by the variance
        parameters and A their covariance (Giesbrecht and Burns, 1985, Biometrics 41:477-486).
    """
    weights = np.asarray(contrast, dtype=np.float64)
    variance = float(weights @ fit.covariance @ weights)
    gradient = np.einsum("p,kpq,q->k", weights, fit.covariance_gradient, weights)
    return 2 * variance**2 / float(gradient @ fit.parameter_covariance @ gradient)
