"""Rubin's rules: one answer from the analyses of several imputed tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

_ROUNDING = 1e-24
"""A variance between imputations this small, next to all variance, is what rounding left of 0."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled estimate.

    Attributes
    ----------
    estimate
        Mean over imputations, in units of the estimate.
    se
        Square root of the total variance, the mean variance W plus (1 + 1/M) times the variance B
        between imputations.
    df
        Degrees of freedom for a t distribution; infinite for a normal distribution.
    fraction_missing
        Share of the total variance that is due to imputation, (1 + 1/M) B / T, 0 to 1.
    """

    estimate: float
    se: float
    df: float
    fraction_missing: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the limits of a confidence interval.

        Parameters
        ----------
        confidence
            Level, between 0 and 1.
        """
        reach = float(special.stdtrit(self.df, 0.5 + confidence / 2)) * self.se
        return self.estimate - reach, self.estimate + reach

    def p_value(self) -> float:
        """Return the 2-sided P value of an estimate of 0."""
        return 2 * float(special.stdtr(self.df, -abs(self.estimate) / self.se))


def pool(
    estimates: ArrayLike, standard_errors: ArrayLike, *, complete_df: float = np.inf
) -> Pooled:
    """Combine the estimates of one quantity from M imputed tables.

    Parameters
    ----------
    estimates, standard_errors
        Estimate and standard error from each table (M,), M at least 2, standard errors above 0.
    complete_df
        Degrees of freedom the analysis would have without missing values; infinite for a normal
        reference distribution.

    Returns
    -------
    Pooled
        Rubin (1987), equations 3.1.2 to 3.1.6, with the degrees of freedom of Barnard and Rubin
        (1999), Biometrika 86:948-955, which never exceed those of the complete data.

    Raises
    ------
    ValueError
        Fewer than two tables, shapes that differ, or a standard error that is not positive.
    """
    each, errors = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float)
    if each.ndim != 1 or each.shape != errors.shape or len(each) < 2:
        raise ValueError("pooling takes one estimate and one standard error from each of 2 or more")
    if not np.all(errors > 0):
        raise ValueError("a standard error is not positive")
    between = (1 + 1 / len(each)) * float(each.var(ddof=1))
    total = float(np.mean(errors**2)) + between
    share = between / total if between > _ROUNDING * total else 0.0
    old = (len(each) - 1) / share**2 if share > 0 else np.inf
    # Barnard and Rubin: what the complete data would have, less the share that is missing.
    observed = complete_df
    if np.isfinite(complete_df):
        observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    df = 1 / (1 / old + 1 / observed) if min(old, observed) < np.inf else np.inf
    return Pooled(float(each.mean()), float(np.sqrt(total)), df, share)


def pool_covariance(estimates: ArrayLike, covariances: ArrayLike) -> NDArray[np.float64]:
    """Return the total covariance (m, m) of m quantities estimated from M imputed tables.

    Its diagonal holds the squared standard errors of :func:`pool` (Rubin 1987, section 3.4).

    Parameters
    ----------
    estimates
        (M, m), M at least 2.
    covariances
        (M, m, m) of the estimates of each table.

    Raises
    ------
    ValueError
        Fewer than two tables, or shapes that do not match.
    """
    each, within = np.asarray(estimates, dtype=float), np.asarray(covariances, dtype=float)
    if each.ndim != 2 or len(each) < 2 or within.shape != (*each.shape, each.shape[1]):
        raise ValueError("pooling takes estimates and a covariance from each of 2 tables or more")
    off = each - each.mean(axis=0)
    between = off.T @ off / (len(each) - 1)
    return np.asarray(within.mean(axis=0) + (1 + 1 / len(each)) * between)
