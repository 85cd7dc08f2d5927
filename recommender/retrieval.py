"""Retrieval: how alike requests and cases are, and the most similar cases of each request."""

from collections.abc import Sequence

import numpy as np

from recommender.distances import LANES, Distances, whole_lanes
from recommender.shortlist import Shortlists
from recommender.similarity import GlobalSimilarity

_ONE, _NONE, _TAKEN = np.float32(1.0), np.float32(0.0), np.float32(-2.0)
HIDDEN = np.float32(-1.0)
"""Similarity of a case that a patient's plan must not come from."""


class CaseIndex:
    """Features of cases, laid out for comparison.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    capacity
        Most cases held.
    start
        How many of the first cases never change once they are stored.
    lasting
        Positions of features that seldom change; where there are some, each patient has a short
        list of the cases of the start.
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
        both = (Distances(similarity, of, capacity) for of in (list(lasting), current))
        self._parts = [part for part in both if part.size]
        self._start = start - start % LANES
        self._lists = None
        if len(self._parts) == 2 and self._start:
            lasting_part, current_part = self._parts
            self._lists = Shortlists(lasting_part, current_part, self._start)

    def store(self, slots: np.ndarray | slice, features: np.ndarray) -> None:
        """Put cases into slots.

        Parameters
        ----------
        slots
            Which (m,).
        features
            (m, features) in their own units, NaN where unknown.
        """
        for part in self._parts:
            part.store(slots, features)

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
        (n, at least cases) similarities, contiguous; :data:`HIDDEN` in the columns beyond.
        """
        held = whole_lanes(cases)
        apart = np.zeros((len(features), held), dtype=np.float32)
        lost = []
        for part in self._parts:
            asked = part.ask(features)
            lost.append(part.add(asked, part.columns(slice(held), asked.limited), apart))
        return _alike(apart, [weight for weight in lost if weight is not None], held - cases)

    def nearest(
        self,
        features: np.ndarray,
        cases: int,
        neighbours: int,
        persons: np.ndarray,
        hidden: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the most similar of the first cases, see :func:`retrieve`.

        Parameters
        ----------
        features, cases
            As in :meth:`compare`.
        neighbours
            How many to retrieve.
        persons
            (n,) whole numbers of the patients, by which short lists are kept.
        hidden
            (n, m) which of the last m cases must not be retrieved, if any.
        """
        shortlists = self._lists
        lists = None if shortlists is None else shortlists.of(features, persons)
        if shortlists is None or lists is None or not lists:
            return self._nearest_of_all(features, cases, neighbours, hidden)
        lasting, current = self._parts
        length, later = shortlists.length, slice(self._start, whole_lanes(cases))
        beyond = later.stop - cases
        apart = np.zeros((len(features), length + later.stop - later.start), dtype=np.float32)
        listed, rest = apart[:, :length], apart[:, length:]
        np.stack([each.apart for each in lists], out=listed)
        asked = lasting.ask(features)
        lasting.add(asked, lasting.columns(later, asked.limited), rest)
        asked = current.ask(features)
        lost = [
            current.add(asked, shortlists.columns(lists, asked.limited), listed),
            current.add(asked, current.columns(later, asked.limited), rest),
        ]
        parts = [weight for weight in lost if weight is not None]
        left_out = [np.concatenate(parts, axis=1)] if parts else []
        alike = _alike(apart, left_out, beyond)
        _hide(alike, hidden, beyond)
        found, similarity = retrieve(alike, neighbours)
        slots = found + (later.start - length)
        for row, each in enumerate(lists):
            listed_here = found[row] < length
            slots[row, listed_here] = each.cases[found[row, listed_here]]
        # No case off the list is more alike than this; a little more, as sums are rounded.
        reach = np.array([each.reach for each in lists])
        off_list = (1.0 - reach) / (1.0 - current.may_lose(asked)) + 1e-5
        short = similarity[:, -1] <= np.maximum(off_list, 0.0)
        if np.count_nonzero(short):
            slots[short], similarity[short] = self._nearest_of_all(
                features[short], cases, neighbours, None if hidden is None else hidden[short]
            )
        return slots, similarity

    def _nearest_of_all(
        self, features: np.ndarray, cases: int, neighbours: int, hidden: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        alike = self.compare(features, cases)
        _hide(alike, hidden, alike.shape[1] - cases)
        return retrieve(alike, neighbours)


def _alike(apart: np.ndarray, lost: list[np.ndarray], beyond: int) -> np.ndarray:
    """Turn (n, columns) distances into similarities in place; the last columns are beyond."""
    alike: np.ndarray = np.subtract(_ONE, apart, out=apart)
    if lost:
        counted = np.ones(alike.shape, dtype=np.float32)
        for weight in lost:
            counted -= weight
        nothing = counted < np.float32(1e-6)
        alike /= np.where(nothing, _ONE, counted)
        alike[nothing] = _NONE
        np.minimum(alike, _ONE, out=alike)
    np.maximum(alike, _NONE, out=alike)
    if beyond:
        alike[:, -beyond:] = HIDDEN
    return alike


def _hide(alike: np.ndarray, hidden: np.ndarray | None, beyond: int) -> None:
    """Hide some of the last cases before the columns that are beyond."""
    if hidden is not None:
        last = alike.shape[1] - beyond
        np.copyto(alike[:, last - hidden.shape[1] : last], HIDDEN, where=hidden)


def retrieve(similarity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the most similar cases of each request.

    Parameters
    ----------
    similarity
        (n, cases), contiguous, at least -1.
    neighbours
        How many to retrieve.

    Returns
    -------
    (n, k) case numbers and (n, k) similarities, the most similar first; ties go to the lower case
    number.
    """
    requests, cases = similarity.shape
    k = min(neighbours, cases)
    left = similarity.copy()
    flat, start = left.reshape(-1), np.arange(0, left.size, cases)
    found = np.empty((k, requests), dtype=np.intp)
    for rank in range(k):  # a few passes cost less than one partition of all cases
        at = left.argmax(axis=1, out=found[rank])
        at += start
        flat[at] = _TAKEN
    alike = similarity.reshape(-1).take(found)
    found -= start
    return found.T, alike.T
