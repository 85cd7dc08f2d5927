"""The unstructured covariance of repeated measures, searched on cross-products alone.

Participants with the same pattern of answered visits share a weight W = Sigma[o, o]^-1 and enter by
one table of cross-products for each pair of visits, so that a step of the search costs no pass over
the data. Newton steps on the entries of Sigma, scoring steps where the curvature is not positive
(Jennrich and Schluchter, 1986, Biometrics 42:805-820).
"""

from dataclasses import dataclass

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.estimators.errors import FitError
from analysis.estimators.variance_ratio import Method

_MAX_STEPS = 100
_MAX_HALVINGS = 30
# Squared length of the last step, in standard errors of the covariance parameters.
_CLOSE = 1e-16


@dataclass(frozen=True, slots=True)
class Tables:
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
class State:
    """The deviance at a covariance, beta profiled out, and what it is made of."""

    covariance: Floats  # (V, V)
    deviance: float
    weights: Floats  # (P, V, V)
    beta: Floats
    inverse: Floats  # of X' V^-1 X
    squares: Floats  # (P, V, V), of residuals; for REML with the uncertainty of beta


def best_covariance(table: Tables, method: Method) -> tuple[State, Floats]:
    """Return the maximum that Newton steps reach, and the Hessian of the deviance there."""
    entries = covariance_entries(table.n_visits)
    at = _state(table, table.start, method)
    if at is None:
        raise FitError("singular covariance between visits")
    for _ in range(_MAX_STEPS):
        slope, observed, expected = _derivatives(table, at, entries, method)
        step = _downhill(slope, observed, expected)
        if abs(float(slope @ step)) < _CLOSE:
            return at, observed
        at = _move(table, at, np.tensordot(step, entries, 1), method)
    raise FitError("not converged")


def covariance_entries(n_visits: int) -> Floats:
    """Return what a unit change of each entry of the lower triangle does to Sigma."""
    rows, columns = np.tril_indices(n_visits)
    entries = np.zeros((len(rows), n_visits, n_visits))
    index = np.arange(len(rows))
    entries[index, rows, columns] = 1
    entries[index, columns, rows] = 1
    return entries


def gram_slopes(table: Tables, at: State, entries: Floats) -> tuple[Floats, Floats]:
    """Return W E W (J, P V V), and X' W E W X (J, p, p), for each entry E of Sigma."""
    turned = at.weights[None] @ entries[:, None] @ at.weights[None]
    turned = turned.reshape(len(entries), -1)
    return turned, (turned @ table.xx).reshape(len(entries), *at.inverse.shape)


def _state(table: Tables, covariance: Floats, method: Method) -> State | None:
    """Evaluate the deviance, or return None where the covariance is not positive definite."""
    # All patterns are inverted in one batch of V x V matrices: rows and columns of visits that a
    # pattern lacks become those of the identity, and are cut away after.
    block = table.seen[:, :, None] * table.seen[:, None, :]
    padding = np.eye(table.n_visits) * (1 - table.seen)[:, None, :]
    # The correlation matrix is tested, so that "nearly singular" does not depend on units.
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
    # Squared residuals r r' = (y - X beta)(y - X beta)', summed over the participants of a pattern.
    cross = (table.xy @ beta).reshape(shape)
    squares = table.yy - cross - cross.swapaxes(-2, -1)
    squares = squares + (table.xx @ np.outer(beta, beta).reshape(-1)).reshape(shape)
    logs = np.log(np.diagonal(lower, axis1=-2, axis2=-1)).sum(axis=-1)
    deviance = 2 * float(logs @ table.counts) + float(np.sum(weights * squares))
    if method == "reml":
        deviance -= float(np.linalg.slogdet(inverse)[1])
        squares = squares + (table.xx @ inverse.reshape(-1)).reshape(shape)
    return State(covariance, deviance, weights, beta, inverse.astype(float), squares)


def _derivatives(
    table: Tables, at: State, entries: Floats, method: Method
) -> tuple[Floats, Floats, Floats]:
    """Return the deviance's slope, its Hessian, and the Hessian's expectation for ML."""
    n_entries = len(entries)
    turned, grams = gram_slopes(table, at, entries)
    # With E = dSigma/dtheta and W = Sigma^-1: the slope is tr(W E) - r' W E W r for each entry, and
    # the expected Hessian is tr(W E W E').
    left = at.weights @ entries[:, None]
    counted = left * table.counts[:, None, None]
    slope = np.trace(counted, axis1=-2, axis2=-1).sum(axis=-1) - turned @ at.squares.reshape(-1)
    transposed = left.swapaxes(-2, -1).reshape(n_entries, -1)
    expected = counted.reshape(n_entries, -1) @ transposed.T
    bend = turned @ (at.squares @ left).reshape(n_entries, -1).T
    # beta is profiled out: what it takes up when Sigma changes is taken off the observed Hessian.
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


def _move(table: Tables, at: State, step: Floats, method: Method) -> State:
    """Go along a step as far as the deviance falls."""
    # Rounding may raise the deviance of a step that is right, next to the minimum.
    allowed = at.deviance + 1e-10 * (1 + abs(at.deviance))
    for halvings in range(_MAX_HALVINGS):
        moved = _state(table, at.covariance + step / 2**halvings, method)
        if moved is not None and moved.deviance <= allowed:
            return moved
    raise FitError("singular covariance between visits")
