"""What fits the models: our exact estimators, or statsmodels as the reference."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.estimators.clda import fit_random_intercept_batch
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import AliasedError, FitError
from analysis.estimators.gee import Penalty, fit_gee
from analysis.plan.inference import Fit
from analysis.plan.told.separation import separated_rows
from scenarios.analyses.plan import AnalysisPlan


class Engine(Protocol):
    """Fits the models of the plan; raises :class:`FitError` where there is no answer."""

    def mixed(self, Y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> list[Fit | FitError]:
        """Fit linear mixed models with a random intercept by maximum likelihood.

        One for each of K outcomes (N, K) on the same rows; one without an answer stops no other.
        """
        ...

    def logistic(self, y: np.ndarray, design: ClusteredDesign) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        ...


@dataclass(frozen=True, slots=True)
class ProfiledEngine:
    """The estimators of :mod:`analysis.estimators.clda` and :mod:`analysis.estimators.gee`.

    Attributes
    ----------
    penalty
        Of the logistic GEE.
    """

    penalty: Penalty = "none"

    def mixed(self, Y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> list[Fit | FitError]:
        """Fit linear mixed models with a random intercept, all outcomes in one batch."""
        try:
            fits = fit_random_intercept_batch(Y, X, cluster)
        except FitError as error:
            if Y.shape[1] == 1:
                return [error]
            return [fit for y in Y.T for fit in self.mixed(y[:, None], X, cluster)]
        total = fits.between_variance + fits.residual_variance
        correlation = (fits.between_variance / total).tolist()
        return list(map(Fit, fits.beta, fits.covariance, correlation))

    def logistic(self, y: np.ndarray, design: ClusteredDesign) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        fit = fit_gee(y, design, penalty=self.penalty)
        return Fit(fit.beta, fit.covariance, fit.correlation)


@dataclass(frozen=True, slots=True)
class StatsmodelsEngine:
    """statsmodels' MixedLM and GEE, some 50 to 150 times slower.

    MixedLM's own standard errors come from the joint Hessian of coefficients and variance, and are
    up to some tenths of a per cent larger than those of (X' V^-1 X)^-1, which the trial's software
    reports. So the latter are computed here, from statsmodels' coefficients and variances.
    """

    def mixed(self, Y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> list[Fit | FitError]:
        """Fit linear mixed models with a random intercept, one after the other."""
        fits: list[Fit | FitError] = []
        for y in Y.T:
            try:
                fits.append(_mixed_model(y, X, cluster))
            except FitError as error:
                fits.append(error)
        return fits

    def logistic(self, y: np.ndarray, design: ClusteredDesign) -> Fit:
        """Fit a logistic GEE, exchangeable, with robust variance."""
        import statsmodels.api as sm  # noqa: PLC0415

        _ = design.conditioned  # refuses aliased columns, which statsmodels does not
        if separated_rows(y, design.X, "logit").any():  # nor does it see that there is no maximum
            raise FitError("separation: a fitted mean of 0 or 1")
        order = np.argsort(design.cluster, kind="stable")  # a participant's rows come together
        model = sm.GEE(
            y[order],
            design.X[order],
            design.cluster[order],
            family=sm.families.Binomial(),
            cov_struct=sm.cov_struct.Exchangeable(),
        )
        result = model.fit(ddof_scale=0)
        if not result.converged:
            raise FitError("statsmodels did not converge")
        correlation = float(result.cov_struct.dep_params)
        return Fit(np.asarray(result.params), np.asarray(result.cov_robust), correlation)


def _mixed_model(y: np.ndarray, X: np.ndarray, cluster: np.ndarray) -> Fit:
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415

    p = X.shape[1]
    if np.linalg.matrix_rank(X) < p:
        raise AliasedError("rank deficient")
    result = MixedLM(y, X, cluster).fit(reml=False, method="powell", ftol=1e-14)
    if not result.converged:
        raise FitError("statsmodels did not converge")
    ratio = float(np.asarray(result.cov_re)[0, 0]) / result.scale
    _, member = np.unique(cluster, return_inverse=True)
    sums = np.zeros((member.max() + 1, p))
    np.add.at(sums, member, X)
    # X' V^-1 X without V: within a cluster of m rows V^-1 is I - ratio / (1 + m ratio) 11'.
    shrink = ratio / (1.0 + ratio * np.bincount(member))
    information = X.T @ X - (sums * shrink[:, None]).T @ sums
    covariance = result.scale * np.linalg.inv(information)
    return Fit(np.asarray(result.fe_params), covariance, ratio / (1.0 + ratio))


def engine_of(plan: AnalysisPlan) -> Engine:
    """Return the engine of a scenario's ``[analysis]``."""
    return StatsmodelsEngine() if plan.engine == "statsmodels" else ProfiledEngine(plan.penalty)
