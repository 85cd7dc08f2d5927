"""Correlated normals: those that come first do not depend, to the last bit, on how many follow."""

from functools import lru_cache
from math import sqrt
from operator import mul

import numpy as np


def correlate(matrix: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return normals of a given correlation, or covariance, composed of independent ones.

    Parameters
    ----------
    matrix
        (k, k) positive definite.
    normals
        (k, n) independent standard normals.

    Returns
    -------
    (k, n): L z with L the lower Cholesky factor. Row i is composed of rows 0 to i of ``normals``
    alone, so rows can be added at the end; and a column depends on no other column.

    Raises
    ------
    ValueError
        If the matrix is not positive definite.

    Examples
    --------
    >>> correlate(np.array([[1.0, 0.6], [0.6, 1.0]]), np.array([[1.0], [2.0]])).ravel().tolist()
    [1.0, 2.2]
    """
    factor = _cholesky(matrix.astype(float).tobytes(), len(matrix))
    # Term by term rather than by a matrix product, which groups its sums by the shapes of both.
    found = np.zeros(normals.shape)
    for column, row in enumerate(normals):
        found[column:] += factor[column:, column, None] * row
    return found


@lru_cache(maxsize=64)
def _cholesky(matrix: bytes, size: int) -> np.ndarray:
    """Factorize row by row (Cholesky and Banachiewicz): LAPACK groups its sums by the size."""
    entries = np.frombuffer(matrix).reshape(size, size).tolist()
    factor: list[list[float]] = []
    for row in entries:
        found: list[float] = []
        for above in factor:
            found.append((row[len(found)] - sum(map(mul, found, above))) / above[-1])
        left = row[len(found)] - sum(map(mul, found, found))
        if left <= 0.0:
            raise ValueError("the matrix is not positive definite")
        factor.append([*found, sqrt(left)])
    lower = np.zeros((size, size))
    for position, found in enumerate(factor):
        lower[position, : position + 1] = found
    return lower
