"""The estimating equations of a marginal model with an exchangeable working correlation.

The rows of one participant (a cluster) share one correlation alpha, for which R^-1 = (I - alpha /
(1 + (m - 1) alpha) 11') / (1 - alpha) in a cluster of m rows. So clusters enter by sums over their
rows. With x_i the columns of row i times (slope / deviation), r_i its Pearson residual, capitals
for sums over the rows of cluster c, and s_c = alpha / (1 + (m_c - 1) alpha), the equations are

    U = sum_i x_i r_i - sum_c s_c X_c R_c = 0,

up to the factor 1 / (1 - alpha) that all of them share (Liang and Zeger 1986, equation 7).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.estimators.clustered import Floats, Integers
from analysis.estimators.clustered_design import ClusterLayout
from analysis.estimators.errors import FitError
from analysis.estimators.marginal_mean import MarginalMean

Moments = Literal["n", "n_minus_p"]


@dataclass(frozen=True, slots=True)
class Rows:
    """An outcome and its columns, in the order of the clusters' layout."""

    outcome: Floats  # (N,)
    basis: Floats  # (N, p)
    layout: ClusterLayout
    pairs: int  # of rows within clusters
    fewer: int  # what moments subtract from the number of rows and of pairs


def make_rows(outcome: Floats, basis: Floats, layout: ClusterLayout, moments: Moments) -> Rows:
    """Put rows together, or refuse too few of them for moments to have a meaning."""
    n_rows, n_columns = basis.shape
    fewer = n_columns if moments == "n_minus_p" else 0
    pairs = int(np.sum(layout.sizes * (layout.sizes - 1)) // 2)
    if n_rows <= n_columns or 0 < pairs <= fewer:
        raise FitError("too few rows for the columns")
    return Rows(outcome, basis, layout, pairs, fewer)


@dataclass(frozen=True, slots=True)
class Equations:
    """The estimating equations at some coefficients, with the correlation found there."""

    correlation: float
    on_bound: bool  # the correlation is held at a bound
    scale: float
    score: Floats  # (p,), U
    columns: Floats  # (N, p), x
    residual: Floats  # (N,), r
    column_sums: Floats  # (n, p), X
    residual_sums: Floats  # (n,), R
    shrink: Floats  # (n,), s


def independence(rows: Rows, mean: MarginalMean) -> tuple[Floats, Floats]:
    """Return D'V^-1 D (p, p) and the equations U (p,) with a correlation of zero."""
    columns = rows.basis * (mean.slope / mean.deviation)[:, None]
    residual = (rows.outcome - mean.value) / mean.deviation
    return np.asarray(columns.T @ columns), np.asarray(columns.T @ residual)


def equations_at(rows: Rows, mean: MarginalMean) -> Equations:
    """Estimate scale and correlation by moments, then weigh the rows by them."""
    layout, sizes = rows.layout, rows.layout.sizes
    residual = (rows.outcome - mean.value) / mean.deviation
    columns = rows.basis * (mean.slope / mean.deviation)[:, None]
    column_sums, residual_sums = layout.sums(columns), layout.sums(residual)
    square = float(residual @ residual)
    scale = square / (len(residual) - rows.fewer)
    found = alpha = 0.0
    if rows.pairs:
        products = float(residual_sums @ residual_sums - square) / 2
        found = products / (rows.pairs - rows.fewer) / scale
        # A search may pass outside of what R^-1 exists for; a solution may not lie there.
        low, high = admissible(sizes)
        alpha = min(max(found, low), high)
    shrink: Floats = np.asarray(alpha / (1 + (sizes - 1) * alpha), dtype=np.float64)
    score = columns.T @ residual - column_sums.T @ (shrink * residual_sums)
    return Equations(
        alpha, alpha != found, scale, score, columns, residual, column_sums, residual_sums, shrink
    )


def gram(at: Equations) -> Floats:
    """Return D'V^-1 D (p, p): the expectation of -dU / dbeta at a known correlation."""
    weighted = at.column_sums * at.shrink[:, None]
    return np.asarray(at.columns.T @ at.columns - at.column_sums.T @ weighted)


def firth_penalty(rows: Rows, mean: MarginalMean, at: Equations) -> Floats:
    """Return what Firth's penalty adds to the equations U (p,).

    Half the derivative of log det of the information D'V^-1 D at a known correlation (Firth 1993,
    Biometrika 80:27-38; for estimating equations Mondol and Rahman 2019, Statistics in Medicine
    38:2544-2560), times 1 - alpha, which U here lacks.
    """
    inverse = np.linalg.inv(gram(at))
    # Rows of R^-1 x, times 1 - alpha: each less its cluster's share of the sum.
    shared = rows.layout.spread(at.shrink)[:, None] * np.column_stack(
        [rows.layout.spread(column) for column in at.column_sums.T]
    )
    leverage = np.einsum("ip,pq,iq->i", at.columns, inverse, at.columns - shared)
    bend = mean.slope_bend - mean.deviation_bend  # (log g)', of the weights of the columns
    return np.asarray((1 - at.correlation) * rows.basis.T @ (leverage * bend))


def jacobian(rows: Rows, mean: MarginalMean, at: Equations) -> Floats:
    """Return -dU / dbeta (p, p), the correlation following the coefficients.

    With z_i the columns of row i, g = slope / deviation, and primes for derivatives by the linear
    predictor, x_i = g_i z_i and r_i' = -(g_i + r_i (log deviation_i)'). The three terms below come
    from the x, from the R and from alpha in U.
    """
    weight = mean.slope / mean.deviation
    bend = mean.slope_bend - mean.deviation_bend  # (log g)'
    fall = weight + at.residual * mean.deviation_bend  # -r'
    shared = rows.layout.spread(at.shrink * at.residual_sums)
    own = weight * (fall - bend * (at.residual - shared))
    falls = rows.basis * fall[:, None]
    fall_sums = rows.layout.sums(falls)
    total = rows.basis.T @ (rows.basis * own[:, None])
    total -= at.column_sums.T @ (fall_sums * at.shrink[:, None])
    if at.correlation == 0 or at.on_bound:
        return np.asarray(total)
    # alpha is a constant times (sum of R^2) / (sum of r^2), less a constant.
    square = float(at.residual @ at.residual)
    ratio = float(at.residual_sums @ at.residual_sums) / square
    constant = (len(at.residual) - rows.fewer) / (2 * (rows.pairs - rows.fewer))
    slope = fall_sums.T @ at.residual_sums - ratio * (falls.T @ at.residual)
    alpha_slope = -2 * constant / square * slope  # dalpha / dbeta
    sizes = rows.layout.sizes
    shrink_slope = 1 / (1 + (sizes - 1) * at.correlation) ** 2  # ds / dalpha
    score_slope = at.column_sums.T @ (shrink_slope * at.residual_sums)  # -dU / dalpha
    return np.asarray(total + np.outer(score_slope, alpha_slope))


def contributions(rows: Rows, at: Equations) -> Floats:
    """Return what each cluster adds to the score (n, p)."""
    own = rows.layout.sums(at.columns * at.residual[:, None])
    return np.asarray(own - at.column_sums * (at.shrink * at.residual_sums)[:, None])


def admissible(sizes: Integers) -> tuple[float, float]:
    """Return the bounds, drawn in by 1%, of exchangeable correlations in the largest cluster."""
    return -0.99 / max(int(sizes.max()) - 1, 1), 0.99
