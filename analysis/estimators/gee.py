"""Generalized estimating equations with an exchangeable working correlation.

The population-averaged model of the trial's binary outcomes. The equations are in
`analysis.estimating_equations`; here they are solved, by scoring steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats, cluster_order, cluster_sums, conditioned_basis
from analysis.estimators.errors import FitError
from analysis.estimators.estimating_equations import (
    Equations,
    Moments,
    Rows,
    admissible,
    contributions,
    equations_at,
)
from analysis.estimators.marginal_mean import (
    Family,
    Link,
    MarginalMean,
    check_outcome,
    linear_predictor,
    mean_at,
)

_MAX_HALVINGS = 12
# Under separation the linear predictor grows by about 1 a step, so a shorter step rules it out.
_SETTLED = 0.1
# How near first means may come to their bounds, relative to the common mean.
_NEAR = 0.1
# Steps that are remembered to shorten the way.
_MEMORY = 6


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
    check_outcome(outcome, family)
    order, starts, sizes = cluster_order(cluster, len(outcome))
    if order is not None:
        outcome, design = outcome[order], design[order]
    basis, back = conditioned_basis(design)
    rows = Rows(outcome, basis, cluster_sums(starts, len(outcome)), sizes)
    beta, equations, iterations = _solve(
        rows, family, link, moments=moments, tol=tol, max_iterations=max_iterations
    )
    bread = back @ np.linalg.inv(equations.gram)
    each = contributions(rows, equations)
    return GeeFit(
        beta=back @ beta,
        covariance=bread @ (each.T @ each) @ bread.T,
        correlation=equations.correlation,
        scale=equations.scale,
        n_rows=len(outcome),
        n_clusters=len(sizes),
        iterations=iterations,
    )


def _solve(
    rows: Rows,
    family: Family,
    link: Link,
    *,
    moments: Moments,
    tol: float,
    max_iterations: int,
) -> tuple[Floats, Equations, int]:
    """Return the coefficients on the basis, the equations there and the steps taken."""
    beta, mean = _start(rows, family, link)
    # Correlation zero first: under separation a dependence could feign finite coefficients.
    settled, in_full = False, True
    trail = _Trail([], [])
    previous = np.inf
    for iteration in range(1, max_iterations + 1):
        equations = equations_at(rows, mean, moments, independent=not settled)
        step = _step(equations)
        change = float(np.abs(rows.basis @ step).max())
        if settled and max(change, abs(equations.correlation - previous)) < tol:
            low, high = admissible(rows.sizes)
            if not low < equations.correlation < high:
                raise FitError("working correlation out of range")
            return beta, equations, iteration
        if settled:
            step = trail.shorten(beta, step)
        beta, mean, in_full = _move(beta, step, rows.basis, family, link)
        settled = settled or (in_full and change < _SETTLED)
        previous = equations.correlation
    raise FitError("not converged" if in_full else "fitted means out of range")


def _start(rows: Rows, family: Family, link: Link) -> tuple[Floats, MarginalMean]:
    """Start from least squares, kept off the bounds; else from the common mean."""
    common = float(rows.outcome.mean())
    highest = 1 - _NEAR * (1 - common) if family == "binomial" else np.inf
    fitted = np.clip(rows.basis @ (rows.basis.T @ rows.outcome), _NEAR * common, highest)
    for guess in (fitted, np.full(len(fitted), common)):
        beta = rows.basis.T @ linear_predictor(guess, link)
        mean = mean_at(rows.basis @ beta, family, link)
        if mean is not None:
            return beta, mean
    raise FitError("fitted means out of range")


@dataclass(frozen=True, slots=True)
class _Trail:
    """Where the latest scoring steps started, and the steps."""

    starts: list[Floats]
    steps: list[Floats]

    def shorten(self, start: Floats, step: Floats) -> Floats:
        """Return a step that also uses how earlier steps shrank (Anderson 1965, J ACM 12:547-560).

        Scoring steps shrink by a constant factor. The combination of the latest steps that is
        closest to zero points to where they all lead.
        """
        self.starts.append(start)
        self.steps.append(step)
        del self.starts[:-_MEMORY], self.steps[:-_MEMORY]
        if len(self.steps) == 1:
            return step
        starts, steps = np.array(self.starts), np.array(self.steps)
        changed = (steps[1:] - steps[:-1]).T
        weights = np.linalg.lstsq(changed, step, rcond=1e-10)[0]
        return np.asarray(step - weights @ (starts[1:] - starts[:-1]) - changed @ weights)


def _step(equations: Equations) -> Floats:
    """Return the scoring step."""
    try:
        step = np.asarray(np.linalg.solve(equations.gram, equations.score))
    except np.linalg.LinAlgError:
        raise FitError("singular estimating equations") from None
    if not np.all(np.isfinite(step)):
        raise FitError("singular estimating equations")
    return step


def _move(
    beta: Floats, step: Floats, basis: Floats, family: Family, link: Link
) -> tuple[Floats, MarginalMean, bool]:
    """Take a scoring step, or as much of it as keeps the fitted means in range; say if in full."""
    for halvings in range(_MAX_HALVINGS):
        moved = beta + step / 2**halvings
        mean = mean_at(basis @ moved, family, link)
        if mean is not None:
            return moved, mean, halvings == 0
    raise FitError("fitted means out of range")
