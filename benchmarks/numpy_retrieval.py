"""Retrieval as it was written in NumPy, kept to measure what compiled retrieval gains.

The code of version 0.1 (`recommender/distances.py` and `recommender/retrieval.py` of that version),
reduced to what `selfback_2021` uses: linear features, a stated similarity where a value is unknown,
and no short lists, which it kept from 1,000 cases on. Nothing else imports it.
"""

import numpy as np

_CELLS = 120_000
"""Features x requests x cases compared at once: what stays in the processor's cache."""
LANES = 16
"""Cases are compared in multiples of this."""
_ONE, _NONE, _TAKEN, _HIDDEN = (np.float32(value) for value in (1.0, 0.0, -2.0, -1.0))


class NumpyRetrieval:
    """Cases laid out for comparison.

    Parameters
    ----------
    weights
        (features,) at least 0, not all 0.
    ranges
        (features,) difference at which two values are not alike at all.
    unknown
        (features,) similarity where one of two values is unknown.
    cases
        (cases, features) in their own units, NaN where unknown.
    """

    def __init__(
        self, weights: np.ndarray, ranges: np.ndarray, unknown: np.ndarray, cases: np.ndarray
    ) -> None:
        share = weights / weights.sum()
        self._order = np.flatnonzero(share > 0.0)
        self._weights = share[self._order].astype(np.float32)
        self._scale = (self._weights / ranges[self._order]).astype(np.float32).astype(float)
        self._if_unknown = (self._weights * (1.0 - unknown[self._order])).astype(np.float32)
        self._held = -(-len(cases) // LANES) * LANES
        self._beyond = self._held - len(cases)
        scaled = self._scaled(cases)
        gaps = np.isnan(scaled)
        # Patients within these limits differ from no case by more than a feature's range.
        self._low = np.fmax.reduce(scaled, axis=0) - self._weights
        self._high = np.fmin.reduce(scaled, axis=0) + self._weights
        self._gaps = np.flatnonzero(gaps.any(axis=0)).tolist()
        self._limited: list[int] = []
        self._limit(self._gaps)
        self._cases = np.zeros((len(self._order), self._held), dtype=np.float32)
        self._most = np.repeat(self._weights[:, None], self._held, axis=1)
        self._cases[:, : len(cases)] = np.where(gaps, np.inf, scaled).T
        self._most[:, : len(cases)] = np.where(gaps, self._if_unknown, self._weights).T
        self._room = np.empty(0, dtype=np.float32)

    def nearest(self, features: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and similarities (n, k) of the cases most like n patients."""
        scaled = self._scaled(features)
        near = scaled >= self._low
        near &= scaled <= self._high
        missed = []
        if np.count_nonzero(near) < near.size:
            unknown = np.isnan(scaled)
            missed = [(f, unknown[:, f]) for f in unknown.any(axis=0).nonzero()[0].tolist()]
            near |= unknown
            self._limit((~np.logical_and.reduce(near, axis=0)).nonzero()[0].tolist())
        asked = scaled.T[:, :, None]
        apart = np.zeros((len(features), self._held), dtype=np.float32)
        n, size = len(features), len(self._order)
        step = max(_CELLS // max(n * size, 1) // LANES, 1) * LANES
        for start in range(0, self._held, step):
            block = slice(start, start + step)
            part = apart[:, block]
            rows = self._room_for(size, n, part.shape[1])
            np.subtract(asked, self._cases[:, None, block], out=rows)
            np.abs(rows, out=rows)
            for f in self._limited:
                np.minimum(rows[f], self._most[f, None, block], out=rows[f])
            for f, who in missed:
                rows[f, who] = self._if_unknown[f]
            part += np.add.reduce(rows, axis=0)
        alike: np.ndarray = np.subtract(_ONE, apart, out=apart)
        np.maximum(alike, _NONE, out=alike)
        if self._beyond:
            alike[:, -self._beyond :] = _HIDDEN
        return _retrieve(alike, neighbours)

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        own = features.take(self._order, axis=1)
        own *= self._scale
        return own.astype(np.float32)

    def _limit(self, features: list[int]) -> None:
        self._limited = sorted({*self._limited, *features})
        self._low[features], self._high[features] = -np.inf, np.inf

    def _room_for(self, features: int, patients: int, columns: int) -> np.ndarray:
        size = features * patients * columns
        if len(self._room) < size:
            self._room = np.empty(size, dtype=np.float32)
        return self._room[:size].reshape(features, patients, columns)


def _retrieve(similarity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    requests, cases = similarity.shape
    left = similarity.copy()
    flat, start = left.reshape(-1), np.arange(0, left.size, cases)
    found = np.empty((neighbours, requests), dtype=np.intp)
    for rank in range(neighbours):
        at = left.argmax(axis=1, out=found[rank])
        at += start
        flat[at] = _TAKEN
    alike = similarity.reshape(-1).take(found)
    found -= start
    return found.T, alike.T
