"""What each of several components carries of a whole, from the value of every subset of them.

The value of a subset is what is reached with these components alone. A component's part is what it
adds, averaged over all orders in which components can be added (Shapley 1953, A value for n-person
games): parts sum to the whole, and one that never adds anything has none.

Subsets stand in the order of their codes: bit i of a code says whether component i is in.
"""

from math import comb

import numpy as np

from analysis.estimators.clustered import Floats


def shapley(values: Floats) -> Floats:
    """Return the part of each component, (n,).

    Parameters
    ----------
    values
        (2^n,) value of each subset.

    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    n = _components(values)
    size = np.array([code.bit_count() for code in range(2 ** (n - 1))])
    weights = np.array([1.0 / (n * comb(n - 1, k)) for k in range(n)])[size]
    return np.array([weights @ _added(values, i) for i in range(n)])


def main_effects(values: Floats) -> Floats:
    """Return what each component adds, averaged over all subsets of the others, (n,).

    That is the main effect that a full factorial of the components estimates.

    >>> main_effects(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    return np.array([_added(values, i).mean() for i in range(_components(values))])


def added_first(values: Floats) -> Floats:
    """Return what each component adds to none of the others, (n,).

    >>> added_first(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [1.0, 2.0]
    """
    return np.array([_added(values, i)[0] for i in range(_components(values))])


def added_last(values: Floats) -> Floats:
    """Return what each component adds to all of the others, (n,).

    >>> added_last(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [3.0, 4.0]
    """
    return np.array([_added(values, i)[-1] for i in range(_components(values))])


def _components(values: Floats) -> int:
    n = len(values).bit_length() - 1
    if n < 1 or len(values) != 2**n:
        raise ValueError(f"{len(values)} values are not those of all subsets of some components")
    return n


def _added(values: Floats, component: int) -> Floats:
    """Return what a component adds to each subset of the others, fewest codes first, (2^(n-1),)."""
    codes = np.arange(len(values))
    without = codes[(codes >> component) & 1 == 0]
    return np.asarray(values[without | 1 << component] - values[without])
