"""Negative binomial regression of counts, by maximum likelihood.

A count has mean mu = exp(x'b) and variance mu + a mu^2, with one dispersion a for all (NB2 of
Cameron and Trivedi 1998, Regression Analysis of Count Data, section 3.3). For a given dispersion
the likelihood is concave in b and Newton's steps find its top; the dispersion is where the slope of
that profile is 0. Where the profile falls from a = 0 on, counts vary no more than Poisson's, and
the model is his.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from analysis.estimators.clustered import Floats, conditioned_basis
from analysis.estimators.errors import FitError, SeparationError
from analysis.estimators.marginal_mean import check_outcome, mean_at

_SMALLEST, _LARGEST = 1e-7, 1e4
"""Dispersions between which a maximum is sought; below, the model is Poisson's to 7 digits."""
_STEPS = 100
_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class CountFit:
    """A fitted negative binomial model.

    Attributes
    ----------
    beta
        Coefficients (p,): log rates and log rate ratios.
    covariance
        Of ``beta`` (p, p), from the observed information of coefficients and dispersion.
    dispersion
        a, at least 0; 0 where counts vary no more than Poisson's.
    log_likelihood
        At the maximum.
    """

    beta: Floats
    covariance: Floats
    dispersion: float
    log_likelihood: float


def fit_negative_binomial(y: ArrayLike, X: ArrayLike) -> CountFit:
    """Fit counts by negative binomial regression with a log link.

    Parameters
    ----------
    y
        Counts (N,), whole numbers of at least 0.
    X
        Design (N, p) of full column rank, with its intercept.

    Raises
    ------
    FitError
        Values that are no counts, aliased columns, no more rows than columns, rates of 0
        (separation), or no convergence.
    """
    counts, design = np.asarray(y, dtype=np.float64), np.asarray(X, dtype=np.float64)
    if design.ndim != 2 or counts.shape != (len(design),):
        raise ValueError(f"counts {counts.shape} and design {design.shape} do not match")
    check_outcome(counts, "poisson")
    if np.any(counts != np.round(counts)):
        raise FitError("counts are not whole numbers")
    if len(counts) <= design.shape[1]:
        raise FitError("too few rows for the columns")
    basis, back = conditioned_basis(design)
    likelihood = _Likelihood(counts, basis)
    poisson = likelihood.top(0.0, basis.T @ np.full(len(counts), np.log(counts.mean())))
    beta, dispersion = poisson, 0.0
    if likelihood.slope(_SMALLEST, likelihood.top(_SMALLEST, poisson)) > 0.0:
        beta, dispersion = _profile(likelihood, poisson)
    information = likelihood.information(dispersion, beta)
    covariance = np.linalg.inv(information)[: len(beta), : len(beta)]
    return CountFit(
        beta=back @ beta,
        covariance=back @ covariance @ back.T,
        dispersion=dispersion,
        log_likelihood=likelihood.value(dispersion, beta),
    )


def _profile(likelihood: "_Likelihood", start: Floats) -> tuple[Floats, float]:
    """Return coefficients and dispersion at the top of the profile likelihood."""
    at = start

    def slope(log_dispersion: float) -> float:
        nonlocal at
        at = likelihood.top(float(np.exp(log_dispersion)), at)
        return likelihood.slope(float(np.exp(log_dispersion)), at)

    low, high = np.log(_SMALLEST), np.log(_LARGEST)
    if slope(high) >= 0.0:
        raise FitError("the dispersion has no bound")
    at = start
    dispersion = float(np.exp(brentq(slope, low, high, xtol=1e-13, rtol=1e-14)))
    return likelihood.top(dispersion, at), dispersion


class _Likelihood:
    """The likelihood of counts, at coefficients on some basis and a dispersion."""

    def __init__(self, counts: Floats, basis: Floats) -> None:
        self._y, self._basis = counts, basis
        self._whole = counts.astype(np.intp)
        self._below = np.arange(float(counts.max()))  # j < y, over which the sums of a go

    def value(self, dispersion: float, beta: Floats) -> float:
        """Return the log-likelihood."""
        from scipy.special import gammaln  # noqa: PLC0415

        y, eta = self._y, self._basis @ beta
        mean = np.exp(eta)
        constant = -float(gammaln(y + 1.0).sum())
        if dispersion == 0.0:
            return float((y * eta - mean).sum()) + constant
        terms = self._sums(np.log1p(dispersion * self._below)) + y * eta
        terms -= (y + 1.0 / dispersion) * np.log1p(dispersion * mean)
        return float(terms.sum()) + constant

    def top(self, dispersion: float, beta: Floats) -> Floats:
        """Return the coefficients at which the likelihood with a dispersion is highest."""
        y, basis = self._y, self._basis
        for _ in range(_STEPS):
            mean = self._mean(beta)
            spread = 1.0 + dispersion * mean
            score = basis.T @ ((y - mean) / spread)
            weight = mean * (1.0 + dispersion * y) / spread**2
            step = np.linalg.solve(basis.T @ (basis * weight[:, None]), score)
            along = basis @ step
            length = float(np.abs(along).max())
            beta = beta + min(1.0, 2.0 / max(length, 2.0)) * step
            if length < _TOLERANCE:
                return np.asarray(beta)
        raise FitError("not converged")

    def slope(self, dispersion: float, beta: Floats) -> float:
        """Return the derivative of the likelihood by the dispersion, above 0."""
        mean = self._mean(beta)
        a = dispersion * mean
        sums = self._sums(self._below / (1.0 + dispersion * self._below))
        rest = (np.log1p(a) - a / (1.0 + a)) / dispersion**2
        return float((sums + rest - self._y * mean / (1.0 + a)).sum())

    def information(self, dispersion: float, beta: Floats) -> Floats:
        """Return the observed information of the coefficients and, if there is one, dispersion."""
        y, basis, mean = self._y, self._basis, self._mean(beta)
        a = dispersion * mean
        weight = mean * (1.0 + dispersion * y) / (1.0 + a) ** 2
        own = basis.T @ (basis * weight[:, None])
        if dispersion == 0.0:
            return np.asarray(own)
        cross = basis.T @ ((y - mean) * mean / (1.0 + a) ** 2)
        sums = self._sums((self._below / (1.0 + dispersion * self._below)) ** 2)
        second = (
            sums
            + 2.0 * np.log1p(a) / dispersion**3
            - 2.0 * mean / (dispersion**2 * (1.0 + a))
            - (y + 1.0 / dispersion) * (mean / (1.0 + a)) ** 2
        )
        return np.block([[own, cross[:, None]], [cross[None, :], np.array([[second.sum()]])]])

    def _mean(self, beta: Floats) -> Floats:
        at = mean_at(self._basis @ beta, "poisson", "log")
        if at is None:
            raise SeparationError("separation: a fitted mean of 0")
        return at.value

    def _sums(self, terms: Floats) -> Floats:
        """Return for each count the sum of the terms of all smaller numbers."""
        return np.concatenate([[0.0], np.cumsum(terms)])[self._whole]
