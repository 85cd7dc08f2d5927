"""Who fits the models: our exact estimators, or statsmodels as the reference."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.clda import fit_random_intercept
from analysis.errors import FitError
from analysis.gee import fit_gee

Fit = tuple[np.ndarray, np.ndarray]
"""Coefficients (p,) and their covariance (p, p)."""


class Engine(Protocol):
    """Fits the models of the plan; raises :class:`FitError` where there is no answer."""

    def mixed(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a linear mixed model with a random intercept by maximum likelihood."""
        ...

    def logistic(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        ...


@dataclass(frozen=True, slots=True)
class ProfiledEngine:
    """The estimators of :mod:`analysis.clda` and :mod:`analysis.gee`."""

    def mixed(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a linear mixed model with a random intercept by maximum likelihood."""
        fit = fit_random_intercept(y, X, cluster)
        return fit.beta, fit.covariance

    def logistic(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        fit = fit_gee(y, X, cluster)
        return fit.beta, fit.covariance


@dataclass(frozen=True, slots=True)
class StatsmodelsEngine:
    """statsmodels' MixedLM and GEE, some 50 to 150 times slower.

    Its standard errors of the mixed model come from the joint Hessian of coefficients and
    variance, and so are a little larger than those of (X' V^-1 X)^-1.
    """

    def mixed(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a linear mixed model with a random intercept by maximum likelihood."""
        from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415

        p = X.shape[1]
        if np.linalg.matrix_rank(X) < p:
            raise FitError("rank deficient")
        result = MixedLM(y, X, cluster).fit(reml=False, method="powell", ftol=1e-14)
        if not result.converged:
            raise FitError("statsmodels did not converge")
        return np.asarray(result.fe_params), np.asarray(result.cov_params())[:p, :p]

    def logistic(self, y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        import statsmodels.api as sm  # noqa: PLC0415

        order = np.argsort(cluster, kind="stable")
        model = sm.GEE(
            y[order],
            X[order],
            cluster[order],
            family=sm.families.Binomial(),
            cov_struct=sm.cov_struct.Exchangeable(),
        )
        result = model.fit(ddof_scale=0)
        if not result.converged:
            raise FitError("statsmodels did not converge")
        return np.asarray(result.params), np.asarray(result.cov_robust)


def engine_named(name: str) -> Engine:
    """Return the engine of a scenario's ``analysis.engine``."""
    return StatsmodelsEngine() if name == "statsmodels" else ProfiledEngine()
