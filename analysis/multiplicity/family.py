"""P values of a family of hypotheses, and what is decided with adjusted ones."""

from typing import Literal

import numpy as np

from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, NO_ANSWER
from analysis.estimators.clustered import Floats
from scenarios.errors import InputError


def known(p: Floats) -> tuple[Floats, np.ndarray]:
    """Return P values with 1 in place of missing ones, and which are missing.

    A model that failed gives no P value. Its hypothesis stays in the family with a P value of 1:
    others are adjusted as if it had not been rejected, which keeps the family-wise error.

    Parameters
    ----------
    p
        (..., m) P values of m hypotheses, NaN where there is none.

    Raises
    ------
    ValueError
        No hypothesis, or a value that is not 0 to 1.
    """
    given = np.asarray(p, dtype=float)
    if given.ndim == 0 or given.shape[-1] == 0:
        raise ValueError("a family has at least one hypothesis")
    missing = np.isnan(given)
    values = np.where(missing, 1.0, given)
    if ((values < 0.0) | (values > 1.0)).any():
        raise ValueError("P values must be 0 to 1")
    return values, missing


def check_alpha(alpha: float) -> None:
    """Check a family-wise level.

    Raises
    ------
    InputError
        If it is not above 0 and below 1.
    """
    if not 0.0 < alpha < 1.0:
        raise InputError(f"alpha: {alpha:g} is not allowed: must be above 0 and below 1")


def rejected(adjusted: Floats, alpha: float) -> np.ndarray:
    """Return which hypotheses are rejected at a family-wise level; missing P values never are.

    Parameters
    ----------
    adjusted
        (..., m) adjusted P values.
    alpha
        Family-wise level, of the sides that the P values have.

    Raises
    ------
    InputError
        If the level is not above 0 and below 1.

    >>> rejected(np.array([0.02, 0.20, np.nan]), 0.05).tolist()
    [True, False, False]
    """
    check_alpha(alpha)
    return np.asarray(adjusted, dtype=float) <= alpha


def decisions(
    adjusted: Floats, favourable: Floats, alpha: float, sides: Literal[1, 2] = 2
) -> np.ndarray:
    """Return what a family's tests say, in the words of :mod:`analysis.decision.rule`.

    Parameters
    ----------
    adjusted
        (..., m) adjusted P values; NaN where a model failed.
    favourable
        (..., m) estimates, turned so that positive is in favour of the intervention.
    alpha
        Family-wise level.
    sides
        Of the tests. One that is 1-sided rejects in favour only, by its P value.

    Raises
    ------
    InputError
        If the level is not above 0 and below 1.
    """
    found = rejected(adjusted, alpha)
    side = IN_FAVOUR if sides == 1 else np.where(np.asarray(favourable) > 0.0, IN_FAVOUR, AGAINST)
    said = np.where(found, side, NEITHER)
    return np.asarray(np.where(np.isnan(adjusted), NO_ANSWER, said))
