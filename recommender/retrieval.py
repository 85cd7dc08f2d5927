"""Retrieval: the global similarity of patients and cases, and the most similar cases.

The global similarity is the mean of local similarities under weights of prognostic importance
(the local-global principle; Richter and Weber 2013, chapter 6). Cases are kept feature by feature
in single precision, scaled so that linear features need no division, and are compared with all
requests of an evening in a few array operations.
"""

from collections.abc import Sequence
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

    Most of what is known of a patient does not change from week to week, and the cases of the
    start never do. How far the two are apart is kept for each person and worked out anew only
    where it changed.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    capacity
        Most cases held.
    start
        How many of the first cases never change once they are stored.
    lasting
        Positions of features that seldom change.
    """

    def __init__(
        self,
        similarity: GlobalSimilarity,
        capacity: int,
        start: int = 0,
        lasting: Sequence[int] = (),
    ) -> None:
        features = range(len(similarity.weights))
        current = [f for f in features if f not in lasting]
        self._lasting = _Layer(similarity, list(lasting), capacity)
        self._current = _Layer(similarity, current, capacity)
        self._start = start // _LANES * _LANES if lasting else 0
        self._places: dict[int, int] = {}
        self._patients = np.empty((0, self._lasting.size), dtype=np.float32)
        self._apart = np.empty((0, self._start), dtype=np.float32)

    def store(self, slots: np.ndarray | slice, features: np.ndarray) -> None:
        """Put cases into slots.

        Parameters
        ----------
        slots
            Which (m,).
        features
            (m, features) in their own units, NaN where unknown.
        """
        if self._lasting.size:
            self._lasting.store(slots, features)
        self._current.store(slots, features)

    def compare(
        self, features: np.ndarray, cases: int, persons: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the similarities of n patients and the first cases, each 0 to 1.

        Parameters
        ----------
        features
            (n, features) in their own units, NaN where unknown.
        cases
            How many cases are held.
        persons
            (n,) whole numbers of the patients, by which what lasts is kept.

        Returns
        -------
        (n, at least cases) similarities, contiguous; -1 in the columns beyond.
        """
        n, held = len(features), _whole_lanes(cases)
        alike = np.zeros((n, held), dtype=np.float32)
        known, left_out = 0, None
        if self._lasting.size:
            lasting = self._lasting.patients(features)
            if persons is not None and 0 < self._start <= held and not self._lasting.gaps(lasting):
                known = self._start
                alike[:, :known] = self._kept(lasting, persons)
            left_out = self._lasting.add_distances(lasting, slice(known, held), alike)
        current = self._current.patients(features)
        more = self._current.add_distances(current, slice(0, held), alike)
        np.subtract(np.float32(1.0), alike, out=alike)
        if left_out is not None or more is not None:
            counted = np.ones((n, held), dtype=np.float32)
            for lost, columns in ((left_out, slice(known, held)), (more, slice(0, held))):
                if lost is not None:
                    counted[:, columns] -= lost
            nothing = counted < np.float32(1e-6)
            alike /= np.where(nothing, np.float32(1.0), counted)
            alike[nothing] = 0.0
            np.minimum(alike, np.float32(1.0), out=alike)
        np.maximum(alike, np.float32(0.0), out=alike)
        if held > cases:
            alike[:, cases:] = -1.0
        return alike

    def _kept(self, lasting: np.ndarray, persons: np.ndarray) -> np.ndarray:
        """Return how far n patients are from the cases of the start in what lasts."""
        numbers = persons.tolist()
        places = np.array(
            [self._places.setdefault(number, len(self._places)) for number in numbers]
        )
        held = len(self._apart)
        if len(self._places) > held:
            more = max(2 * held, len(self._places), 64) - held
            self._apart = np.concatenate(
                [self._apart, np.empty((more, self._start), dtype=np.float32)]
            )
            self._patients = np.concatenate(
                [self._patients, np.full((more, self._lasting.size), np.nan, dtype=np.float32)]
            )
        changed = np.logical_or.reduce(self._patients.take(places, axis=0) != lasting.T, axis=1)
        if np.count_nonzero(changed):
            new = lasting[:, changed]
            apart = np.zeros((new.shape[1], self._start), dtype=np.float32)
            self._lasting.add_distances(new, slice(0, self._start), apart)
            self._apart[places[changed]] = apart
            self._patients[places[changed]] = new.T
        return self._apart.take(places, axis=0)


