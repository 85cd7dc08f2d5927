"""Mixed model for repeated measures: an unstructured covariance across visits.

The rows of participant i, at the visits o that were answered, are y_i ~ N(X_i beta, Sigma[o, o]).
Participants with the same pattern of answered visits share a weight W = Sigma[o, o]^-1 and enter by
one table of cross-products for each pair of visits, so that a step of the search costs no pass over
the data. Newton steps on the entries of Sigma, scoring steps where the curvature is not positive
(Jennrich and Schluchter, 1986, Biometrics 42:805-820).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from analysis.clustered import Floats, Integers, cluster_order, conditioned_basis
from analysis.errors import FitError
from analysis.variance_ratio import Method

_MAX_STEPS = 100
_MAX_HALVINGS = 30
# Squared length of the last step, in standard errors of the covariance parameters.
_CLOSE = 1e-16
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
        A `MmrmFit`, or a `analysis.clda.MixedFit`.
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


def fit_mmrm(
    y: ArrayLike,
    X: ArrayLike,
    participant: ArrayLike,
    visit: ArrayLike,
    *,
    method: Method = "reml",
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
    entries = _entries(table.n_visits)
    at = _state(table, table.start, method)
    if at is None:
        raise FitError("singular covariance between visits")
    for _ in range(_MAX_STEPS):
        slope, observed, expected = _derivatives(table, at, entries, method)
        step = _downhill(slope, observed, expected)
        if abs(float(slope @ step)) < _CLOSE:
            break
        at = _move(table, at, np.tensordot(step, entries, 1), method)
    else:
        raise FitError("not converged")
    return _rescaled(table, at, entries, observed, method)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Cross-products of p columns and least squares residuals, for P patterns of V visits."""

    n_rows: int
    n_clusters: int
    n_visits: int
    counts: Floats  # (P,), participants
    seen: Floats  # (P, V), 1 where the pattern has the visit
    xx: Floats  # (P V V, p p), zero where a visit is not in the pattern
    xy: Floats  # (P V V, p), columns at the first visit and residuals at the second
    yy: Floats  # (P, V, V)
    back: Floats  # (p, p)
    offset: Floats  # (p,), coefficients on the basis already taken off y
    start: Floats  # (V, V), a first covariance


@dataclass(frozen=True, slots=True)
class _State:
    """The deviance at a covariance, beta profiled out, and what it is made of."""

    covariance: Floats  # (V, V)
    deviance: float
    weights: Floats  # (P, V, V)
    beta: Floats
    inverse: Floats  # of X' V^-1 X
    squares: Floats  # (P, V, V), of residuals; for REML with the uncertainty of beta


