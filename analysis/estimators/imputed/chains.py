"""Multiple imputation under a multivariate normal model, by data augmentation.

Complete columns need no distribution. Given them, the incomplete columns are taken to follow

    Y | C ~ N(C B, Sigma),    p(B, Sigma) proportional to |Sigma|^-(r + 1)/2,

C being the c complete columns with an intercept and Y the r incomplete ones: the multivariate
regression that a joint normal model of all columns implies. Only its prior differs from that of the
joint model, so that the residual covariance has n - c degrees of freedom here and n - 1 there.

A chain alternates between drawing (B, Sigma) given the filled-in table and the missing values given
(B, Sigma) and the observed ones (Schafer, 1997, sections 3.4.2 and 5.4). One independent chain for
each imputation starts from the EM estimate, and all chains advance together as arrays.

How long a chain has to be follows from the missing information. Each EM step shrinks the distance
to the maximum by the largest fraction of missing information, lambda (Dempster, Laird and Rubin,
1977, J R Stat Soc B 39:1-38), and that is also the correlation between successive draws of the
chain in the direction in which it forgets most slowly (Liu, Wong and Kong, 1994, Biometrika
81:27-40). After k steps from a fixed start the chain's variance in that direction is 1 - lambda^2k
of what it should be. So the chain gets as many steps as EM would need to take its error to a
ten-thousandth: lambda^k. Schafer (1997, chapter 4) takes the iterations of EM as a guide likewise.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.estimators.clustered import Floats, Integers
from analysis.estimators.errors import FitError

_EM_STEPS = 200
# Close enough for the start of a chain, and for the last steps to have shrunk by lambda.
_EM_CLOSE = 1e-4
# What may be left of a chain's start, as a correlation.
_FORGOTTEN = 1e-4
_FEWEST_STEPS = 5
# Share of a regressor's information in the rows that have a column, below which there is none.
_UNTOLD = 1e-12
# What a column adds to those before it, in standard deviations, if it does not repeat them.
_REPEATED = 1e-9
_DETERMINED = 1e-5


def impute_normal(
    data: ArrayLike, *, imputations: int = 20, most_steps: int = 1000, most_left: float = 1.0,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """Fill in missing values several times, as draws from their posterior predictive distribution.

    Parameters
    ----------
    data
        One row a participant, one column a variable (n, q), NaN where missing; not changed. Values
        are missing at random given the observed ones. Complete columns may repeat each other.
    imputations
        Number of filled-in tables M, each the end of a chain of its own.
    most_steps
        Bound on the steps of a chain, from the EM estimate to the draw that is kept. How many are
        taken follows from the rate of missing information, at least 5 unless the bound is lower.
    most_left
        What the bound may leave of a chain's start, as a correlation: variances are too small by
        its square. By default anything.
    rng
        Source of all draws.

    Returns
    -------
    numpy.ndarray
        Filled-in tables (M, n, q), in the units of `data`; observed values as they were.

    Raises
    ------
    FitError
        Infinite values, a column without values or without variation, two columns that are never
        observed together, regressors of a column that the rows which have it do not tell, too few
        rows, columns that determine each other, or so much missing that more than `most_left` of a
        chain's start would be left.
    """
    table = np.asarray(data, dtype=np.float64)
    missing = np.isnan(table)
    incomplete = np.flatnonzero(missing.any(axis=0))
    filled = np.repeat(table[None], imputations, axis=0)
    if np.any(np.isinf(table)):
        raise FitError("values that are not finite")
    if len(incomplete) == 0:
        return filled
    basis = _regressors(np.delete(table, incomplete, axis=1))
    _check_identified(~missing[:, incomplete], incomplete, basis)
    centre = np.nanmean(table[:, incomplete], axis=0)
    spread = np.nanstd(table[:, incomplete], axis=0)
    if not np.all(spread > 0):
        raise FitError(f"column {incomplete[np.argmin(spread)]} does not vary")
    problem = _problem((table[:, incomplete] - centre) / spread, basis)
    try:
        drawn = _chains(problem, imputations, most_steps, most_left, rng)
    except np.linalg.LinAlgError:
        raise FitError("columns that determine each other") from None
    values = centre + spread * drawn
    gaps = missing[problem.rows][:, incomplete]
    chosen = filled[:, problem.rows[:, None], incomplete]
    filled[:, problem.rows[:, None], incomplete] = np.where(gaps, values, chosen)
    return filled


@dataclass(frozen=True, slots=True)
class _Problem:
    """Standardized incomplete columns: rows with gaps, and sums over the rows without."""

    n_rows: int
    rows: Integers  # (n_i,), the rows with gaps
    basis: Floats  # (n_i, c), their regressors, orthonormal over all rows
    values: Floats  # (n_i, r), zero in the gaps
    seen: NDArray[np.bool_]  # (n_i, r)
    patterns: NDArray[np.bool_]  # (P, r), distinct rows of `seen`
    pattern: Integers  # (n_i,), which of them
    complete_xy: Floats  # (c, r), over rows without gaps
    complete_yy: Floats  # (r, r)


def _regressors(complete: Floats) -> Floats:
    """Return an orthonormal basis (n, c) of the complete columns and an intercept."""
    n_rows = len(complete)
    spread = complete.std(axis=0)
    spread[spread == 0] = 1
    scaled = (complete - complete.mean(axis=0)) / spread
    columns = np.column_stack([np.ones(n_rows), scaled])
    if n_rows <= columns.shape[1]:
        raise FitError("too few rows for the columns")
    own = np.abs(np.diag(np.linalg.qr(columns, mode="r")))
    return np.asarray(np.linalg.qr(columns[:, own > _REPEATED * np.sqrt(n_rows)])[0])


def _check_identified(seen: NDArray[np.bool_], columns: Integers, basis: Floats) -> None:
    """Refuse a pattern of gaps for which some parameter is not in the data.

    A coefficient that the rows which have its column do not tell has a flat prior as posterior, and
    in a chain it walks away at random, the further the longer the chain is.
    """
    n_regressors = basis.shape[1]
    together = seen.T.astype(np.intp) @ seen
    empty = columns[np.diag(together) == 0]
    if len(empty):
        raise FitError(f"column {empty[0]} has no values")
    for i, column in enumerate(columns):
        never = columns[together[i] == 0]
        if len(never):
            raise FitError(f"columns {column} and {never[0]} are never observed together")
    if np.diag(together).min() <= n_regressors + len(columns):
        raise FitError("too few rows for the columns")
    for column, rows in zip(columns, seen.T, strict=True):
        # The basis is orthonormal over all rows: what a part of them tells is between 0 and 1.
        share = np.linalg.eigvalsh(basis[rows].T @ basis[rows]).min()
        if share < _UNTOLD:
            raise FitError(f"regressors of column {column} are not told by the rows that have it")


def _problem(values: Floats, basis: Floats) -> _Problem:
    """Set the rows with gaps apart, and add up the others."""
    seen = ~np.isnan(values)
    whole = seen.all(axis=1)
    patterns, pattern = np.unique(seen[~whole], axis=0, return_inverse=True)
    return _Problem(
        n_rows=len(values),
        rows=np.flatnonzero(~whole),
        basis=basis[~whole],
        values=np.nan_to_num(values[~whole]),
        seen=seen[~whole],
        patterns=patterns,
        pattern=pattern.reshape(-1),
        complete_xy=basis[whole].T @ values[whole],
        complete_yy=values[whole].T @ values[whole],
    )


def _factors(problem: _Problem, precision: Floats) -> Floats:
    """Return G (..., P, r, r) with G'G the conditional covariance of the gaps, zero elsewhere.

    Given the observed values, the gaps of a row have the inverse of their own block of the
    precision as covariance. With an identity in place of the observed block, all patterns share one
    shape.
    """
    gaps = ~problem.patterns
    block = gaps[:, :, None] & gaps[:, None, :]
    padding = np.eye(gaps.shape[1]) * problem.patterns[:, None, :]
    lower = np.linalg.cholesky(precision[..., None, :, :] * block + padding)
    return np.asarray(np.linalg.inv(lower) * block)


def _em(problem: _Problem) -> tuple[Floats, Floats, float]:
    """Find the maximum likelihood estimate.

    Returns
    -------
    tuple
        Coefficients (c, r), residual covariance (r, r), both nearly at the maximum, and the ratio
        of the last two steps: the largest fraction of missing information.
    """
    n_columns = problem.values.shape[1]
    coefficients = np.zeros((problem.basis.shape[1], n_columns))
    covariance = np.eye(n_columns)
    how_many = np.bincount(problem.pattern, minlength=len(problem.patterns))
    length, rate = np.inf, 0.0
    for _ in range(_EM_STEPS):
        precision: Floats = np.linalg.inv(covariance).astype(float, copy=False)
        factor = _factors(problem, precision)
        spread = factor.swapaxes(-2, -1) @ factor
        fitted = problem.basis @ coefficients
        deviation = np.where(problem.seen, problem.values - fitted, 0)
        pull = (spread[problem.pattern] @ (deviation @ precision)[..., None])[..., 0]
        filled = np.where(problem.seen, problem.values, fitted - pull)
        before = coefficients
        coefficients = problem.complete_xy + problem.basis.T @ filled
        squares = problem.complete_yy + filled.T @ filled + np.tensordot(how_many, spread, 1)
        updated = (squares - coefficients.T @ coefficients) / problem.n_rows
        # The regressors are orthonormal, so that coefficients are sqrt(n) times standardized ones.
        moved = (coefficients - before) / np.sqrt(problem.n_rows)
        step = np.concatenate([moved, updated - covariance])
        previous, length = length, float(np.linalg.norm(step))
        rate = length / previous if previous > 0 else 0.0
        covariance = updated
        if np.abs(step).max() < _EM_CLOSE:
            break
    return coefficients, covariance, rate


def steps_to_forget(rate: float, most: int) -> int:
    """Return how many steps a chain takes until its start is forgotten.

    Parameters
    ----------
    rate
        Largest fraction of missing information, at least 0.
    most
        Bound, which also holds where the rate says that a chain never forgets.

    Examples
    --------
    >>> [steps_to_forget(rate, most=1000) for rate in (0.0, 0.1, 0.5, 0.9)]
    [5, 5, 14, 88]
    """
    if rate >= 1:
        return most
    steps = math.ceil(math.log(_FORGOTTEN) / math.log(rate)) if rate > 0 else 0
    return min(max(steps, _FEWEST_STEPS), most)


def _chains(
    problem: _Problem, n_chains: int, most: int, most_left: float, rng: np.random.Generator
) -> Floats:
    """Advance all chains and return the rows with gaps, filled in (M, n_i, r)."""
    coefficients, covariance, rate = _em(problem)
    B = np.repeat(coefficients.T[None], n_chains, axis=0)
    precision: Floats = np.repeat(np.linalg.inv(covariance)[None], n_chains, axis=0)
    steps = steps_to_forget(rate, most)
    if min(rate, 1.0) ** steps > most_left:
        raise FitError(f"so much is missing that imputation needs more than {most} iterations")
    filled = _fill(problem, B, precision, rng)
    for _ in range(steps):
        B, precision = _parameters(problem, filled, rng)
        filled = _fill(problem, B, precision, rng)
    return filled.swapaxes(-2, -1)


def _parameters(
    problem: _Problem, filled: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw B' (M, r, c) and the inverse of Sigma (M, r, r) given rows filled in (M, r, n_i).

    With S the cross-products of the residuals, Sigma^-1 is Wishart with scale S^-1 and n - c
    degrees of freedom; given it, B has the least squares estimate as mean.
    """
    n_chains, n_columns, _ = filled.shape
    diagonal = np.arange(n_columns)
    # Rows without gaps are the same in all chains and steps, so that only their sums enter. The
    # regressors are orthonormal: cross-products with them are the least squares coefficients.
    mean = problem.complete_xy.T + filled @ problem.basis
    squares = problem.complete_yy + filled @ filled.swapaxes(-2, -1)
    left = squares - mean @ mean.swapaxes(-2, -1)
    lower = np.linalg.cholesky(left)
    if np.any(lower[:, diagonal, diagonal] ** 2 < _DETERMINED**2 * left[:, diagonal, diagonal]):
        raise FitError("columns that determine each other")
    # Bartlett: with A lower triangular, chi on its diagonal, A A' is Wishart with scale I. With
    # S = L L', the root of a draw with scale S^-1 is L^-T A.
    below = np.tril_indices(n_columns, -1)
    wishart = np.zeros((n_chains, n_columns, n_columns))
    wishart[:, below[0], below[1]] = rng.standard_normal((n_chains, len(below[0])))
    freedom = problem.n_rows - mean.shape[-1]
    wishart[:, diagonal, diagonal] = np.sqrt(
        rng.chisquare(freedom - diagonal, (n_chains, n_columns))
    )
    root = np.linalg.inv(lower).swapaxes(-2, -1) @ wishart
    # Sigma is the inverse of root root', so that root^-T is a square root of it.
    noise = np.linalg.inv(root).swapaxes(-2, -1) @ rng.standard_normal(mean.shape)
    return mean + noise, root @ root.swapaxes(-2, -1)


