"""Correlations between the questionnaires of a person: a matrix, or a pattern with few numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

Rows = Sequence[Sequence[float]]
Pattern = Literal["matrix", "ar1", "toeplitz", "random_slopes"]

SMALLEST = 1e-8
"""Below this smallest eigenvalue a matrix counts as not positive definite."""


class PatternError(ValueError):
    """The numbers given do not make a correlation matrix; the message says what is needed."""


def correlation_between(pattern: Pattern, given: Rows, size: int) -> np.ndarray:
    """Return the correlation matrix of ``size`` questionnaires, in the order of time.

    Parameters
    ----------
    pattern
        What ``given`` means:

        - ``matrix``: the matrix itself, or ``[[r]]`` for the same r everywhere (exchangeable);
        - ``ar1``: ``[[r]]``, r between neighbours, r to the power of k between those k apart;
        - ``toeplitz``: ``[[r1, r2, ...]]``, between those 1, 2... apart, ``size - 1`` numbers;
        - ``random_slopes``: ``[[a, b, r], [t0, t1, ...]]``, a random intercept with share a of the
          variance at time 0, a random slope with variance b of that at time 1 (both as shares of
          the variance at time 0), their correlation r, and the times of the questionnaires.

    Returns
    -------
    (size, size), symmetric, 1 on the diagonal, positive definite.

    Raises
    ------
    PatternError
        If the numbers are too few or too many, out of range, or make no such matrix.

    Examples
    --------
    >>> correlation_between("ar1", [[0.5]], 3).tolist()
    [[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]
    """
    matrix = _MAKERS[pattern](given, size)
    if not np.array_equal(matrix, matrix.T) or not np.all(np.diag(matrix) == 1.0):
        raise PatternError("must be symmetric with 1 on the diagonal")
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < SMALLEST:
        raise PatternError(
            f"the matrix is not positive definite (smallest eigenvalue {smallest:.3g})"
        )
    return matrix


def _matrix(given: Rows, size: int) -> np.ndarray:
    if len(given) not in {1, size} or any(len(row) != len(given) for row in given):
        raise PatternError(f"a {size} x {size} matrix or [[r]] is needed")
    if len(given) == 1 and size > 1:
        common = given[0][0]
        return np.asarray(np.full((size, size), common) + (1.0 - common) * np.eye(size))
    return np.array(given, dtype=float)


def _ar1(given: Rows, size: int) -> np.ndarray:
    if [len(row) for row in given] != [1]:
        raise PatternError("'ar1' needs [[r]], the correlation between neighbours")
    return np.asarray(np.power(float(given[0][0]), _lags(size)))


def _toeplitz(given: Rows, size: int) -> np.ndarray:
    if [len(row) for row in given] != [size - 1]:
        raise PatternError(
            f"'toeplitz' needs one row of {size - 1} numbers, a correlation for each distance"
        )
    return np.asarray(np.array([1.0, *given[0]])[_lags(size)])


def _random_slopes(given: Rows, size: int) -> np.ndarray:
    if [len(row) for row in given] != [3, size]:
        raise PatternError(
            f"'random_slopes' needs [[a, b, r], [times]], with the times of all {size} "
            "questionnaires"
        )
    (intercepts, slopes, together), time = given[0], np.array(given[1], dtype=float)
    if not (0.0 <= intercepts <= 1.0 and slopes >= 0.0 and -1.0 <= together <= 1.0):
        raise PatternError(
            f"[{intercepts:g}, {slopes:g}, {together:g}] is not allowed: the share of intercepts "
            "is from 0 to 1, that of slopes at least 0, their correlation from -1 to 1"
        )
    if np.any(np.diff(time) <= 0.0):
        raise PatternError("the times must increase")
    shared = together * np.sqrt(intercepts * slopes)
    covariance = intercepts + shared * np.add.outer(time, time) + slopes * np.outer(time, time)
    covariance += (1.0 - intercepts) * np.eye(size)
    sd = np.sqrt(np.diag(covariance))
    matrix = covariance / np.outer(sd, sd)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix)


def _lags(size: int) -> np.ndarray:
    return np.asarray(np.abs(np.subtract.outer(np.arange(size), np.arange(size))))


_MAKERS: Mapping[Pattern, Callable[[Rows, int], np.ndarray]] = {
    "matrix": _matrix,
    "ar1": _ar1,
    "toeplitz": _toeplitz,
    "random_slopes": _random_slopes,
}
