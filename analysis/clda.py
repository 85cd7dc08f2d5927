"""The linear model with a random intercept: constrained longitudinal data analysis.

The model of the trial's primary analysis. Every row is one visit of one participant (a cluster),

    y = X beta + b[cluster] + e,    b ~ N(0, tau^2),    e ~ N(0, sigma^2),

and what makes it *constrained* is the design matrix: it has no arm effect at baseline.

With lambda = tau^2 / sigma^2 everything but lambda has a closed form, so that the likelihood is
maximised over one number. In a cluster of m rows the inverse covariance (times sigma^2) is I -
lambda / (1 + m lambda) 11', which splits X'V^-1 X into a part within clusters, free of lambda, and
a part between clusters, where rows enter by their cluster sums S only: W + sum_m S_m S_m' / (m (1 +
m lambda)). Cross-products are therefore formed once, one matrix for each cluster size, and a step
of the search costs no pass over the data. The slope in lambda needs no slope of beta (envelope
theorem): dRSS/dlambda = -sum_m Q_m / (1 + m lambda)^2, Q_m being the summed squared cluster sums of
the residuals.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix

from analysis.errors import FitError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Method = Literal["ml", "reml"]

# Intraclass correlations tau^2 / (tau^2 + sigma^2) between which the slope may change its sign.
_SCAN = np.array([0.0, 0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97, 0.999, 1 - 1e-6])
_MAX_STEPS = 100
# A Newton step this short squares to less than rounding.
_CLOSE = 1e-8
# A column of length 1 this close to the space of the columns before it counts as aliased.
_ALIASED = 1e-9
# Residuals shorter than this, relative to the outcome, are rounding.
_NO_RESIDUAL = 1e-12


@dataclass(frozen=True, slots=True)
class MixedFit:
    """A fitted random-intercept model.

    Attributes
    ----------
    beta
        Coefficients (p,), in units of the outcome per unit of the column.
    covariance
        sigma^2 (X' V^-1 X)^-1 (p, p), V being the covariance over sigma^2: variance parameters
        count as known.
    between_variance, residual_variance
        tau^2 and sigma^2, in squared units of the outcome.
    log_likelihood
        At the optimum: the likelihood of y for ML, of its residual contrasts for REML.
    n_rows, n_clusters
        Rows (visits) and clusters (participants) in the fit.
    method
        ``"ml"`` or ``"reml"``.
    covariance_gradient
        Derivative of `covariance` by lambda and by sigma^2 (2, p, p), for Satterthwaite's degrees
        of freedom.
    parameter_covariance
        Asymptotic covariance of the estimates of lambda and sigma^2 (2, 2), from the observed
        information. At the boundary lambda = 0 only sigma^2 counts as estimated.
    """

    beta: Floats
    covariance: Floats
    between_variance: float
    residual_variance: float
    log_likelihood: float
    n_rows: int
    n_clusters: int
    method: Method
    covariance_gradient: Floats
    parameter_covariance: Floats


@dataclass(frozen=True, slots=True)
class MixedBatchFit:
    """Fits of one design to K responses, such as K imputed outcomes; units as in `MixedFit`.

    Attributes
    ----------
    beta, covariance
        Coefficients (K, p) and their covariances (K, p, p).
    between_variance, residual_variance, log_likelihood
        One value a response (K,).
    n_rows, n_clusters, method
        The same for all responses.
    """

    beta: Floats
    covariance: Floats
    between_variance: Floats
    residual_variance: Floats
    log_likelihood: Floats
    n_rows: int
    n_clusters: int
    method: Method


def fit_random_intercept(
    y: ArrayLike, X: ArrayLike, cluster: ArrayLike, *, method: Method = "ml"
) -> MixedFit:
    """Fit a linear model with a random intercept for each cluster.

    Parameters
    ----------
    y
        Outcome (N,), no missing values: leave out rows that were not observed.
    X
        Design matrix (N, p) of full column rank.
    cluster
        Integer code of each row's participant (N,). Neither the order of rows nor the values of
        codes matter.
    method
        Maximum likelihood, or residual (restricted) maximum likelihood.

    Returns
    -------
    MixedFit
        The global optimum; a between-cluster variance of exactly 0 where the likelihood falls from
        there on.

    Raises
    ------
    FitError
        Aliased columns, too few rows, no cluster with two rows, values that are not finite, or an
        outcome which the columns (or the columns and the clusters) explain without residual.

    Notes
    -----
    Profile likelihood as in Pinheiro and Bates (2000, section 2.2), for one variance ratio.
    """
    problem = _problem(np.asarray(y, dtype=np.float64)[:, None], X, cluster)
    ratio = _best_ratio(problem.moments, method)
    at = _profile(problem.moments, ratio, method)
    fit = _rescaled(problem, at, ratio, method)
    scale = float(fit.residual_variance[0])
    inner = at.inverse[0]
    by_ratio = problem.back @ inner @ at.gram_slope[0] @ inner @ problem.back.T
    return MixedFit(
        beta=fit.beta[0],
        covariance=fit.covariance[0],
        between_variance=float(fit.between_variance[0]),
        residual_variance=scale,
        log_likelihood=float(fit.log_likelihood[0]),
        n_rows=fit.n_rows,
        n_clusters=fit.n_clusters,
        method=method,
        covariance_gradient=np.stack([-scale * by_ratio, fit.covariance[0] / scale]),
        parameter_covariance=_parameter_covariance(at, float(ratio[0]), scale),
    )


def fit_random_intercept_batch(
    Y: ArrayLike, X: ArrayLike, cluster: ArrayLike, *, method: Method = "ml"
) -> MixedBatchFit:
    """Fit the same random-intercept model to several responses at once.

    Parameters
    ----------
    Y
        One response a column (N, K).
    X, cluster, method
        As in `fit_random_intercept`.

    Returns
    -------
    MixedBatchFit
        What K single fits would return.

    Raises
    ------
    FitError
        As `fit_random_intercept`, if it would fail for any of the responses.
    """
    problem = _problem(np.asarray(Y, dtype=np.float64), X, cluster)
    ratio = _best_ratio(problem.moments, method)
    return _rescaled(problem, _profile(problem.moments, ratio, method), ratio, method)


def conditioned_basis(X: Floats) -> tuple[Floats, Floats]:
    """Return the same column space in a nearly orthonormal basis, and the way back.

    Parameters
    ----------
    X
        Design matrix (N, p).

    Returns
    -------
    tuple
        Z (N, p) and B (p, p) with Z = X B, so that coefficients on X are B times those on Z.

    Raises
    ------
    FitError
        Fewer rows than columns, values that are not finite, or columns that are combinations of
        those before them.
    """
    n_rows, n_columns = X.shape
    if n_rows < n_columns:
        raise FitError("fewer rows than columns")
    gram = X.T @ X
    length = np.sqrt(np.diag(gram))
    if not np.all(np.isfinite(length)):
        raise FitError("values that are not finite")
    length[length == 0] = 1.0
    try:
        triangle = np.linalg.cholesky(gram / np.outer(length, length)).T
        doubtful = bool(np.diag(triangle).min() < 1e-4)
    except np.linalg.LinAlgError:
        doubtful = True
    if doubtful:
        triangle = _triangle_of_full_rank(X / length)
    back = solve_triangular(triangle, np.eye(n_columns)) / length[:, None]
    return X @ back, back


def _triangle_of_full_rank(X: Floats) -> Floats:
    """Return the R of X = QR for columns of length 1, or name those that others explain."""
    kept = np.empty((len(X), 0))
    aliased = []
    for index, column in enumerate(X.T):
        rest = column - kept @ (kept.T @ column)
        rest -= kept @ (kept.T @ rest)
        length = np.linalg.norm(rest)
        if length < _ALIASED:
            aliased.append(str(index))
        else:
            kept = np.column_stack([kept, rest / length])
    if aliased:
        raise FitError(f"rank deficient: columns {', '.join(aliased)}")
    return np.asarray(np.linalg.qr(X, mode="r"))


def cluster_order(cluster: ArrayLike, n_rows: int) -> tuple[Integers | None, Integers, Integers]:
    """Say how to sort rows by cluster.

    Parameters
    ----------
    cluster
        Integer code of each row's cluster (N,).
    n_rows
        N, at least 1.

    Returns
    -------
    tuple
        The order that sorts the rows, None if they are sorted; the first sorted row of each cluster
        (n,); the sizes of the clusters (n,).

    Raises
    ------
    ValueError
        If `cluster` is not N integers.
    """
    codes = np.asarray(cluster)
    if codes.shape != (n_rows,) or codes.dtype.kind not in "iu":
        raise ValueError(f"cluster must hold one integer for each of {n_rows} rows")
    order = None
    if np.any(codes[1:] < codes[:-1]):
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    return order, starts, np.diff(np.append(starts, n_rows))


def cluster_sums(starts: Integers, n_rows: int) -> csr_matrix:
    """Return the matrix (n, N) that adds up sorted rows by cluster.

    Parameters
    ----------
    starts
        First row of each cluster (n,), from `cluster_order`.
    n_rows
        N.
    """
    ends = np.append(starts, n_rows)
    return csr_matrix((np.ones(n_rows), np.arange(n_rows), ends), shape=(len(starts), n_rows))


@dataclass(frozen=True, slots=True)
class _Moments:
    """Cross-products of p columns and K responses, within and between clusters of M sizes."""

    n_rows: int
    sizes: Floats  # (M,)
    counts: Floats  # (M,)
    within_xx: Floats  # (p, p)
    within_xy: Floats  # (K, p)
    within_yy: Floats  # (K,)
    between_xx: Floats  # (M, p, p)
    between_xy: Floats  # (K, M, p)
    between_yy: Floats  # (K, M)

    def take(self, responses: Integers) -> "_Moments":
        """Return the moments of some responses, in that order."""
        return replace(
            self,
            within_xy=self.within_xy[responses],
            within_yy=self.within_yy[responses],
            between_xy=self.between_xy[responses],
            between_yy=self.between_yy[responses],
        )


@dataclass(frozen=True, slots=True)
class _Problem:
    """Moments on a well-conditioned basis of what least squares leaves, and the way back."""

    moments: _Moments
    back: Floats  # (p, p)
    start: Floats  # (K, p), coefficients on the basis already taken off the responses
    n_clusters: int


@dataclass(frozen=True, slots=True)
class _Profile:
    """The deviance profiled over beta and sigma^2 at variance ratios, and its parts."""

    deviance: Floats
    slope: Floats  # of the deviance, by lambda
    curvature: Floats
    beta: Floats
    inverse: Floats  # of the weighted Gram matrix
    gram_slope: Floats
    rss: Floats
    rss_slope: Floats
    freedom: int


def _problem(Y: Floats, X: ArrayLike, cluster: ArrayLike) -> _Problem:
    """Check the data and reduce them to moments."""
    design = np.asarray(X, dtype=np.float64)
    if Y.ndim != 2 or design.ndim != 2 or len(Y) != len(design):
        raise ValueError(f"outcome {Y.shape} and design {design.shape} do not share their rows")
    n_rows, n_columns = design.shape
    if n_rows <= n_columns:
        raise FitError("fewer rows than columns" if n_rows < n_columns else "no residual variation")
    if not np.all(np.isfinite(Y)):
        raise FitError("values that are not finite")
    order, starts, sizes = cluster_order(cluster, n_rows)
    if order is not None:
        Y, design = Y[order], design[order]
    basis, back = conditioned_basis(design)
    if sizes.max() == 1:
        raise FitError("no cluster with two rows")
    start = basis.T @ Y
    rest = Y - basis @ start
    left = np.einsum("nk,nk->k", rest, rest)
    if np.any(left <= _NO_RESIDUAL**2 * np.einsum("nk,nk->k", Y, Y)):
        raise FitError("no residual variation")
    add = cluster_sums(starts, n_rows)
    sums_x, sums_y = add @ basis, add @ rest
    counts = np.bincount(sizes)
    distinct = np.flatnonzero(counts)
    by_size = [(sums_x[sizes == size], sums_y[sizes == size]) for size in distinct]
    between_xx = np.stack([x.T @ x for x, _ in by_size])
    between_xy = np.stack([y.T @ x for x, y in by_size], axis=1)
    between_yy = np.stack([np.einsum("nk,nk->k", y, y) for _, y in by_size], axis=1)
    moments = _Moments(
        n_rows=n_rows,
        sizes=distinct.astype(np.float64),
        counts=counts[distinct].astype(np.float64),
        within_xx=basis.T @ basis - np.tensordot(1 / distinct, between_xx, axes=1),
        within_xy=rest.T @ basis - np.tensordot(1 / distinct, between_xy, axes=(0, 1)),
        within_yy=left - between_yy @ (1 / distinct),
        between_xx=between_xx,
        between_xy=between_xy,
        between_yy=between_yy,
    )
    return _Problem(moments, back, start.T, len(starts))


def _profile(moments: _Moments, ratio: Floats, method: Method) -> _Profile:
    """Evaluate the profile at variance ratios whose shape broadcasts against the K responses."""
    n_columns = len(moments.within_xx)
    flat = moments.between_xx.reshape(len(moments.sizes), -1)
    spread = 1 + ratio[..., None] * moments.sizes
    weight = 1 / (moments.sizes * spread)
    slope_weight = -1 / spread**2
    bend_weight = 2 * moments.sizes / spread**3
    square = (*ratio.shape, n_columns, n_columns)
    inverse = np.linalg.inv(moments.within_xx + (weight @ flat).reshape(square))
    gram_slope = (slope_weight @ flat).reshape(square)
    xy = moments.within_xy + (weight[..., None, :] @ moments.between_xy)[..., 0, :]
    beta = (inverse @ xy[..., None])[..., 0]

    # Residuals enter by their own cross-products, so that no digits cancel in their sum of squares.
    within = moments.within_xy - beta @ moments.within_xx
    fitted = beta @ moments.between_xx.transpose(1, 0, 2).reshape(n_columns, -1)
    between = moments.between_xy - fitted.reshape(*beta.shape[:-1], -1, n_columns)
    explained = ((moments.between_xy + between) @ beta[..., None])[..., 0]
    squares = moments.between_yy - explained
    rss = moments.within_yy - np.sum((moments.within_xy + within) * beta, axis=-1)
    rss = rss + np.sum(weight * squares, axis=-1)
    rss_slope = np.sum(slope_weight * squares, axis=-1)
    turn = (slope_weight[..., None, :] @ between)[..., 0, :]
    moved = (inverse @ turn[..., None])[..., 0]
    rss_bend = np.sum(bend_weight * squares, axis=-1) - 2 * np.sum(turn * moved, axis=-1)

    share = moments.sizes / spread
    freedom = moments.n_rows - (n_columns if method == "reml" else 0)
    relative = rss_slope / rss
    deviance = freedom * np.log(rss / freedom) + np.log(spread) @ moments.counts
    slope = freedom * relative + share @ moments.counts
    curvature = freedom * (rss_bend / rss - relative**2) - share**2 @ moments.counts
    if method == "reml":
        product = inverse @ gram_slope
        bend = (bend_weight @ flat).reshape(square)
        deviance = deviance - np.linalg.slogdet(inverse)[1].astype(np.float64)
        slope = slope + np.trace(product, axis1=-2, axis2=-1)
        curvature = curvature + np.sum(inverse * bend, axis=(-2, -1))
        curvature = curvature - np.sum(product * product.swapaxes(-2, -1), axis=(-2, -1))
    return _Profile(deviance, slope, curvature, beta, inverse, gram_slope, rss, rss_slope, freedom)


def _best_ratio(moments: _Moments, method: Method) -> Floats:
    """Find the ratio (K,) of highest likelihood: scan, bracket all minima, compare."""
    at = _profile(moments, (_SCAN / (1 - _SCAN))[:, None], method)
    slope = at.slope
    if np.any(~(slope >= 0).any(axis=0)):
        raise FitError("no residual variation")
    response, cell = np.nonzero(((slope[:-1] < 0) & (slope[1:] >= 0)).T)
    first, bend = _by_correlation(at, _SCAN[:, None])
    low, high = (cell, response), (cell + 1, response)
    start = _inverse_hermite(
        (_SCAN[cell], first[low], bend[low]), (_SCAN[cell + 1], first[high], bend[high])
    )
    bracket = _SCAN[cell], _SCAN[cell + 1]
    inside = _roots(moments.take(response), bracket, start, method)
    at_zero = np.flatnonzero(slope[0] >= 0)
    response = np.concatenate([at_zero, response])
    ratio = np.concatenate([np.zeros(len(at_zero)), inside])
    if len(response) > len(moments.within_yy):
        deviance = _profile(moments.take(response), ratio, method).deviance
        best_first = np.lexsort((deviance, response))
        response, ratio = response[best_first], ratio[best_first]
    return ratio[np.unique(response, return_index=True)[1]]


def _by_correlation(at: _Profile, correlation: Floats) -> tuple[Floats, Floats]:
    """Return the deviance's first and second derivative by rho, where lambda = rho / (1 - rho)."""
    stretch = 1 / (1 - correlation) ** 2
    slope = stretch * at.slope
    return slope, stretch**2 * at.curvature + 2 * slope / (1 - correlation)


def _inverse_hermite(
    low: tuple[Floats, Floats, Floats], high: tuple[Floats, Floats, Floats]
) -> Floats:
    """Guess a function's root from place, value and slope at both ends, as a cubic in its value."""
    (x0, f0, d0), (x1, f1, d1) = low, high
    rise = f1 - f0
    t = -f0 / rise
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = (1 + 2 * t) * (1 - t) ** 2 * x0 + t**2 * (3 - 2 * t) * x1
        guess = guess + rise * (t * (1 - t) ** 2 / d0 - t**2 * (1 - t) / d1)
    return np.where((guess > x0) & (guess < x1), guess, (x0 + x1) / 2)


def _roots(
    moments: _Moments, bracket: tuple[Floats, Floats], start: Floats, method: Method
) -> Floats:
    """Find where the slope is 0 between two intraclass correlations, by guarded Newton steps."""
    low, high = bracket
    correlation = start
    for _ in range(_MAX_STEPS if len(start) else 0):
        at = _profile(moments, correlation / (1 - correlation), method)
        low = np.where(at.slope < 0, correlation, low)
        high = np.where(at.slope < 0, high, correlation)
        slope, bend = _by_correlation(at, correlation)
        step = correlation - slope / np.where(bend > 0, bend, np.nan)
        done = np.abs(step - correlation) < _CLOSE
        inside = (step > low) & (step < high)
        correlation = np.where(done | inside, step, (low + high) / 2)
        if np.all(done | (high - low < _CLOSE)):
            break
    return correlation / (1 - correlation)


def _rescaled(problem: _Problem, at: _Profile, ratio: Floats, method: Method) -> MixedBatchFit:
    """Bring the optimum back to the units of the outcomes and columns."""
    scale = at.rss / at.freedom
    back = problem.back
    deviance = at.deviance + at.freedom * (1 + np.log(2 * np.pi))
    if method == "reml":
        # The likelihood of the residuals is that of the columns as given, not of the basis.
        deviance = deviance - 2 * np.linalg.slogdet(back)[1]
    return MixedBatchFit(
        beta=(problem.start + at.beta) @ back.T,
        covariance=scale[:, None, None] * (back @ at.inverse @ back.T),
        between_variance=ratio * scale,
        residual_variance=scale,
        log_likelihood=-deviance / 2,
        n_rows=problem.moments.n_rows,
        n_clusters=problem.n_clusters,
        method=method,
    )


def _parameter_covariance(at: _Profile, ratio: float, scale: float) -> Floats:
    """Invert the observed information on (lambda, sigma^2), beta profiled out."""
    curvature = at.curvature[0] + at.freedom * (at.rss_slope[0] / at.rss[0]) ** 2
    cross = -at.rss_slope[0] / scale**2
    if ratio == 0:
        return np.array([[0.0, 0.0], [0.0, 2 * scale**2 / at.freedom]])
    hessian = np.array([[curvature, cross], [cross, at.freedom / scale**2]])
    return np.asarray(2 * np.linalg.inv(hessian))
