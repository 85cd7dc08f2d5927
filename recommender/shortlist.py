"""Short lists: for each patient, the cases of the start that are near in what seldom changes.

Most of what is known of a patient does not change from week to week, and the cases of the start
never do. How far the two are apart in what lasts is worked out once, and only the cases nearest by
it are compared in full. A case that is not on the list is at least as far as the list reaches, so
that one can tell whether the list was long enough.
"""

from dataclasses import dataclass

import numpy as np

from recommender.distances import Columns, Distances

_SHARE = 5
"""One in so many cases of the start is on a list."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The short list of one patient.

    Attributes
    ----------
    lasting
        Features of the patient for which the list was made, as bytes.
    cases
        (length,) numbers of the cases, ascending.
    apart
        (length,) how far they are in what lasts; infinite where there are no more.
    values, most
        (current features, length) of the cases, see :class:`recommender.distances.Columns`.
    reach
        How far all other cases are at least.
    """

    lasting: bytes
    cases: np.ndarray
    apart: np.ndarray
    values: np.ndarray
    most: np.ndarray
    reach: float


class Shortlists:
    """Short lists of patients, each made when first asked for.

    Parameters
    ----------
    lasting, current
        Distances in what seldom changes, and in the rest.
    start
        How many of the first cases never change once they are stored.
    """

    def __init__(self, lasting: Distances, current: Distances, start: int) -> None:
        self._lasting, self._current, self._start = lasting, current, start
        self.length = start // _SHARE
        self._least = np.nan
        self._made: dict[int, Shortlist] = {}

    def of(self, features: np.ndarray, persons: np.ndarray) -> list[Shortlist] | None:
        """Return the lists of n patients, or None where something that should last is unknown."""
        asked = self._lasting.ask(features)
        if asked.gaps:
            return None
        lasting = asked.values[:, :, 0].T
        lists = []
        for row, person in enumerate(persons.tolist()):
            made, now = self._made.get(person), lasting[row].tobytes()
            if made is None or made.lasting != now:
                made = self._made[person] = self._make(features[row : row + 1], now)
            lists.append(made)
        return lists

    def columns(self, lists: list[Shortlist], limited: list[int]) -> Columns:
        """Return the current features of the cases on n lists."""
        return Columns(
            np.stack([each.values for each in lists], axis=1),
            {f: np.stack([each.most[f] for each in lists]) for f in limited},
        )

    def _make(self, features: np.ndarray, lasting: bytes) -> Shortlist:
        start, length = self._start, self.length
        asked = self._lasting.ask(features)
        apart = np.zeros((1, start), dtype=np.float32)
        self._lasting.add(asked, self._lasting.columns(slice(start), asked.limited), apart)
        reach = np.partition(apart[0], length)[length]
        near = (apart[0] < reach).nonzero()[0]
        cases = np.zeros(length, dtype=np.int32)
        distances = np.full(length, np.inf, dtype=np.float32)
        cases[: len(near)], distances[: len(near)] = near, apart[0, near]
        values, most = (of.take(cases, axis=1) for of in (self._current.cases, self._current.most))
        if np.isnan(self._least):
            self._least = self._current.least(start)
        return Shortlist(lasting, cases, distances, values, most, float(reach) + self._least)