def _fill(problem: _Problem, B: Floats, precision: Floats, rng: np.random.Generator) -> Floats:
    """Draw the gaps of all chains (M, r, n_i) given B' (M, r, c) and the observed values.

    Given what is observed of a row, its gaps have mean fitted - G'G pull and covariance G'G, G
    being the factor of the row's pattern and pull the precision times what is known to deviate.
    """
    factor = _factors(problem, precision)
    seen = problem.seen.T
    fitted = (B.reshape(-1, B.shape[-1]) @ problem.basis.T).reshape(*B.shape[:2], -1)
    deviation = np.where(seen, problem.values.T - fitted, 0)
    pull = precision @ deviation
    gaps = np.flatnonzero(~seen)
    away = np.zeros(deviation.shape)
    away.reshape(len(away), -1)[:, gaps] = rng.standard_normal((len(away), len(gaps)))
    drawn = fitted
    # Row by row this is G'(noise - G pull). Rows differ in their G, but there are few entries to
    # it: a loop over them, for all rows and chains at once, spares a small product for each row.
    entries = [
        (a, b, factor[:, :, a, b].take(problem.pattern, axis=1))
        for a in range(len(seen))
        for b in range(a + 1)
    ]
    for a, b, entry in entries:
        away[:, a] -= entry * pull[:, b]
    for a, b, entry in entries:
        drawn[:, b] += entry * away[:, a]
    return np.where(seen, problem.values.T, drawn)
