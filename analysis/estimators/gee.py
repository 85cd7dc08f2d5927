"""Generalized estimating equations with an exchangeable working correlation.

The population-averaged model of the trial's binary outcomes. The equations are in
`analysis.estimators.estimating_equations`; here they are solved, by scoring steps under
independence until these are short, then by Newton steps on the equations with their correlation.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimators.clustered import Floats
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError
from analysis.estimators.estimating_equations import (
    Equations,
    Moments,
    Rows,
    admissible,
    contributions,
    equations_at,
    firth_penalty,
    gram,
    independence,
    jacobian,
    make_rows,
)
from analysis.estimators.marginal_mean import (
    Family,
    Link,
    MarginalMean,
    check_outcome,
    linear_predictor,
    mean_at,
)

Penalty = Literal["none", "firth"]

_MAX_HALVINGS = 12
# Under separation the linear predictor grows by about 1 a step, so a shorter step rules it out.
_SETTLED = 0.1
# Newton steps before scoring steps are tried instead. Where they lead to a solution they need about
# five; where they wander they may end at one that has nothing to do with the start.
_NEWTON_STEPS = 12
# After a Newton step this short the slope is as it was, to as many digits.
_SAME_SLOPE = 1e-4
# How near first means may come to their bounds, relative to the common mean.
_NEAR = 0.1


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
        Scoring and Newton steps taken.
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
    design: ClusteredDesign,
    *,
    family: Family = "binomial",
    link: Link = "logit",
    moments: Moments = "n",
    penalty: Penalty = "none",
    tol: float = 1e-10,
    max_iterations: int = 100,
) -> GeeFit:
    """Fit a marginal mean model to clustered binary or count outcomes.

    Parameters
    ----------
    y
        Outcome (N,): 0 or 1 for the binomial family, at least 0 for Poisson.
    design
        Design matrix (N, p) of full column rank, and the participant of each row. Outcomes known
        for the same rows share one.
    family
        Variance of the outcome given its mean mu: mu (1 - mu) or mu.
    link
        What is linear in the columns: log odds (``"logit"``, binomial only), ``"log"`` of the mean
        or the mean itself (``"identity"``).
    moments
        What scale and correlation are averages over: N rows and all pairs (``"n"``), or p fewer
        (``"n_minus_p"``). Tools differ here, and estimates in their fourth digit.
    penalty
        ``"firth"``: Firth's, with which log odds stay finite where responders and others are
        separated, and whose bias is of a lower order.
    tol
        Largest last change of the linear predictor and of the correlation.
    max_iterations
        Steps before the fit counts as failed.

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
    Liang and Zeger (1986), Biometrika 73:13-22, equations 6 to 8 and section 4. The penalty is in
    `analysis.estimators.estimating_equations.firth_penalty`; the sandwich is that of the equations
    without it, at the coefficients with it.
    """
    if family == "poisson" and link == "logit":
        raise ValueError("the logit link is for the binomial family")
    outcome = np.asarray(y, dtype=np.float64)
    if design.X.ndim != 2 or outcome.shape != (len(design.X),):
        raise ValueError(f"outcome {outcome.shape} and design {design.X.shape} do not match")
    check_outcome(outcome, family)
    layout = design.layout
    basis, back = design.conditioned
    rows = make_rows(outcome[layout.order], basis, layout, moments)
    solve = _solve if penalty == "none" else _solve_penalized
    beta, equations, iterations = solve(rows, family, link, tol, max_iterations)
    bread = back @ np.linalg.inv(gram(equations))
    each = contributions(rows, equations)
    return GeeFit(
        beta=back @ beta,
        covariance=bread @ (each.T @ each) @ bread.T,
        correlation=equations.correlation,
        scale=equations.scale,
        n_rows=len(outcome),
        n_clusters=len(layout.sizes),
        iterations=iterations,
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """Coefficients on the basis (p,), and the linear predictor and means (N,) that they give."""

    beta: Floats
    linear: Floats
    mean: MarginalMean


def _solve(
    rows: Rows, family: Family, link: Link, tol: float, max_iterations: int
) -> tuple[Floats, Equations, int]:
    """Return the coefficients on the basis, the equations there and the steps taken."""
    near, used = _approach(rows, family, link, max_iterations)
    left = max_iterations - used
    found = None
    # Where Newton steps go astray, scoring steps decide whether there is a solution.
    with suppress(FitError):
        found = _search(rows, near, family, link, tol, min(left, _NEWTON_STEPS), newton=True)
    if found is None:
        found = _search(rows, near, family, link, tol, left, newton=False)
    if found is None:
        raise FitError("not converged")
    beta, equations, steps = found
    _check_correlation(rows, equations)
    return beta, equations, used + steps


def _check_correlation(rows: Rows, equations: Equations) -> None:
    low, high = admissible(rows.layout.sizes)
    if not low < equations.correlation < high:
        raise FitError("working correlation out of range")


def _solve_penalized(
    rows: Rows, family: Family, link: Link, tol: float, max_iterations: int
) -> tuple[Floats, Equations, int]:
    """Solve with Firth's penalty, by scoring steps, none of which goes further than 1."""
    at = _start(rows, family, link)
    previous = np.inf
    for taken in range(1, max_iterations + 1):
        equations = equations_at(rows, at.mean)
        score = equations.score + firth_penalty(rows, at.mean, equations)
        step = _step(gram(equations), score)
        along = rows.basis @ step
        length = float(np.abs(along).max())
        if max(length, abs(equations.correlation - previous)) < tol:
            _check_correlation(rows, equations)
            return at.beta, equations, taken
        part = min(1.0, 1.0 / length)
        at, _ = _move(at, part * step, part * along, family, link)
        previous = equations.correlation
    raise FitError("not converged")


