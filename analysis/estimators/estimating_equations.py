"""The estimating equations of a marginal model with an exchangeable working correlation.

The rows of one participant (a cluster) share one correlation alpha, for which R^-1 = (I - alpha /
(1 + (m - 1) alpha) 11') / (1 - alpha) in a cluster of m rows: clusters enter by sums over their
rows, all at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from analysis.estimators.clustered import Floats, Integers
from analysis.estimators.errors import FitError
from analysis.estimators.marginal_mean import MarginalMean

Moments = Literal["n", "n_minus_p"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows sorted by cluster."""

    outcome: Floats  # (N,)
    basis: Floats  # (N, p)
    add: csr_matrix  # (n, N), sums by cluster
    sizes: Integers  # (n,)


@dataclass(frozen=True, slots=True)
class Equations:
    """The estimating equations at some coefficients, with the correlation found there."""

    correlation: float
    scale: float
    gram: Floats  # (p, p), D'V^-1 D
    score: Floats  # (p,), D'V^-1 (y - mu)
    columns: Floats  # (N, p), D over the standard deviation
    residual: Floats  # (N,), Pearson


def equations_at(
    rows: Rows, mean: MarginalMean, moments: Moments, *, independent: bool
) -> Equations:
    """Estimate scale and correlation by moments, then weigh the rows by them."""
    n_rows, n_columns = rows.basis.shape
    fewer = n_columns if moments == "n_minus_p" else 0
    pairs = float(np.sum(rows.sizes * (rows.sizes - 1)) / 2)
    if n_rows <= n_columns or 0 < pairs <= fewer:
        raise FitError("too few rows for the columns")
    residual = (rows.outcome - mean.value) / mean.deviation
    columns = rows.basis * (mean.slope / mean.deviation)[:, None]
    sum_x, sum_r = rows.add @ columns, rows.add @ residual
    square = float(residual @ residual)
    scale = square / (n_rows - fewer)
    alpha = 0.0
    if pairs and not independent:
        alpha = float(sum_r @ sum_r - square) / 2 / (pairs - fewer) / scale
        # A search may pass outside of what R^-1 exists for; a solution may not lie there.
        low, high = admissible(rows.sizes)
        alpha = min(max(alpha, low), high)
    shrink = alpha / (1 + (rows.sizes - 1) * alpha)
    gram = columns.T @ columns - sum_x.T @ (sum_x * shrink[:, None])
    score = columns.T @ residual - sum_x.T @ (shrink * sum_r)
    return Equations(alpha, scale, gram, score, columns, residual)


def contributions(rows: Rows, equations: Equations) -> Floats:
    """Return what each cluster adds to the score (n, p)."""
    alpha = equations.correlation
    shrink = alpha / (1 + (rows.sizes - 1) * alpha)
    shared = (rows.add @ equations.residual) * shrink
    own = rows.add @ (equations.columns * equations.residual[:, None])
    return np.asarray(own - (rows.add @ equations.columns) * shared[:, None])


def admissible(sizes: Integers) -> tuple[float, float]:
    """Return the bounds, drawn in by 1%, of exchangeable correlations in the largest cluster."""
    return -0.99 / max(int(sizes.max()) - 1, 1), 0.99
