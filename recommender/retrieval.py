"""Retrieval: the global similarity of patients and cases, and the most similar cases.

The global similarity is the mean of local similarities under weights of prognostic importance
(the local-global principle; Richter and Weber 2013, chapter 6). Cases are kept feature by feature
in single precision, scaled so that linear features need no division, and are compared with all
requests of an evening in a few array operations.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recommender.similarity import Linear, LocalSimilarity

_CELLS = 120_000
"""Requests x features x cases compared at once: what stays in the processor's cache."""
_LANES = 16
"""Cases are compared in multiples of this, so that no sum takes another order when few are held."""


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


class CaseIndex:
    """Features of cases, laid out for comparison.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    capacity
        Most cases held.
    """

    def __init__(self, similarity: GlobalSimilarity, capacity: int) -> None:
        weights = similarity.weights / similarity.weights.sum()
        used = np.flatnonzero(weights)
        measures = similarity.measures
        linear = [f for f in used if isinstance(measures[f], Linear)]
        other = [f for f in used if f not in linear]
        self._order = np.array(linear + other, dtype=np.intp)
        self._linear = len(linear)
        self._measures = [measures[f] for f in other]
        self._weights = weights[self._order].astype(np.float32)
        self._scale = np.ones((len(self._order), 1), dtype=np.float32)
        for row, f in enumerate(self._order):
            measure = measures[f]
            if isinstance(measure, Linear):
                self._scale[row] = self._weights[row] / measure.range
        self._stated = similarity.missing == "stated"
        unknown = similarity.unknown[self._order] if self._stated else np.zeros(len(self._order))
        self._if_unknown = (self._weights * (1.0 - unknown)).astype(np.float32)
        self._cases = np.zeros((len(self._order), _whole_lanes(capacity)), dtype=np.float32)
        self._gaps = np.zeros(len(self._order), dtype=bool)
        # Patients outside these limits can differ from a case by more than the range.
        self._low = np.full((self._linear, 1), -np.inf, dtype=np.float32)
        self._high = np.full((self._linear, 1), np.inf, dtype=np.float32)
        self._room = np.empty(0, dtype=np.float32)

    def store(self, slots: np.ndarray | slice, features: np.ndarray) -> None:
        """Put cases into slots.

        Parameters
        ----------
        slots
            Which (m,).
        features
            (m, features) in their own units, NaN where unknown.
        """
        scaled = self._scaled(features)
        self._cases[:, slots] = scaled
        self._gaps |= np.logical_or.reduce(np.isnan(scaled), axis=1)
        linear = scaled[: self._linear]
        most = self._weights[: self._linear, None]
        largest = np.fmax.reduce(linear, axis=1, keepdims=True, initial=-np.inf)
        smallest = np.fmin.reduce(linear, axis=1, keepdims=True, initial=np.inf)
        np.maximum(self._low, largest - most, out=self._low)
        np.minimum(self._high, smallest + most, out=self._high)

    def compare(self, features: np.ndarray, cases: int) -> np.ndarray:
        """Return the similarities of n patients and the first cases, each 0 to 1.

        Parameters
        ----------
        features
            (n, features) in their own units, NaN where unknown.
        cases
            How many cases are held.

        Returns
        -------
        (n, at least cases) similarities, contiguous; -1 in the columns beyond.
        """
        patients = self._scaled(features)
        unknown = np.isnan(patients)
        linear = patients[: self._linear]
        far = np.logical_or.reduce((linear < self._low) | (linear > self._high), axis=1)
        far_features = far.nonzero()[0].tolist()
        n, held = patients.shape[1], _whole_lanes(cases)
        step = max(_CELLS // (max(n, 1) * len(self._order)) // _LANES, 1) * _LANES
        alike = np.empty((n, held), dtype=np.float32)
        for start in range(0, held, step):
            block = slice(start, min(start + step, held))
            self._block(patients, unknown, block, far_features, alike[:, block])
        alike[:, cases:] = -1.0
        return alike

    def _block(
        self,
        patients: np.ndarray,
        unknown: np.ndarray,
        block: slice,
        far: list[int],
        alike: np.ndarray,
    ) -> None:
        """Compare patients with a block of cases; write similarities to ``alike``."""
        cases, asked = self._cases[:, None, block], patients[:, :, None]
        shape = (len(self._order), *alike.shape)
        size = shape[0] * shape[1] * shape[2]
        if len(self._room) < size:
            self._room = np.empty(size, dtype=np.float32)
        apart = self._room[:size].reshape(shape)
        linear = apart[: self._linear]
        np.subtract(asked[: self._linear], cases[: self._linear], out=linear)
        np.abs(linear, out=linear)
        for f in far:
            np.minimum(apart[f], self._weights[f], out=apart[f])
        for f, measure in enumerate(self._measures, start=self._linear):
            apart[f] = self._weights[f] * (1.0 - measure(asked[f], cases[f]))
        left_out = self._fill_gaps(apart, unknown)
        np.add.reduce(apart, axis=0, out=alike)
        np.subtract(np.float32(1.0), alike, out=alike)
        if left_out is not None:
            counted = np.float32(1.0) - left_out
            nothing = counted < np.float32(1e-6)
            alike /= np.where(nothing, np.float32(1.0), counted)
            alike[nothing] = 0.0
            np.minimum(alike, np.float32(1.0), out=alike)
        np.maximum(alike, np.float32(0.0), out=alike)

    def _fill_gaps(self, apart: np.ndarray, unknown: np.ndarray) -> np.ndarray | None:
        """Fill in what is unknown; return the (n, cases) weight that was left out, if any was."""
        gaps = self._gaps | np.logical_or.reduce(unknown, axis=1)
        left_out = None
        for f in gaps.nonzero()[0].tolist():
            if self._stated and not self._gaps[f]:
                apart[f, unknown[f]] = self._if_unknown[f]
                continue
            lost = np.isnan(apart[f])
            np.copyto(apart[f], self._if_unknown[f], where=lost)
            if not self._stated:
                weight = lost * self._weights[f]
                left_out = weight if left_out is None else left_out + weight
        return left_out

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        return np.asarray(features.T.take(self._order, axis=0).astype(np.float32) * self._scale)


def _whole_lanes(cases: int) -> int:
    return -(-cases // _LANES) * _LANES


def retrieve(similarity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the most similar cases of each request.

    Parameters
    ----------
    similarity
        (n, cases), contiguous, at least -1; overwritten.
    neighbours
        How many to retrieve.

    Returns
    -------
    (n, k) case numbers and (n, k) similarities, the most similar first; ties go to the lower case
    number.
    """
    requests, cases = similarity.shape
    k = min(neighbours, cases)
    flat, start = similarity.reshape(-1), np.arange(0, similarity.size, cases)
    found = np.empty((k, requests), dtype=np.intp)
    alike = np.empty((k, requests), dtype=similarity.dtype)
    for rank in range(k):  # a few passes cost less than one partition of all cases
        at = similarity.argmax(axis=1, out=found[rank])
        at += start
        flat.take(at, out=alike[rank])
        flat[at] = -2.0
    found -= start
    return found.T, alike.T