def _approach(rows: Rows, family: Family, link: Link, max_iterations: int) -> tuple[_Point, int]:
    """Go near the solution under independence, where a dependence cannot feign one.

    Under separation the coefficients that solve the equations are infinite, and only with a
    correlation of zero do the steps towards them stay long.
    """
    at = _start(rows, family, link)
    for iteration in range(1, max_iterations + 1):
        step = _step(*independence(rows, at.mean))
        along = rows.basis @ step
        at, in_full = _move(at, step, along, family, link)
        if in_full and np.abs(along).max() < _SETTLED:
            return at, iteration
    raise FitError("not converged" if in_full else "fitted means out of range")


def _search(
    rows: Rows, at: _Point, family: Family, link: Link, tol: float, steps: int, *, newton: bool
) -> tuple[Floats, Equations, int] | None:
    """Solve the equations from a point near the solution; None if the steps do not suffice."""
    previous = last = np.inf
    slope = np.empty(0)
    for taken in range(1, steps + 1):
        equations = equations_at(rows, at.mean)
        if not newton:
            slope = gram(equations)
        elif last > _SAME_SLOPE:
            slope = jacobian(rows, at.mean, equations)
        step = _step(slope, equations.score)
        along = rows.basis @ step
        last = max(float(np.abs(along).max()), abs(equations.correlation - previous))
        if last < tol:
            return at.beta, equations, taken
        at, _ = _move(at, step, along, family, link)
        previous = equations.correlation
    return None


def _start(rows: Rows, family: Family, link: Link) -> _Point:
    """Start from least squares, kept off the bounds; else from the common mean."""
    common = float(rows.outcome.mean())
    highest = 1 - _NEAR * (1 - common) if family == "binomial" else np.inf
    fitted = np.clip(rows.basis @ (rows.basis.T @ rows.outcome), _NEAR * common, highest)
    for guess in (fitted, np.full(len(fitted), common)):
        beta = rows.basis.T @ linear_predictor(guess, link)
        linear = rows.basis @ beta
        mean = mean_at(linear, family, link)
        if mean is not None:
            return _Point(beta, linear, mean)
    raise FitError("fitted means out of range")


def _step(slope: Floats, score: Floats) -> Floats:
    """Return the step to where the equations would be solved if they were linear."""
    try:
        step = np.asarray(np.linalg.solve(slope, score))
    except np.linalg.LinAlgError:
        raise FitError("singular estimating equations") from None
    if not np.all(np.isfinite(step)):
        raise FitError("singular estimating equations")
    return step


def _move(
    at: _Point, step: Floats, along: Floats, family: Family, link: Link
) -> tuple[_Point, bool]:
    """Take a step, or as much of it as keeps the fitted means in range; say if in full.

    ``along`` is what the step does to the linear predictor.
    """
    for halvings in range(_MAX_HALVINGS):
        part = 0.5**halvings
        linear = at.linear + part * along
        mean = mean_at(linear, family, link)
        if mean is not None:
            return _Point(at.beta + part * step, linear, mean), halvings == 0
    raise FitError("fitted means out of range")
