"""Classical comparisons of two arms at one visit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.cluster_robust import cluster_robust
from analysis.estimators.clustered import conditioned_basis
from analysis.estimators.errors import FitError


@dataclass(frozen=True, slots=True)
class Comparison:
    """Intervention minus control at one visit.

    Attributes
    ----------
    estimate, se
        Difference and its standard error, in units of the outcome.
    df
        Degrees of freedom of the t distribution.
    n
        Participants compared.
    """

    estimate: float
    se: float
    df: float
    n: int


def ancova(
    outcome: ArrayLike,
    arm: ArrayLike,
    covariates: ArrayLike | None = None,
    clinic: ArrayLike | None = None,
) -> Comparison:
    """Compare the arms by least squares, adjusted for baseline and other covariates.

    Parameters
    ----------
    outcome
        Outcome at the visit (n,), only of participants who answered.
    arm
        1 for intervention and 0 for control (n,).
    covariates
        Columns to adjust for (n, k), such as the baseline value and dummies of country; no
        intercept. None compares means.
    clinic
        Integer code of each participant's clinic (n,); None where participants are independent.

    Returns
    -------
    Comparison
        With n - k - 2 degrees of freedom; with clinics, with errors that are robust to them and
        the degrees of freedom of `analysis.estimators.cluster_robust`.

    Raises
    ------
    FitError
        Only one arm, aliased covariates, too few participants, values that are not finite, or an
        outcome that is explained without residual.
    """
    y, intervention = np.asarray(outcome, dtype=float), np.asarray(arm, dtype=float)
    _check_arms(y, intervention)
    others = np.empty((len(y), 0)) if covariates is None else np.asarray(covariates, dtype=float)
    X = np.column_stack([np.ones(len(y)), intervention, others])
    basis, back = conditioned_basis(X)
    df = len(y) - X.shape[1]
    if df < 1:
        raise FitError("too few rows for the columns")
    start = basis.T @ y
    # The basis is orthonormal but for rounding: one more least squares step on the residuals.
    more = np.linalg.solve(basis.T @ basis, basis.T @ (y - basis @ start))
    rest = y - basis @ (start + more)
    if rest @ rest <= 1e-24 * (y @ y):
        raise FitError("no residual variation")
    inverse = back @ np.linalg.inv(basis.T @ basis) @ back.T
    value = float((back @ (start + more))[1])
    if clinic is not None:
        robust = cluster_robust(X, rest, clinic)
        se = float(np.sqrt(robust.covariance[1, 1]))
        return Comparison(value, se, robust.df(np.eye(X.shape[1])[1]), len(y))
    se = float(np.sqrt(rest @ rest / df * inverse[1, 1]))
    return Comparison(value, se, float(df), len(y))


def t_test_on_change(
    baseline: ArrayLike, outcome: ArrayLike, arm: ArrayLike, clinic: ArrayLike | None = None
) -> Comparison:
    """Compare the arms' mean change from baseline by Student's t-test with a common variance.

    Parameters
    ----------
    baseline, outcome
        Values before and at the visit (n,), only of participants with both.
    arm
        1 for intervention and 0 for control (n,).
    clinic
        As of `ancova`.

    Returns
    -------
    Comparison
        With n - 2 degrees of freedom; with clinics as of `ancova`.

    Raises
    ------
    FitError
        As `ancova`.
    """
    change = np.asarray(outcome, dtype=float) - np.asarray(baseline, dtype=float)
    return ancova(change, arm, clinic=clinic)


def _check_arms(y: np.ndarray, arm: np.ndarray) -> None:
    """Refuse what is not an outcome of two arms."""
    if y.ndim != 1 or y.shape != arm.shape:
        raise ValueError(f"outcome {y.shape} and arm {arm.shape} do not match")
    if not np.all(np.isfinite(y)):
        raise FitError("values that are not finite")
    if not np.all((arm == 0) | (arm == 1)):
        raise ValueError("arm must be 0 or 1")
    if len(np.unique(arm)) < 2:
        raise FitError("only one arm")
