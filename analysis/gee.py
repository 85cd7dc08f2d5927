"""Generalized estimating equations with an exchangeable working correlation.

The population-averaged model of the trial's binary outcomes. The visits of one participant (a
cluster) share one correlation alpha, for which R^-1 = (I - alpha / (1 + (m - 1) alpha) 11') /
(1 - alpha) in a cluster of m rows: clusters enter by sums over their rows, all at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix

from analysis.clustered import Floats, Integers, cluster_order, cluster_sums, conditioned_basis
from analysis.errors import FitError

Family = Literal["binomial", "poisson"]
Link = Literal["logit", "log", "identity"]
Moments = Literal["n", "n_minus_p"]

# Fitted means beyond exp(-30) from their bounds: the coefficients are on their way to infinity.
_EXTREME = 30.0
# On the identity link, where the bounds themselves can be met.
_NEXT_TO_BOUND = 1e-8
_MAX_HALVINGS = 12
# Under separation the linear predictor grows by about 1 a step, so a shorter step rules it out.
_SETTLED = 0.1


@dataclass(frozen=True, slots=True)
class GeeFit:
    """A fitted marginal model.

    Attributes
    ----------
    beta
        Coefficients (p,) on the scale of the link: log odds, log means or means.
    covariance
        Robust (sandwich) covariance of `beta` (p, p), without a small-sample correction.
    correlation
        Working correlation alpha between two rows of a cluster; 0 if no cluster has two rows.
    scale
        Mean squared Pearson residual.
    n_rows, n_clusters
        Rows (visits) and clusters (participants) in the fit.
    iterations
        Scoring steps taken.
    """

    beta: Floats
    covariance: Floats
    correlation: float
    scale: float
    n_rows: int
    n_clusters: int
    iterations: int


@dataclass(frozen=True, slots=True)
class _Mean:
    """Fitted means (N,), their slope by the linear predictor, and their standard deviation."""

    value: Floats
    slope: Floats
    deviation: Floats


def fit_gee(
    y: ArrayLike,
    X: ArrayLike,
    cluster: ArrayLike,
    *,
    family: Family = "binomial",
    link: Link = "logit",
    moments: Moments = "n",
    tol: float = 1e-10,
    max_iterations: int = 100,
) -> GeeFit:
    """Fit a marginal mean model to clustered binary or count outcomes.

    Parameters
    ----------
    y
        Outcome (N,): 0 or 1 for the binomial family, at least 0 for Poisson.
    X
        Design matrix (N, p) of full column rank.
    cluster
        Integer code of each row's participant (N,). Neither the order of rows nor the values of
        codes matter.
    family
        Variance of the outcome given its mean mu: mu (1 - mu) or mu.
    link
        What is linear in the columns: log odds (``"logit"``, binomial only), ``"log"`` of the mean
        or the mean itself (``"identity"``).
    moments
        What scale and correlation are averages over: N rows and all pairs (``"n"``), or p fewer
        (``"n_minus_p"``). Tools differ here, and estimates in their fourth digit.
    tol
        Largest last change of the linear predictor and of the correlation.
    max_iterations
        Scoring steps before the fit counts as failed.

    Returns
    -------
    GeeFit
        The solution of the estimating equations.

    Raises
    ------
    FitError
        Aliased columns, too few rows, values that are not finite or not of the family, separation
        (fitted means of 0 or 1), fitted means out of range, a working correlation that no joint
        distribution has, or no convergence.
    ValueError
        The logit link with the Poisson family.

    Notes
    -----
    Liang and Zeger (1986), Biometrika 73:13-22, equations 6 to 8 and section 4.
    """
    if family == "poisson" and link == "logit":
        raise ValueError("the logit link is for the binomial family")
    outcome, design = np.asarray(y, dtype=np.float64), np.asarray(X, dtype=np.float64)
    if design.ndim != 2 or outcome.shape != (len(design),):
        raise ValueError(f"outcome {outcome.shape} and design {design.shape} do not match")
    _check_outcome(outcome, family)
    order, starts, sizes = cluster_order(cluster, len(outcome))
    if order is not None:
        outcome, design = outcome[order], design[order]
    basis, back = conditioned_basis(design)
    rows = _Rows(outcome, basis, cluster_sums(starts, len(outcome)), sizes)
    beta, equations, iterations = _solve(
        rows, family, link, moments=moments, tol=tol, max_iterations=max_iterations
    )
    bread = back @ np.linalg.inv(equations.gram)
    contributions = _contributions(rows, equations)
    return GeeFit(
        beta=back @ beta,
        covariance=bread @ (contributions.T @ contributions) @ bread.T,
        correlation=equations.correlation,
        scale=equations.scale,
        n_rows=len(outcome),
        n_clusters=len(sizes),
        iterations=iterations,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows sorted by cluster."""

    outcome: Floats  # (N,)
    basis: Floats  # (N, p)
    add: csr_matrix  # (n, N), sums by cluster
    sizes: Integers  # (n,)


