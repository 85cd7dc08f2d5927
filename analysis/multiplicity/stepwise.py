"""Procedures that need P values alone: Bonferroni, Holm, Hochberg and the fixed sequence.

Each takes P values (..., m) of m hypotheses, the last axis being the family, and returns adjusted
ones of that shape: the smallest family-wise level at which a hypothesis is rejected. All but
Hochberg's keep it under any dependence; a missing P value counts as 1 and stays missing.
"""

from collections.abc import Sequence

import numpy as np

from analysis.estimators.clustered import Floats
from analysis.multiplicity.family import known
from scenarios.checks.multiplicity import order_problems
from scenarios.errors import InputError


def bonferroni(p: Floats) -> Floats:
    """Return P values times the number of hypotheses.

    Raises
    ------
    ValueError
        P values that are none.

    >>> bonferroni(np.array([0.01, 0.04, 0.60])).round(3).tolist()
    [0.03, 0.12, 1.0]
    """
    values, missing = known(p)
    return _with_missing(np.minimum(values * values.shape[-1], 1.0), missing)


def holm(p: Floats) -> Floats:
    """Return P values adjusted step-down (Holm 1979, Scandinavian Journal of Statistics 6:65-70).

    Raises
    ------
    ValueError
        P values that are none.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values, missing = known(p)
    rank = np.argsort(values, axis=-1, kind="stable")
    at_least = np.arange(values.shape[-1], 0, -1)
    stepped = np.take_along_axis(values, rank, axis=-1) * at_least
    stepped = np.minimum(np.maximum.accumulate(stepped, axis=-1), 1.0)
    return _with_missing(_unsorted(stepped, rank), missing)


def hochberg(p: Floats) -> Floats:
    """Return P values adjusted step-up (Hochberg 1988, Biometrika 75:800-802).

    It rejects whatever Holm does. The family-wise error is kept where Simes's inequality holds, as
    for independent or positively dependent (MTP2) test statistics (Sarkar 1998, Annals of
    Statistics 26:494-504), not in general.

    Raises
    ------
    ValueError
        P values that are none.

    >>> hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values, missing = known(p)
    rank = np.argsort(values, axis=-1, kind="stable")
    at_least = np.arange(values.shape[-1], 0, -1)
    stepped = np.take_along_axis(values, rank, axis=-1) * at_least
    stepped = np.minimum.accumulate(stepped[..., ::-1], axis=-1)[..., ::-1]
    return _with_missing(_unsorted(stepped, rank), missing)


def fixed_sequence(
    p: Floats, hypotheses: Sequence[str] | None = None, order: Sequence[str] | None = None
) -> Floats:
    """Return P values adjusted for tests in a fixed order, each at the full level.

    A hypothesis is rejected if its test and all before it reject (Maurer, Hothorn and Lehmacher
    1995, in Vollmar, Biometrie in der chemisch-pharmazeutischen Industrie 6).

    Parameters
    ----------
    p
        (..., m) P values.
    hypotheses
        Their m names, if an order is given.
    order
        The names as they are tested; None: as the P values stand.

    Raises
    ------
    InputError
        An order that does not have every hypothesis once.
    ValueError
        P values that are none, or an order without names.

    >>> fixed_sequence(np.array([0.01, 0.04, 0.03])).tolist()
    [0.01, 0.04, 0.04]
    """
    values, missing = known(p)
    place = np.arange(values.shape[-1])
    if order is not None:
        if hypotheses is None or len(hypotheses) != len(place):
            raise ValueError("an order needs the name of every hypothesis")
        for problem in order_problems(order, hypotheses):
            raise InputError(problem)
        place = np.array([list(hypotheses).index(name) for name in order])
    stepped = np.maximum.accumulate(values[..., place], axis=-1)
    adjusted = np.empty_like(stepped)
    adjusted[..., place] = stepped
    return _with_missing(adjusted, missing)


def _unsorted(stepped: Floats, rank: np.ndarray) -> Floats:
    """Return values that stand in order of rank where they were before."""
    found = np.empty_like(stepped)
    np.put_along_axis(found, rank, stepped, axis=-1)
    return found


def _with_missing(adjusted: Floats, missing: np.ndarray) -> Floats:
    return np.where(missing, np.nan, adjusted)
