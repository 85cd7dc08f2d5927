"""Short lists: for each patient, the cases of the start that are near in what seldom changes.

Most of what is known of a patient does not change from week to week, and the cases of the start
never do. How far the two are apart in what lasts is worked out once, and only the cases nearest by
it are compared in full. A case that is not on the list is at least as far as the list reaches, so
that one can tell whether the list was long enough.
"""

import numpy as np

from recommender.distances import Distances

_SHARE = 5
"""One in so many cases of the start is on a list."""


class Shortlists:
    """Short lists of patients.

    Parameters
    ----------
    lasting, current
        Distances in what seldom changes, and in the rest.
    start
        How many of the first cases never change once they are stored.

    Attributes
    ----------
    cases
        (places, length) numbers of the cases on each list, ascending.
    apart
        (places, length) how far they are in what lasts; infinite where there are no more.
    reach
        (places,) how far all other cases are at least in what lasts.
    """

    def __init__(self, lasting: Distances, current: Distances, start: int) -> None:
        self._lasting, self._current, self._start = lasting, current, start
        self._places: dict[int, int] = {}
        length, features = start // _SHARE, current.size
        self.cases = np.empty((0, length), dtype=np.intp)
        self.apart = np.empty((0, length), dtype=np.float32)
        self.reach = np.empty(0, dtype=np.float32)
        self._patients = np.empty((0, lasting.size), dtype=np.float32)
        self._cases = np.empty((features, 0, length), dtype=np.float32)
        self._most = np.empty((features, 0, length), dtype=np.float32)

    def places(self, features: np.ndarray, persons: np.ndarray) -> np.ndarray | None:
        """Return where the lists of n patients are, (n,); new ones are made where needed.

        None where something that should last is unknown.
        """
        asked = self._lasting.ask(features)
        if asked.gaps:
            return None
        lasting = asked.values[:, :, 0].T
        known = self._places
        before = len(known)
        places = np.array([known.setdefault(person, len(known)) for person in persons.tolist()])
        if len(known) > len(self.reach):
            self._make_room(max(2 * len(self.reach), len(known), 64))
        stale = places >= before
        stale |= np.logical_or.reduce(self._patients.take(places, axis=0) != lasting, axis=1)
        if np.count_nonzero(stale):
            self._patients[places[stale]] = lasting[stale]
            self._make(places[stale], features[stale])
        return places

    def columns(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what :meth:`recommender.distances.Distances.columns` does, (features, n, c)."""
        return self._cases.take(places, axis=1), self._most.take(places, axis=1)

    def _make(self, places: np.ndarray, features: np.ndarray) -> None:
        n, start = len(places), self._start
        apart = np.zeros((n, start), dtype=np.float32)
        self._lasting.add(
            self._lasting.ask(features), *self._lasting.columns(slice(start)), apart
        )
        length = self.apart.shape[1]
        reach = np.partition(apart, length, axis=1)[:, length]
        row, case = (apart < reach[:, None]).nonzero()
        column = np.arange(len(row)) - np.searchsorted(row, np.arange(n))[row]
        cases = np.zeros((n, length), dtype=np.intp)
        cases[row, column] = case
        near = np.full((n, length), np.inf, dtype=np.float32)
        near[row, column] = apart[row, case]
        self.cases[places], self.apart[places], self.reach[places] = cases, near, reach
        self._cases[:, places] = self._current.cases[:, cases]
        self._most[:, places] = self._current.most[:, cases]

    def _make_room(self, places: int) -> None:
        self.cases = _grown(self.cases, places, 0)
        self.apart = _grown(self.apart, places, 0)
        self.reach = _grown(self.reach, places, 0)
        self._patients = _grown(self._patients, places, 0)
        self._cases = _grown(self._cases, places, 1)
        self._most = _grown(self._most, places, 1)


def _grown(held: np.ndarray, places: int, axis: int) -> np.ndarray:
    """Return an array with more places along an axis, those that are new filled with -1."""
    shape = list(held.shape)
    shape[axis] = places - shape[axis]
    return np.concatenate([held, np.full(shape, -1, dtype=held.dtype)], axis=axis)
