"""When a study has replicates enough: Monte Carlo standard errors of measures, looked at in steps.

Whether a study goes on depends on what it has found, and that biases what it finds. For a share p
looked at all the time, the bias is about -(1 - 2p) / n at the n where it stops (the derivative of
the variance p (1 - p) times that of the estimate, as in Woodroofe 1977, Annals of Statistics
5:984), so it is -(1 - 2p) / sqrt(n p (1 - p)) of the Monte Carlo standard error. Three things hold
it down. No look comes before many replicates are there. Looks are few, at sizes fixed beforehand
that grow by a quarter. And the standard error of a share is that of Agresti and Coull (1998, The
American Statistician 52:119), two successes and two failures added, so that a run without any
failure does not end a study. :func:`tests.analysis.replicates.test_precision` has the exact bias.
A mean of normal values has no bias from it, since mean and variance are independent.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from analysis.replicates.performance import performance

FIRST, GROWTH, UNIT = 1000, 1.25, 100
"""Replicates of the first look; ratio of the next to that; and all sizes are multiples of this."""
SHARES = ("coverage", "power", "power_converged", "against", "rejected", "convergence")
MEASURES = ("bias", "empirical_se", "model_se", *SHARES)
"""Measures whose precision may be asked for."""
NEED_TRUTH = ("bias", "coverage")
ADDED = 2
"""Successes, and failures, that are added to a share."""


def sizes(most: int) -> Iterator[int]:
    """Yield after how many replicates a study is looked at, the last time at ``most``.

    >>> list(sizes(3000))
    [1000, 1300, 1700, 2200, 2800, 3000]
    """
    size = FIRST
    while size < most:
        yield size
        size = int(np.ceil(size * GROWTH / UNIT)) * UNIT
    yield most


def share_error(hits: float | np.ndarray, n: int) -> float | np.ndarray:
    """Return the Monte Carlo standard error of a share, by which a study goes on or not.

    >>> f"{share_error(1000, 1000):.4f}"
    '0.0014'
    """
    share = (hits + ADDED) / (n + 2 * ADDED)
    return np.sqrt(share * (1.0 - share) / (n + 2 * ADDED))


def standard_errors(
    estimates: pd.DataFrame, truth: float, names: Iterable[str]
) -> dict[str, float]:
    """Return the Monte Carlo standard errors of some measures of one estimate.

    Parameters
    ----------
    estimates
        A row a replicate, see :func:`analysis.replicates.performance.performance`.
    truth
        What is estimated; missing where it is not known.
    names
        Of :data:`MEASURES`.

    Returns
    -------
    By name; infinite where the replicates determine none.
    """
    found = performance(estimates, truth).set_index("measure")
    errors = {}
    for name in names:
        if name not in found.index:
            errors[name] = np.inf
            continue
        value, mcse, n = (float(found[column][name]) for column in ("value", "mcse", "n"))
        if name in SHARES and np.isfinite(value):
            mcse = float(share_error(round(value * n), int(n)))
        errors[name] = mcse if np.isfinite(mcse) else np.inf
    return errors


def is_reached(errors: Mapping[str, float], asked: Mapping[str, float]) -> bool:
    """Return whether no Monte Carlo standard error is larger than was asked for."""
    return all(errors[name] <= most for name, most in asked.items())