class _Layer:
    """Some of the features of all cases, one row a feature, scaled and weighted."""

    def __init__(self, similarity: GlobalSimilarity, features: list[int], capacity: int) -> None:
        weights = similarity.weights / similarity.weights.sum()
        measures = similarity.measures
        used = [f for f in features if weights[f] > 0.0]
        linear = [f for f in used if isinstance(measures[f], Linear)]
        other = [f for f in used if f not in linear]
        self.size = len(used)
        self._order = np.array(linear + other, dtype=np.intp)
        self._linear = len(linear)
        self._measures = [measures[f] for f in other]
        self._weights = weights[self._order].astype(np.float32)
        self._scale = np.ones((self.size, 1), dtype=np.float32)
        for row, f in enumerate(self._order):
            measure = measures[f]
            if isinstance(measure, Linear):
                self._scale[row] = self._weights[row] / measure.range
        self._stated = similarity.missing == "stated"
        unknown = similarity.unknown[self._order] if self._stated else np.zeros(self.size)
        self._if_unknown = (self._weights * (1.0 - unknown)).astype(np.float32)
        self._cases = np.zeros((self.size, _whole_lanes(capacity)), dtype=np.float32)
        self._gaps = np.zeros(self.size, dtype=bool)
        self._gap_list: list[int] = []
        # Patients outside these limits can differ from a case by more than the range.
        self._low = np.full((self.size, 1), -np.inf, dtype=np.float32)
        self._high = np.full((self.size, 1), np.inf, dtype=np.float32)
        self._room = np.empty(0, dtype=np.float32)

    def patients(self, features: np.ndarray) -> np.ndarray:
        """Return the layer's features of n patients, (size, n), scaled."""
        scaled = np.empty((self.size, len(features)), dtype=np.float32)
        own = features.T.take(self._order, axis=0)
        np.multiply(own, self._scale, out=scaled, casting="same_kind")
        return scaled

    def store(self, slots: np.ndarray | slice, features: np.ndarray) -> None:
        """Put cases into slots."""
        scaled = self.patients(features)
        self._cases[:, slots] = scaled
        self._gaps |= np.logical_or.reduce(np.isnan(scaled), axis=1)
        self._gap_list = self._gaps.nonzero()[0].tolist()
        linear = scaled[: self._linear]
        most = self._weights[: self._linear, None]
        largest = np.fmax.reduce(linear, axis=1, keepdims=True, initial=-np.inf)
        smallest = np.fmin.reduce(linear, axis=1, keepdims=True, initial=np.inf)
        low, high = self._low[: self._linear], self._high[: self._linear]
        np.maximum(low, largest - most, out=low)
        np.minimum(high, smallest + most, out=high)

    def gaps(self, patients: np.ndarray) -> bool:
        """Return whether anything is unknown of the cases or of these patients."""
        return bool(self._gaps.any() or np.isnan(patients).any())

    def add_distances(
        self, patients: np.ndarray, cases: slice, apart: np.ndarray
    ) -> np.ndarray | None:
        """Add weighted distances of n patients and some cases to columns of ``apart``.

        Returns
        -------
        (n, those cases) weight of what is unknown and left out, None where there is none.
        """
        n = patients.shape[1]
        if self.size == 0 or n == 0 or cases.start == cases.stop:
            return None
        near = (patients >= self._low) & (patients <= self._high)
        unknown, far, gaps = None, [], self._gap_list
        if not near.all():
            unknown = np.isnan(patients)
            far = np.logical_or.reduce(~near, axis=1).nonzero()[0].tolist()
            gaps = (self._gaps | np.logical_or.reduce(unknown, axis=1)).nonzero()[0].tolist()
        step = max(_CELLS // (max(n, 1) * self.size) // _LANES, 1) * _LANES
        left_out = [
            self._add_block(
                patients, unknown, slice(start, min(start + step, cases.stop)), far, gaps, apart
            )
            for start in range(cases.start, cases.stop, step)
        ]
        if self._stated or not gaps:
            return None
        return np.concatenate(left_out, axis=1)

    def _add_block(
        self,
        patients: np.ndarray,
        unknown: np.ndarray | None,
        block: slice,
        far: list[int],
        gaps: list[int],
        total: np.ndarray,
    ) -> np.ndarray:
        cases, asked = self._cases[:, None, block], patients[:, :, None]
        shape = (self.size, patients.shape[1], cases.shape[2])
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
        left_out = np.zeros(shape[1:] if gaps and not self._stated else (0, 0), dtype=np.float32)
        for f in gaps:
            if self._stated and unknown is not None and not self._gaps[f]:
                apart[f, unknown[f]] = self._if_unknown[f]
                continue
            lost = np.isnan(apart[f])
            np.copyto(apart[f], self._if_unknown[f], where=lost)
            if not self._stated:
                left_out += lost * self._weights[f]
        part = total[:, block]
        part += np.add.reduce(apart, axis=0)
        return left_out


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
