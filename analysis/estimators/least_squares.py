"""Least squares at one visit: analysis of covariance, and the t-test of any number of arms."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.cluster_robust import cluster_robust
from analysis.estimators.clustered import Floats, conditioned_basis
from analysis.estimators.errors import FitError

_NO_RESIDUAL = 1e-12
"""Residuals shorter than this, relative to the outcome, are rounding."""


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A linear model with one variance of the residuals.

    Attributes
    ----------
    beta
        Coefficients (p,), in units of the outcome per unit of the column.
    covariance
        Their covariance (p, p).
    df
        Degrees of freedom of the t distribution of a contrast, given its weights (p,).
    """

    beta: Floats
    covariance: Floats
    df: Callable[[Floats], float]


def least_squares(y: ArrayLike, X: ArrayLike, clinic: ArrayLike | None = None) -> LeastSquares:
    """Fit a linear model.

    Parameters
    ----------
    y
        Outcome (n,), only of participants who have it.
    X
        Columns (n, p), the intercept among them.
    clinic
        Integer code of each participant's clinic (n,); None where participants are independent.

    Returns
    -------
    LeastSquares
        With n - p degrees of freedom; with clinics, with a covariance that is robust to them and
        the degrees of freedom of :mod:`analysis.estimators.cluster_robust`.

    Raises
    ------
    FitError
        Aliased columns, too few participants, values that are not finite, an outcome that is
        explained without residual, or fewer than two clinics.
    """
    outcome, columns = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    if not np.all(np.isfinite(outcome)):
        raise FitError("values that are not finite")
    basis, back = conditioned_basis(columns)
    df = len(outcome) - columns.shape[1]
    if df < 1:
        raise FitError("too few rows for the columns")
    start = basis.T @ outcome
    # The basis is orthonormal but for rounding: one more least squares step on the residuals.
    more = np.linalg.solve(basis.T @ basis, basis.T @ (outcome - basis @ start))
    rest = outcome - basis @ (start + more)
    if rest @ rest <= _NO_RESIDUAL**2 * (outcome @ outcome):
        raise FitError("no residual variation")
    beta = back @ (start + more)
    if clinic is not None:
        robust = cluster_robust(columns, rest, clinic)
        return LeastSquares(beta, robust.covariance, robust.df)
    inverse = back @ np.linalg.inv(basis.T @ basis) @ back.T
    return LeastSquares(beta, rest @ rest / df * inverse, lambda _: float(df))