def _tables(y: Floats, X: ArrayLike, participant: ArrayLike, visit: ArrayLike) -> _Tables:
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

    joint = np.zeros((*shape, design.shape[1] + 1))
    joint[row, column, :-1] = basis
    joint[row, column, -1] = rest
    patterns, pattern = np.unique(seen, axis=0, return_inverse=True)
    grams = []
    for index in range(len(patterns)):
        flat = joint[pattern.reshape(-1) == index].reshape(-1, shape[1] * joint.shape[2])
        grams.append(flat.T @ flat)
    gram = np.reshape(grams, (len(patterns), shape[1], joint.shape[2], shape[1], joint.shape[2]))
    gram = gram.swapaxes(2, 3)
    cells = gram.shape[0] * shape[1] ** 2
    yy = np.ascontiguousarray(gram[..., -1, -1])
    return _Tables(
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
    """Refuse data without a word on some covariance."""
    first, second = np.nonzero(together == 0)
    if len(first):
        raise FitError(f"visits {codes[first[0]]} and {codes[second[0]]} are never seen together")
    if freedom < 1:
        raise FitError("too few rows for the columns")


def _positive(covariance: Floats) -> Floats:
    """Return a nearby covariance whose eigenvalues are well above 0."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.maximum(values, 0.01 * values[-1])) @ vectors.T)


def _entries(n_visits: int) -> Floats:
    """Return what a unit change of each entry of the lower triangle does to Sigma."""
    rows, columns = np.tril_indices(n_visits)
    entries = np.zeros((len(rows), n_visits, n_visits))
    index = np.arange(len(rows))
    entries[index, rows, columns] = 1
    entries[index, columns, rows] = 1
    return entries


def _state(table: _Tables, covariance: Floats, method: Method) -> _State | None:
    """Evaluate the deviance, or return None where the covariance is not positive definite."""
    block = table.seen[:, :, None] * table.seen[:, None, :]
    padding = np.eye(table.n_visits) * (1 - table.seen)[:, None, :]
    scale = np.sqrt(np.abs(np.diag(covariance)))
    try:
        correlation = np.linalg.cholesky(covariance / np.outer(scale, scale))
        lower = np.linalg.cholesky(covariance * block + padding)
    except np.linalg.LinAlgError:
        return None
    if np.diag(correlation).min() < 1e-6:
        return None
    half = np.linalg.inv(lower)
    weights = half.swapaxes(-2, -1) @ half * block
    flat = weights.reshape(-1)
    n_columns = len(table.back)
    inverse = np.linalg.inv((flat @ table.xx).reshape(n_columns, n_columns))
    beta = inverse @ (flat @ table.xy)
    shape = table.yy.shape
    cross = (table.xy @ beta).reshape(shape)
    squares = table.yy - cross - cross.swapaxes(-2, -1)
    squares = squares + (table.xx @ np.outer(beta, beta).reshape(-1)).reshape(shape)
    logs = np.log(np.diagonal(lower, axis1=-2, axis2=-1)).sum(axis=-1)
    deviance = 2 * float(logs @ table.counts) + float(np.sum(weights * squares))
    if method == "reml":
        deviance -= float(np.linalg.slogdet(inverse)[1])
        squares = squares + (table.xx @ inverse.reshape(-1)).reshape(shape)
    return _State(covariance, deviance, weights, beta, inverse.astype(float), squares)


def _gram_slopes(table: _Tables, at: _State, entries: Floats) -> tuple[Floats, Floats]:
    """Return W E W (J, P V V), and X' W E W X (J, p, p), for each entry E of Sigma."""
    turned = at.weights[None] @ entries[:, None] @ at.weights[None]
    turned = turned.reshape(len(entries), -1)
    return turned, (turned @ table.xx).reshape(len(entries), *at.inverse.shape)


def _derivatives(
    table: _Tables, at: _State, entries: Floats, method: Method
) -> tuple[Floats, Floats, Floats]:
    """Return the deviance's slope, its Hessian, and the Hessian's expectation for ML."""
    n_entries = len(entries)
    turned, grams = _gram_slopes(table, at, entries)
    left = at.weights @ entries[:, None]
    counted = left * table.counts[:, None, None]
    slope = np.trace(counted, axis1=-2, axis2=-1).sum(axis=-1) - turned @ at.squares.reshape(-1)
    transposed = left.swapaxes(-2, -1).reshape(n_entries, -1)
    expected = counted.reshape(n_entries, -1) @ transposed.T
    bend = turned @ (at.squares @ left).reshape(n_entries, -1).T
    rest = table.xy - table.xx.reshape(-1, *at.inverse.shape) @ at.beta
    moved = turned @ rest
    observed = bend + bend.T - expected - 2 * moved @ at.inverse @ moved.T
    if method == "reml":
        product = at.inverse @ grams
        observed -= np.einsum("jpq,kqp->jk", product, product, optimize=True)
    return slope, observed, expected


def _downhill(slope: Floats, observed: Floats, expected: Floats) -> Floats:
    """Return a Newton step, or a scoring step where the deviance does not curve upwards."""
    try:
        np.linalg.cholesky(observed)
    except np.linalg.LinAlgError:
        observed = expected
    try:
        return np.asarray(-np.linalg.solve(observed, slope))
    except np.linalg.LinAlgError:
        raise FitError("singular covariance between visits") from None


def _move(table: _Tables, at: _State, step: Floats, method: Method) -> _State:
    """Go along a step as far as the deviance falls."""
    allowed = at.deviance + 1e-10 * (1 + abs(at.deviance))
    for halvings in range(_MAX_HALVINGS):
        moved = _state(table, at.covariance + step / 2**halvings, method)
        if moved is not None and moved.deviance <= allowed:
            return moved
    raise FitError("singular covariance between visits")


def _inverse_of_minimum(hessian: Floats) -> Floats:
    """Return the inverse of the deviance's Hessian, which must curve upwards."""
    try:
        half = np.linalg.inv(np.linalg.cholesky(hessian))
    except np.linalg.LinAlgError:
        raise FitError("not converged") from None
    return np.asarray(half.T @ half)


def _rescaled(
    table: _Tables, at: _State, entries: Floats, hessian: Floats, method: Method
) -> MmrmFit:
    """Bring the optimum back to the units of the columns."""
    back = table.back
    half = back @ at.inverse
    grams = _gram_slopes(table, at, entries)[1]
    reml = method == "reml"
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
