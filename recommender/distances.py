"""Weighted distances between patients and cases, the bulk of what a recommender computes.

A distance is one less the local similarity, times the feature's weight. Cases are kept feature by
feature in single precision, scaled so that linear features need no division, and are compared with
all requests of an evening in a few array operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.similarity import GlobalSimilarity, Linear

_CELLS = 120_000
"""Features x requests x cases compared at once: what stays in the processor's cache."""
LANES = 16
"""Cases are compared in multiples of this, so that no sum takes another order when few are held."""


def whole_lanes(cases: int) -> int:
    """Return the number of columns in which some cases are compared."""
    return -(-cases // LANES) * LANES


@dataclass(frozen=True, slots=True)
class Asked:
    """Features of n patients, made ready to be compared.

    Attributes
    ----------
    values
        (size, n, 1) scaled.
    limited
        Rows of linear features in which distances have to be limited by the cases' ``most``.
    gaps
        Rows in which something may be unknown.
    missed
        Rows in which something is unknown of the patients, and of whom, (n,).
    """

    values: np.ndarray
    limited: list[int]
    gaps: list[int]
    missed: list[tuple[int, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Scaled features of c cases, the same for all n patients or others for each.

    Attributes
    ----------
    values
        (size, 1 or n, c); where unknown, infinite in a linear feature and NaN in others.
    most
        Row of a linear feature that has to be limited, to (1 or n, c) largest distances: the
        feature's weight, and where the case's value is unknown, the distance stated for that.
    """

    values: np.ndarray
    most: dict[int, np.ndarray]


class Distances:
    """Distances in some of the features.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    features
        Positions of the features that count here; those without weight are left out.
    capacity
        Most cases held.

    Attributes
    ----------
    size
        How many features count.
    cases, most
        (size, capacity in whole lanes) of the cases, see :class:`Columns`.
    """

    def __init__(
        self, similarity: GlobalSimilarity, features: Sequence[int], capacity: int
    ) -> None:
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
        scale = np.ones(self.size, dtype=np.float32)
        for row, f in enumerate(linear):
            measure = measures[f]
            if isinstance(measure, Linear):
                scale[row] = self._weights[row] / measure.range
        self._scale = scale.astype(float)
        self._stated = similarity.missing == "stated"
        unknown = similarity.unknown[self._order] if self._stated else np.zeros(self.size)
        self._if_unknown = (self._weights * (1.0 - unknown)).astype(np.float32)
        shape = self.size, whole_lanes(capacity)
        self.cases = np.zeros(shape, dtype=np.float32)
        self.most = np.repeat(self._weights[:, None], shape[1], axis=1)
        self._gaps: list[int] = []
        self._limited: list[int] = []
        # Cases within these limits are like those before, patients within those differ from no
        # case by more than the range.
        self._smallest = np.full(self.size, np.finfo(np.float32).max)
        self._largest = -self._smallest
        self._low, self._high = self._largest.copy(), self._smallest.copy()
        self._room = np.empty(0, dtype=np.float32)

    def store(self, slots: np.ndarray | slice, features: np.ndarray) -> None:
        """Put cases, (m, all features), into slots."""
        scaled = self._scaled(features)
        usual = scaled >= self._smallest
        usual &= scaled <= self._largest
        if np.count_nonzero(usual) < usual.size:
            unknown = np.isnan(scaled)
            usual |= unknown
            if np.count_nonzero(usual) < usual.size:
                self._widen(scaled)
            gaps = {*self._gaps, *np.logical_or.reduce(unknown, axis=0).nonzero()[0].tolist()}
            if len(gaps) > len(self._gaps):
                self._gaps = sorted(gaps)
                self._limit(self._gaps)
            self.most[:, slots] = np.where(unknown, self._if_unknown, self._weights).T
            np.copyto(scaled[:, : self._linear], np.inf, where=unknown[:, : self._linear])
        elif self._gaps:
            self.most[:, slots] = self._weights[:, None]
        self.cases[:, slots] = scaled.T

    def columns(self, slots: slice, limited: list[int]) -> Columns:
        """Return the cases in some slots, with the limits of some rows."""
        return Columns(self.cases[:, None, slots], {f: self.most[f, None, slots] for f in limited})

    def ask(self, features: np.ndarray) -> Asked:
        """Make (n, all features) of patients ready to be compared."""
        scaled = self._scaled(features)
        near = scaled >= self._low
        near &= scaled <= self._high
        gaps, missed = self._gaps, []
        if np.count_nonzero(near) < near.size:
            unknown = np.isnan(scaled)
            missed = [
                (f, unknown[:, f])
                for f in np.logical_or.reduce(unknown, axis=0).nonzero()[0].tolist()
            ]
            gaps = sorted({*gaps, *(f for f, _ in missed)})
            near |= unknown
            self._limit((~np.logical_and.reduce(near, axis=0)).nonzero()[0].tolist())
        return Asked(scaled.T[:, :, None], self._limited, gaps, missed)

    def may_lose(self, asked: Asked) -> float:
        """Return the most weight that may be left out of a comparison with these patients."""
        return 0.0 if self._stated else float(self._weights[asked.gaps].sum())

    def least(self, cases: int) -> float:
        """Return a distance that nobody is nearer than to any of the first cases.

        What is unknown of all of them is as far as the scenario states.
        """
        known = np.isfinite(self.cases[:, :cases]).any(axis=1)
        return float(self._if_unknown[~known].sum())

    def add(self, asked: Asked, cases: Columns, apart: np.ndarray) -> np.ndarray | None:
        """Add how far n patients are from c cases to ``apart``, (n, c).

        Returns
        -------
        (n, c) weight of what is unknown and left out, None where there is none.
        """
        n, columns = apart.shape
        lost = None
        if asked.gaps and not self._stated:
            lost = np.zeros((n, columns), dtype=np.float32)
        step = max(_CELLS // max(n * self.size, 1) // LANES, 1) * LANES
        for start in range(0, columns, step):
            block = slice(start, start + step)
            part = apart[:, block]
            rows = self._room_for(n, part.shape[1])
            self._compare(asked, cases, block, rows, None if lost is None else lost[:, block])
            part += np.add.reduce(rows, axis=0)
        return lost

    def _room_for(self, patients: int, columns: int) -> np.ndarray:
        size = self.size * patients * columns
        if len(self._room) < size:
            self._room = np.empty(size, dtype=np.float32)
        return self._room[:size].reshape(self.size, patients, columns)

    def _compare(
        self,
        asked: Asked,
        cases: Columns,
        block: slice,
        apart: np.ndarray,
        lost: np.ndarray | None,
    ) -> None:
        """Write weighted distances in each feature to a block of columns, (size, n, c)."""
        linear = self._linear
        near, values = apart[:linear], cases.values[:, :, block]
        np.subtract(asked.values[:linear], values[:linear], out=near)
        np.abs(near, out=near)
        for f, measure in enumerate(self._measures, start=linear):
            apart[f] = self._weights[f] * (1.0 - measure(asked.values[f], values[f]))
        if lost is not None:
            for f in asked.gaps:
                lost += ~np.isfinite(apart[f]) * self._weights[f]
        for f in asked.limited:
            np.minimum(apart[f], cases.most[f][:, block], out=apart[f])
        for f, who in asked.missed:
            apart[f, who] = self._if_unknown[f]
        for f in asked.gaps:
            if f >= linear:
                np.copyto(apart[f], self._if_unknown[f], where=np.isnan(apart[f]))

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        """Return the features that count here, (n, size), scaled."""
        own = features.take(self._order, axis=1)
        own *= self._scale
        return own.astype(np.float32)

    def _widen(self, scaled: np.ndarray) -> None:
        """Take note of cases, (m, size), that are larger or smaller than those before."""
        largest, smallest, most = self._largest, self._smallest, self._weights
        np.fmax(largest, np.fmax.reduce(scaled, axis=0, initial=-np.inf), out=largest)
        np.fmin(smallest, np.fmin.reduce(scaled, axis=0, initial=np.inf), out=smallest)
        low, high = largest - most, smallest + most
        # One number further in where rounding would let the difference exceed the range.
        self._low = np.where(largest - low > most, np.nextafter(low, np.float32(np.inf)), low)
        self._high = np.where(high - smallest > most, np.nextafter(high, -np.float32(np.inf)), high)
        self._low[self._linear :], self._high[self._linear :] = -np.inf, np.inf
        self._limit(self._limited)

    def _limit(self, features: list[int]) -> None:
        """From now on limit distances in some features, without looking at the patients first."""
        linear = [f for f in features if f < self._linear]
        self._limited = sorted({*self._limited, *linear})
        self._low[linear], self._high[linear] = -np.inf, np.inf
