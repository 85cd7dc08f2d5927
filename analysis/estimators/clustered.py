"""Columns of full rank and rows in clusters: what the estimators for repeated visits share."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix

from analysis.estimators.errors import AliasedError, FitError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# A column of length 1 this close to the space of the columns before it counts as aliased.
_ALIASED = 1e-9
# How far a combination of coefficients may move along a free direction by rounding.
_UNTOLD = 1e-6


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
    AliasedError
        Fewer rows than columns, or columns that are combinations of those before them.
    FitError
        Values that are not finite.
    """
    n_rows, n_columns = X.shape
    if n_rows < n_columns:
        raise AliasedError("fewer rows than columns")
    gram = X.T @ X
    length = np.sqrt(np.diag(gram))
    if not np.all(np.isfinite(length)):
        raise FitError("values that are not finite")
    length[length == 0] = 1.0
    try:
        # The Cholesky factor of the Gram matrix is the R of QR, at a fraction of the cost. It loses
        # half the digits, so where a pivot is small QR itself decides.
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
    kept = set(_independent(X, range(X.shape[1])))
    aliased = [str(index) for index in range(X.shape[1]) if index not in kept]
    if aliased:
        raise AliasedError(f"rank deficient: columns {', '.join(aliased)}")
    return np.asarray(np.linalg.qr(X, mode="r"))


def _independent(X: Floats, order: Iterable[int]) -> list[int]:
    """Return the columns of length 1 that are no combination of those before them in an order."""
    basis = np.empty((len(X), 0))
    kept = []
    for index in order:
        rest = X[:, index] - basis @ (basis.T @ X[:, index])
        rest -= basis @ (basis.T @ rest)  # twice, so that rounding leaves nothing of the others
        length = np.linalg.norm(rest)
        if length >= _ALIASED:
            kept.append(index)
            basis = np.column_stack([basis, rest / length])
    return kept


@dataclass(frozen=True, slots=True)
class Identified:
    """Which of p coefficients, and which combinations of them, the rows of a design tell.

    Attributes
    ----------
    kept
        Columns (k,), ascending, that span the same space as all: a fit on them is a fit on all in
        which the coefficients of the others are 0.
    length
        Lengths of the columns (p,), 1 for columns of zeros.
    free
        Orthonormal directions (p, p - k), coefficients in units of 1 / length, along which the
        coefficients may move without a change of any fitted value.
    """

    kept: Integers
    length: Floats
    free: Floats

    def tells(self, weights: Floats) -> bool:
        """Whether a combination of the coefficients, given its weights (p,), is the same in all
        solutions.
        """  # noqa: D205
        scaled = weights / self.length
        moved = np.linalg.norm(self.free.T @ scaled)
        return bool(moved <= _UNTOLD * np.linalg.norm(scaled))

    def spread(self, beta: Floats) -> Floats:
        """Return all p coefficients, given those of the columns that are kept."""
        whole = np.zeros(len(self.length))
        whole[self.kept] = beta
        return whole


def identify(X: Floats) -> Identified:
    """Return what the rows of a design matrix (N, p) tell; neither depends on their order.

    Columns whose coefficients are told are kept first, then those before others.
    """
    n_columns = X.shape[1]
    length = np.linalg.norm(X, axis=0)
    length[length == 0] = 1.0
    scaled = X / length
    _, singular, axes = np.linalg.svd(np.linalg.qr(scaled, mode="r"))
    rank = int(np.sum(singular > _ALIASED))
    free = axes[rank:].T
    told = np.linalg.norm(free, axis=1) < _UNTOLD
    order = [*np.flatnonzero(told).tolist(), *np.flatnonzero(~told).tolist()]
    kept = np.sort(np.array(_independent(scaled, order), dtype=np.intp))
    return Identified(kept, length, free.reshape(n_columns, -1))


def cluster_order(cluster: ArrayLike, n_rows: int) -> tuple[Integers | None, Integers, Integers]:
    """Return how to sort rows by cluster.

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
