"""The linear model with a random intercept: constrained longitudinal data analysis.

The model of the trial's primary analysis. Every row is one visit of one participant (a cluster),

    y = X beta + b[cluster] + e,    b ~ N(0, tau^2),    e ~ N(0, sigma^2),

and what makes it *constrained* is the design matrix: it has no arm effect at baseline.
The search for tau^2 / sigma^2 is in `analysis.estimators.variance_ratio`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats, cluster_order, cluster_sums, conditioned_basis
from analysis.estimators.errors import FitError
from analysis.estimators.kenward_roger import adjusted_covariance
from analysis.estimators.variance_ratio import Method, Moments, Profile, best_ratio, profile_at

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
    adjusted
        `covariance` adjusted for the estimated variances (p, p), by Kenward and Roger; None if it
        was not asked for.
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
    adjusted: Floats | None = None


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
    y: ArrayLike,
    X: ArrayLike,
    cluster: ArrayLike,
    *,
    method: Method = "ml",
    kenward_roger: bool = False,
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
    kenward_roger
        Whether to adjust the covariance as in `analysis.estimators.kenward_roger`.

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
    ratio = best_ratio(problem.moments, method)
    at = profile_at(problem.moments, ratio, method)
    fit = _rescaled(problem, at, ratio, method)
    scale = float(fit.residual_variance[0])
    inner = at.inverse[0]
    by_ratio = problem.back @ inner @ at.gram_slope[0] @ inner @ problem.back.T
    variances = _parameter_covariance(at, float(ratio[0]), scale)
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
        parameter_covariance=variances,
        adjusted=_adjusted(problem, inner, float(ratio[0]), scale, variances)
        if kenward_roger
        else None,
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
    ratio = best_ratio(problem.moments, method)
    return _rescaled(problem, profile_at(problem.moments, ratio, method), ratio, method)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Moments on a well-conditioned basis of what least squares leaves, and the way back."""

    moments: Moments
    back: Floats  # (p, p)
    start: Floats  # (K, p), coefficients on the basis already taken off the responses
    n_clusters: int


def _problem(Y: Floats, X: ArrayLike, cluster: ArrayLike) -> _Problem:
    """Check the data and reduce them to moments."""
    design = np.asarray(X, dtype=np.float64)
    if Y.ndim != 2 or design.ndim != 2 or len(Y) != len(design):
        raise ValueError(f"outcome {Y.shape} and design {design.shape} do not share their rows")
    n_rows, n_columns = design.shape
    if not np.all(np.isfinite(Y)):
        raise FitError("values that are not finite")
    order, starts, sizes = cluster_order(cluster, n_rows)
    if order is not None:
        Y, design = Y[order], design[order]
    basis, back = conditioned_basis(design)
    if n_rows == n_columns:
        raise FitError("no residual variation")
    if sizes.max() == 1:
        raise FitError("no cluster with two rows")
    # What the basis explains is taken off first: cross-products of residuals keep more digits than
    # those of scores far from 0.
    start = basis.T @ Y
    rest = Y - basis @ start
    left = np.einsum("nk,nk->k", rest, rest)
    if np.any(left <= _NO_RESIDUAL**2 * np.einsum("nk,nk->k", Y, Y)):
        raise FitError("no residual variation")
    add = cluster_sums(starts, n_rows)
    sums_x, sums_y = add @ basis, add @ rest
    # A cluster enters by its sums and its size only, so clusters of one size are one term.
    counts = np.bincount(sizes)
    distinct = np.flatnonzero(counts)
    by_size = [(sums_x[sizes == size], sums_y[sizes == size]) for size in distinct]
    between_xx = np.stack([x.T @ x for x, _ in by_size])
    between_xy = np.stack([y.T @ x for x, y in by_size], axis=1)
    between_yy = np.stack([np.einsum("nk,nk->k", y, y) for _, y in by_size], axis=1)
    moments = Moments(
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


def _rescaled(problem: _Problem, at: Profile, ratio: Floats, method: Method) -> MixedBatchFit:
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


def _parameter_covariance(at: Profile, ratio: float, scale: float) -> Floats:
    """Invert the observed information on (lambda, sigma^2), beta profiled out."""
    curvature = at.curvature[0] + at.freedom * (at.rss_slope[0] / at.rss[0]) ** 2
    cross = -at.rss_slope[0] / scale**2
    # The deviance is minus twice the log-likelihood, hence the factor 2.
    if ratio == 0:
        return np.array([[0.0, 0.0], [0.0, 2 * scale**2 / at.freedom]])
    hessian = np.array([[curvature, cross], [cross, at.freedom / scale**2]])
    return np.asarray(2 * np.linalg.inv(hessian))


def _adjusted(
    problem: _Problem, inner: Floats, ratio: float, scale: float, variances: Floats
) -> Floats:
    """Adjust for the estimated variances; V is linear in tau^2 and sigma^2."""
    turn = np.array([[scale, ratio], [0.0, 1.0]])  # of (lambda, sigma^2) into (tau^2, sigma^2)
    known = turn @ variances @ turn.T
    moments = problem.moments
    # Within clusters V is sigma^2, free of tau^2. On the mean of a cluster of m rows it is
    # sigma^2 + m tau^2: its derivatives are m and 1, and columns enter by their between part / m.
    total = scale * (1 + ratio * moments.sizes)
    slope = np.stack([moments.sizes, np.ones_like(total)])
    between = moments.between_xx / moments.sizes[:, None, None]
    slopes = np.tensordot(slope / total**2, between, axes=1)
    slopes[1] += moments.within_xx / scale**2
    crossed = np.einsum("im,ij,jm->m", slope, known, slope) / total**3
    weighted = np.tensordot(crossed, between, axes=1) + known[1, 1] * moments.within_xx / scale**3
    adjusted = adjusted_covariance(scale * inner, slopes, weighted, known)
    return np.asarray(problem.back @ adjusted @ problem.back.T)