@dataclass(frozen=True, slots=True)
class _Equations:
    """The estimating equations at some coefficients, with the correlation found there."""

    correlation: float
    scale: float
    gram: Floats  # (p, p), D'V^-1 D
    score: Floats  # (p,), D'V^-1 (y - mu)
    columns: Floats  # (N, p), D over the standard deviation
    residual: Floats  # (N,), Pearson


def _solve(
    rows: _Rows,
    family: Family,
    link: Link,
    *,
    moments: Moments,
    tol: float,
    max_iterations: int,
) -> tuple[Floats, _Equations, int]:
    """Return the coefficients on the basis, the equations there and the steps taken."""
    start = np.full(len(rows.outcome), _linear(float(rows.outcome.mean()), link))
    beta = rows.basis.T @ start
    mean = _mean(rows.basis @ beta, family, link)
    if mean is None:
        raise FitError("fitted means out of range")
    # Correlation zero first: under separation a dependence could feign finite coefficients.
    settled, in_full = False, True
    previous = np.inf
    for iteration in range(1, max_iterations + 1):
        equations = _equations(rows, mean, moments, independent=not settled)
        step = _step(equations)
        change = float(np.abs(rows.basis @ step).max())
        if settled and max(change, abs(equations.correlation - previous)) < tol:
            low, high = _admissible(rows.sizes)
            if not low < equations.correlation < high:
                raise FitError("working correlation out of range")
            return beta, equations, iteration
        beta, mean, in_full = _move(beta, step, rows.basis, family, link)
        settled = settled or (in_full and change < _SETTLED)
        previous = equations.correlation
    raise FitError("not converged" if in_full else "fitted means out of range")


def _step(equations: _Equations) -> Floats:
    """Return the scoring step."""
    try:
        step = np.asarray(np.linalg.solve(equations.gram, equations.score))
    except np.linalg.LinAlgError:
        raise FitError("singular estimating equations") from None
    if not np.all(np.isfinite(step)):
        raise FitError("singular estimating equations")
    return step


def _equations(rows: _Rows, mean: _Mean, moments: Moments, *, independent: bool) -> _Equations:
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
        low, high = _admissible(rows.sizes)
        alpha = min(max(alpha, low), high)
    shrink = alpha / (1 + (rows.sizes - 1) * alpha)
    gram = columns.T @ columns - sum_x.T @ (sum_x * shrink[:, None])
    score = columns.T @ residual - sum_x.T @ (shrink * sum_r)
    return _Equations(alpha, scale, gram, score, columns, residual)


def _contributions(rows: _Rows, equations: _Equations) -> Floats:
    """Return what each cluster adds to the score (n, p)."""
    alpha = equations.correlation
    shrink = alpha / (1 + (rows.sizes - 1) * alpha)
    shared = (rows.add @ equations.residual) * shrink
    own = rows.add @ (equations.columns * equations.residual[:, None])
    return np.asarray(own - (rows.add @ equations.columns) * shared[:, None])


def _admissible(sizes: Integers) -> tuple[float, float]:
    """Return the bounds, drawn in by 1%, of exchangeable correlations in the largest cluster."""
    return -0.99 / max(int(sizes.max()) - 1, 1), 0.99


def _check_outcome(outcome: Floats, family: Family) -> None:
    """Refuse outcomes that the family does not have, or that never vary."""
    if not len(outcome):
        raise FitError("no rows")
    if not np.all(np.isfinite(outcome)):
        raise FitError("values that are not finite")
    if family == "binomial" and not np.all((outcome == 0) | (outcome == 1)):
        raise FitError("outcome is not 0 or 1")
    if np.any(outcome < 0):
        raise FitError("outcome is negative")
    if np.all(outcome == outcome[0]):
        raise FitError("outcome does not vary")


def _linear(mean: float, link: Link) -> float:
    """Return the linear predictor of a mean."""
    if link == "logit":
        return float(np.log(mean / (1 - mean)))
    return float(np.log(mean)) if link == "log" else float(mean)


def _mean(linear: Floats, family: Family, link: Link) -> _Mean | None:
    """Return the means of a linear predictor, or None where the family has no such means."""
    if link == "identity":
        mean, slope = linear, np.ones_like(linear)
    elif np.abs(linear).max() > _EXTREME:
        bounds = "0 or 1" if family == "binomial" else "0"
        raise FitError(f"separation: a fitted mean of {bounds}")
    elif link == "log":
        mean = slope = np.exp(linear)
    else:
        mean = 1 / (1 + np.exp(-linear))
        slope = mean * (1 - mean)
    margin = _NEXT_TO_BOUND if link == "identity" else 0.0
    if mean.min() <= margin or (family == "binomial" and mean.max() >= 1 - margin):
        return None
    variance = mean * (1 - mean) if family == "binomial" else mean
    return _Mean(mean, slope, np.sqrt(variance))


def _move(
    beta: Floats, step: Floats, basis: Floats, family: Family, link: Link
) -> tuple[Floats, _Mean, bool]:
    """Take a scoring step, or as much of it as keeps the fitted means in range; say if in full."""
    for halvings in range(_MAX_HALVINGS):
        moved = beta + step / 2**halvings
        mean = _mean(basis @ moved, family, link)
        if mean is not None:
            return moved, mean, halvings == 0
    raise FitError("fitted means out of range")
