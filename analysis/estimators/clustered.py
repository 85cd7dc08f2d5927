"""Columns of full rank and rows in clusters: what the estimators for repeated visits share."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix

from analysis.estimators.errors import FitError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# A column of length 1 this close to the space of the columns before it counts as aliased.
_ALIASED = 1e-9


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
    kept = np.empty((len(X), 0))
    aliased = []
    for index, column in enumerate(X.T):
        rest = column - kept @ (kept.T @ column)
        rest -= kept @ (kept.T @ rest)  # twice, so that rounding leaves nothing of the others
        length = np.linalg.norm(rest)
        if length < _ALIASED:
            aliased.append(str(index))
        else:
            kept = np.column_stack([kept, rest / length])
    if aliased:
        raise FitError(f"rank deficient: columns {', '.join(aliased)}")
    return np.asarray(np.linalg.qr(X, mode="r"))


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
