"""EQ-5D with five levels: answers to its dimensions, and their index in Danish values."""

from functools import lru_cache

import numpy as np
from scipy import special

from agents.reporting import latent_shift
from scenarios.people.instruments import Eq5d

DIMENSIONS = ("mobility", "self_care", "usual_activities", "pain", "anxiety")
LEVELS = 5

_ANY_PROBLEM = 0.114
_DECREMENTS = np.array(
    [
        [0.0, 0.053, 0.411],
        [0.0, 0.063, 0.192],
        [0.0, 0.048, 0.144],
        [0.0, 0.062, 0.396],
        [0.0, 0.068, 0.367],
    ]
)
"""Loss at levels 1, 2 and 3 of each dimension of the three-level form, and the loss for any
problem: the Danish time trade-off values (Wittrup-Jensen et al., 2009)."""
_BEST_GIVEN_SECOND = np.array([0.1773, 0.1673, 0.1978, 0.1989, 0.2066])
_WORST_GIVEN_FOURTH = np.array([0.0721, 0.2431, 0.3284, 0.3995, 0.4907])
"""Probability of level 1 of 3 given level 2 of 5, and of level 3 of 3 given level 4 of 5, for each
dimension; levels 1, 3 and 5 are 1, 2 and 3 (van Hout et al., 2012)."""


def answer_dimensions(
    parameters: Eq5d,
    causes: dict[str, np.ndarray],
    leaning: np.ndarray,
    chance: np.ndarray,
    shift: np.ndarray | None = None,
) -> np.ndarray:
    """Return the levels that people choose.

    Parameters
    ----------
    parameters
        Loadings, thresholds and stability. The level of a dimension is 1 plus the number of
        thresholds that loadings times causes plus a standard normal reaches: ordered probit.
    causes
        ``disability`` (RMDQ points), ``pain`` (NRS points), ``depression`` and ``stress``
        (standard scores), each (m,).
    leaning, chance
        (m, 5) standard normals that last with the person, and that are the occasion's own.
    shift
        (m,) by which the latent values of all dimensions are higher, see :func:`shift_of`.

    Returns
    -------
    (m, 5) levels, 1 (no problem) to 5, in the order of :data:`DIMENSIONS`.
    """
    lasting, passing = np.sqrt(parameters.stability), np.sqrt(1.0 - parameters.stability)
    levels = np.empty(leaning.shape, dtype=np.float32)
    for column, name in enumerate(DIMENSIONS):
        dimension = getattr(parameters, name)
        latent = lasting * leaning[:, column] + passing * chance[:, column]
        for cause, values in causes.items():
            latent = latent + getattr(dimension, f"per_{cause}") * values
        if shift is not None:
            latent = latent + shift
        levels[:, column] = 1 + np.searchsorted(dimension.thresholds, latent, side="right")
    return levels


def shift_of(
    parameters: Eq5d, causes: dict[str, np.ndarray], points: np.ndarray | None
) -> np.ndarray | None:
    """Return the shift of all dimensions at which the expected index changes by some points.

    Parameters
    ----------
    parameters, causes
        As in :func:`answer_dimensions`.
    points
        (m,) change of the index that people with such causes are to have on average; None for none.
    """
    if points is None:
        return None
    return latent_shift(
        lambda rows, more: expected_index(
            parameters, {cause: values[rows] for cause, values in causes.items()}, more
        ),
        points,
    )


def expected_index(
    parameters: Eq5d, causes: dict[str, np.ndarray], shift: np.ndarray
) -> np.ndarray:
    """Return the mean index of people with some causes and a shift of their answers, (m,)."""
    no_problem, lost = np.ones(len(shift)), np.zeros(len(shift))
    share = _shares()
    for column, name in enumerate(DIMENSIONS):
        dimension = getattr(parameters, name)
        mean = shift + sum(getattr(dimension, f"per_{c}") * values for c, values in causes.items())
        reached = special.ndtr(mean[:, None] - np.array(dimension.thresholds))
        edges = np.column_stack([np.ones(len(mean)), reached, np.zeros(len(mean))])
        of_three = (edges[:, :-1] - edges[:, 1:]) @ share[column]
        no_problem *= of_three[:, 0]
        lost += of_three @ _DECREMENTS[column]
    return np.asarray(1.0 - _ANY_PROBLEM * (1.0 - no_problem) - lost)


def index(levels: np.ndarray) -> np.ndarray:
    """Return the index of (m, 5) levels, to three decimals as value sets are tabulated.

    1 is full health, 0 as bad as death; a fifth level in everything is -0.624. The index is the
    expected value over the three-level states that a five-level answer stands for, dimensions
    independent. That the trial used this crosswalk is inferred, not stated.

    Examples
    --------
    >>> [float(x) for x in index(np.array([[1, 1, 1, 1, 1], [5, 5, 5, 5, 5], [1, 1, 1, 3, 1]]))]
    [1.0, -0.624, 0.824]
    """
    codes = np.zeros(len(levels), dtype=np.intp)
    for column in range(len(DIMENSIONS)):
        codes = codes * LEVELS + levels[:, column].astype(np.intp) - 1
    return _index_of_every_state()[codes]


def _shares() -> np.ndarray:
    """Return the probabilities of three levels given five, (dimensions, 5, 3)."""
    share = np.zeros((len(DIMENSIONS), LEVELS, 3))
    share[:, 0, 0] = share[:, 2, 1] = share[:, 4, 2] = 1.0
    share[:, 1, 0], share[:, 1, 1] = _BEST_GIVEN_SECOND, 1.0 - _BEST_GIVEN_SECOND
    share[:, 3, 2], share[:, 3, 1] = _WORST_GIVEN_FOURTH, 1.0 - _WORST_GIVEN_FOURTH
    return share


@lru_cache(maxsize=1)
def _index_of_every_state() -> np.ndarray:
    """Tabulate the index of all 3,125 states, the last dimension varying fastest."""
    share = _shares()
    loss = (share * _DECREMENTS[:, None, :]).sum(axis=2)
    levels = np.indices((LEVELS,) * len(DIMENSIONS)).reshape(len(DIMENSIONS), -1)
    dimension = np.arange(len(DIMENSIONS))[:, None]
    # A problem anywhere costs a constant once: its expectation needs the chance of none at all.
    any_problem = 1.0 - share[dimension, levels, 0].prod(axis=0)
    values = 1.0 - _ANY_PROBLEM * any_problem - loss[dimension, levels].sum(axis=0)
    return np.asarray(np.round(values, 3))
