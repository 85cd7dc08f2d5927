"""Similarity: local, of two values of one feature, and global, of two patients; both 0 to 1.

Each local measure is its parameters. The global similarity is the mean of local similarities
under weights of prognostic importance (the local-global principle; Richter and Weber 2013,
chapter 6).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from scenarios.devices.recommender import (
    LinearForm,
    LocalForm,
    SigmoidForm,
    TableForm,
    ThresholdForm,
)


class LocalSimilarity(Protocol):
    """Compares values of a patient with values of cases, element by element."""

    def __call__(self, patient: np.ndarray, case: np.ndarray) -> np.ndarray:
        """Return similarities 0 to 1 in the broadcast shape; NaN where a value is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Falls in a straight line to 0 at a difference of ``range``. Symmetric.

    >>> Linear(range=10.0)(np.array([4.0]), np.array([4.0, 6.5, 20.0]))
    array([1.  , 0.75, 0.  ])
    """

    range: float

    def __call__(self, patient: np.ndarray, case: np.ndarray) -> np.ndarray:
        """Return similarities, see :class:`LocalSimilarity`."""
        return np.asarray(1.0 - np.minimum(np.abs(patient - case) / self.range, 1.0))


@dataclass(frozen=True, slots=True)
class Threshold:
    """Is 1 up to a difference of ``within`` and 0 beyond. Symmetric.

    >>> Threshold(within=2.0)(np.array([4.0]), np.array([4.0, 6.0, 6.5]))
    array([1., 1., 0.])
    """

    within: float

    def __call__(self, patient: np.ndarray, case: np.ndarray) -> np.ndarray:
        """Return similarities, see :class:`LocalSimilarity`."""
        difference = np.abs(patient - case)
        return np.where(np.isnan(difference), np.nan, difference <= self.within)


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Falls as a logistic curve, fastest at ``midpoint``, over ``width``; 1 at no difference.

    Divided by its value at no difference, so that the same value is alike in full. Symmetric.

    >>> Sigmoid(midpoint=2.0, width=0.5)(np.array([4.0]), np.array([4.0, 6.0, 9.0])).round(3)
    array([1.   , 0.509, 0.003])
    """

    midpoint: float
    width: float

    def __call__(self, patient: np.ndarray, case: np.ndarray) -> np.ndarray:
        """Return similarities, see :class:`LocalSimilarity`."""
        beyond = (np.abs(patient - case) - self.midpoint) / self.width
        at_none = 1.0 + np.exp(-self.midpoint / self.width)
        return np.asarray(at_none / (1.0 + np.exp(np.minimum(beyond, 500.0))))


@dataclass(frozen=True, slots=True)
class Table:
    """Is looked up for each pair of categories, coded from 0. Symmetric where its table is.

    >>> Table(((1.0, 0.4), (0.2, 1.0)))(np.array([0.0]), np.array([0.0, 1.0, np.nan]))
    array([1. , 0.4, nan])
    """

    rows: tuple[tuple[float, ...], ...]

    def __call__(self, patient: np.ndarray, case: np.ndarray) -> np.ndarray:
        """Return similarities, see :class:`LocalSimilarity`.

        Codes outside the table count as its nearest category.
        """
        table = np.pad(np.array(self.rows), (0, 1), constant_values=np.nan)
        last = len(self.rows) - 1

        def code(values: np.ndarray) -> np.ndarray:
            known = np.clip(np.nan_to_num(values), 0, last).astype(np.intp)
            return np.where(np.isnan(values), last + 1, known)

        return np.asarray(table[code(patient), code(case)])


@dataclass(frozen=True, slots=True)
class GlobalSimilarity:
    """What makes two patients alike.

    Attributes
    ----------
    measures
        One local similarity a feature.
    weights
        (features,) at least 0, not all 0.
    unknown
        (features,) similarity where one of two values is unknown, used if ``missing`` is
        "stated"; with "left_out" such a feature does not count for the pair.
    missing
        What becomes of unknown values.
    """

    measures: tuple[LocalSimilarity, ...]
    weights: np.ndarray
    unknown: np.ndarray
    missing: Literal["stated", "left_out"]


def local_similarity(form: LocalForm) -> LocalSimilarity:
    """Return the measure that a scenario states."""
    match form:
        case LinearForm():
            return Linear(form.range)
        case ThresholdForm():
            return Threshold(form.within)
        case SigmoidForm():
            return Sigmoid(form.midpoint, form.width)
        case TableForm():
            return Table(form.rows)
