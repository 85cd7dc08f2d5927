"""Mixed model for repeated measures: an unstructured covariance across visits.

The rows of participant i, at the visits o that were answered, are y_i ~ N(X_i beta, Sigma[o, o]).
The search for Sigma is in `analysis.estimators.visit_covariance`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats, Integers, cluster_order, conditioned_basis
from analysis.estimators.errors import FitError
from analysis.estimators.kenward_roger import adjusted_covariance
from analysis.estimators.variance_ratio import Method
from analysis.estimators.visit_covariance import (
    State,
    Tables,
    best_covariance,
    covariance_entries,
    gram_slopes,
)

# Residuals shorter than this, relative to the outcome, are rounding.
_NO_RESIDUAL = 1e-12


@dataclass(frozen=True, slots=True)
class MmrmFit:
    """A fitted mixed model for repeated measures.

    Attributes
    ----------
    beta
        Coefficients (p,), in units of the outcome per unit of the column.
    covariance
        (X' V^-1 X)^-1 (p, p): variance parameters count as known.
    visit_covariance
        Sigma (V, V), in squared units of the outcome, visits in ascending order of their codes.
    log_likelihood
        At the optimum: the likelihood of y for ML, of its residual contrasts for REML.
    n_rows, n_clusters
        Rows (visits) and clusters (participants) in the fit.
    method
        ``"ml"`` or ``"reml"``.
    covariance_gradient
        Derivative of `covariance` by each entry of Sigma's lower triangle (V (V + 1) / 2, p, p).
    parameter_covariance
        Asymptotic covariance of these entries, from the observed information.
    adjusted
        `covariance` adjusted for the estimated Sigma (p, p), by Kenward and Roger; None if it was
        not asked for.
    """

    beta: Floats
    covariance: Floats
    visit_covariance: Floats
    log_likelihood: float
    n_rows: int
    n_clusters: int
    method: Method
    covariance_gradient: Floats
    parameter_covariance: Floats
    adjusted: Floats | None = None


def fit_mmrm(
    y: ArrayLike,
    X: ArrayLike,
    participant: ArrayLike,
    visit: ArrayLike,
    *,
    method: Method = "reml",
    kenward_roger: bool = False,
) -> MmrmFit:
    """Fit a linear model with an unstructured covariance between the visits of a participant.

    Parameters
    ----------
    y
        Outcome (N,), no missing values: leave out rows that were not observed.
    X
        Design matrix (N, p) of full column rank.
    participant
        Integer code of each row's participant (N,), in any order.
    visit
        Integer code of each row's visit (N,); a participant has a visit once or not at all.
    method
        Maximum likelihood, or residual (restricted) maximum likelihood.
    kenward_roger
        Whether to adjust the covariance as in `analysis.estimators.kenward_roger`.

    Returns
    -------
    MmrmFit
        The maximum that Newton steps reach from the least squares residuals.

    Raises
    ------
    FitError
        Aliased columns, too few rows, values that are not finite, two visits that nobody has both
        of, a singular covariance between visits, or no convergence.
    ValueError
        Shapes that do not match, or a participant with the same visit twice.
    """
    table = _tables(np.asarray(y, dtype=np.float64), X, participant, visit)
    at, hessian = best_covariance(table, method)
    fit = _rescaled(table, at, hessian, method)
    if not kenward_roger:
        return fit
    return replace(fit, adjusted=_adjusted(table, at, fit.parameter_covariance))


def _tables(y: Floats, X: ArrayLike, participant: ArrayLike, visit: ArrayLike) -> Tables:
    """Check the data and reduce them to cross-products."""
    design, visits = np.asarray(X, dtype=np.float64), np.asarray(visit)
    if y.ndim != 1 or design.ndim != 2 or len(y) != len(design) or visits.shape != y.shape:
        raise ValueError(f"outcome {y.shape}, design {design.shape} and visits do not match")
    if not np.all(np.isfinite(y)):
        raise FitError("values that are not finite")
    order, _, sizes = cluster_order(participant, len(y))
    if order is not None:
        y, design, visits = y[order], design[order], visits[order]
    basis, back = conditioned_basis(design)
    offset = basis.T @ y
    rest = y - basis @ offset
    if np.linalg.norm(rest) <= _NO_RESIDUAL * np.linalg.norm(y):
        raise FitError("no residual variation")
    codes, column = np.unique(visits, return_inverse=True)
    row = np.repeat(np.arange(len(sizes)), sizes)
    shape = len(sizes), len(codes)
    seen = np.zeros(shape)
    np.add.at(seen, (row, column), 1)
    if seen.max() > 1:
        raise ValueError("a participant has the same visit twice")
    _check_pairs(seen.T @ seen, codes, len(y) - design.shape[1])

    # A participant's rows laid out by visit, with zeros where there is none: then one product for
    # each pattern has the cross-products of all columns and residuals at all pairs of visits.
    joint = np.zeros((*shape, design.shape[1] + 1))
    joint[row, column, :-1] = basis
    joint[row, column, -1] = rest
    patterns, pattern = np.unique(seen, axis=0, return_inverse=True)
    grams = []
    for index in range(len(patterns)):
        flat = joint[pattern.reshape(-1) == index].reshape(-1, shape[1] * joint.shape[2])
        grams.append(flat.T @ flat)
    gram = np.reshape(grams, (len(patterns), shape[1], joint.shape[2], shape[1], joint.shape[2]))
    gram = gram.swapaxes(2, 3)  # (pattern, visit, visit, column, column)
    cells = gram.shape[0] * shape[1] ** 2
    yy = np.ascontiguousarray(gram[..., -1, -1])
    return Tables(
        n_rows=len(y),
        n_clusters=len(sizes),
        n_visits=shape[1],
        counts=np.bincount(pattern.reshape(-1)).astype(np.float64),
        seen=patterns,
        xx=gram[..., :-1, :-1].reshape(cells, -1),
        xy=gram[..., :-1, -1].reshape(cells, -1),
        yy=yy,
        back=back,
        offset=offset,
        start=_positive(yy.sum(axis=0) / (seen.T @ seen)),
    )


def _check_pairs(together: Floats, codes: Integers, freedom: int) -> None:
    """Refuse data that do not determine some covariance, or no residual variance."""
    first, second = np.nonzero(together == 0)
    if len(first):
        raise FitError(f"visits {codes[first[0]]} and {codes[second[0]]} are never seen together")
    if freedom < 1:
        raise FitError("too few rows for the columns")


def _positive(covariance: Floats) -> Floats:
    """Return a nearby covariance whose eigenvalues are well above 0."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.maximum(values, 0.01 * values[-1])) @ vectors.T)


def _inverse_of_minimum(hessian: Floats) -> Floats:
    """Return the inverse of the deviance's Hessian, which must curve upwards."""
    try:
        half = np.linalg.inv(np.linalg.cholesky(hessian))
    except np.linalg.LinAlgError:
        raise FitError("not converged") from None
    return np.asarray(half.T @ half)


def _rescaled(table: Tables, at: State, hessian: Floats, method: Method) -> MmrmFit:
    """Bring the optimum back to the units of the columns."""
    back = table.back
    half = back @ at.inverse
    grams = gram_slopes(table, at, covariance_entries(table.n_visits))[1]
    reml = method == "reml"
    # The search leaves constants out; REML's likelihood is that of the columns as given, not of
    # their basis.
    deviance = at.deviance + np.log(2 * np.pi) * (table.n_rows - (len(back) if reml else 0))
    if reml:
        deviance -= 2 * np.linalg.slogdet(back)[1]
    return MmrmFit(
        beta=back @ (table.offset + at.beta),
        covariance=half @ back.T,
        visit_covariance=at.covariance,
        log_likelihood=-float(deviance) / 2,
        n_rows=table.n_rows,
        n_clusters=table.n_clusters,
        method=method,
        covariance_gradient=half @ grams @ half.T,
        parameter_covariance=2 * _inverse_of_minimum(hessian),
    )


def _adjusted(table: Tables, at: State, parameter_covariance: Floats) -> Floats:
    """Adjust for the estimated Sigma: weights are summed before columns come in."""
    entries = covariance_entries(table.n_visits)
    left = at.weights @ entries[:, None]  # V^-1 V_i, (k, P, V, V)
    turned, grams = gram_slopes(table, at, entries)
    each = (parameter_covariance @ turned).reshape(left.shape)
    weighted = np.sum(left @ each, axis=0).reshape(-1) @ table.xx
    adjusted = adjusted_covariance(
        at.inverse, grams, weighted.reshape(at.inverse.shape), parameter_covariance
    )
    return np.asarray(table.back @ adjusted @ table.back.T)
