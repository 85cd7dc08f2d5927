"""Retrieval: how alike patients and cases are, and the most similar cases of each patient.

The global similarity of a patient and a case is 1 less how far they are apart::

    apart = sum of weight x (1 - local similarity) / sum of weight, over features

Where a value is unknown, the scenario states the local similarity or leaves the feature out of both
sums.
"""

import numpy as np

from recommender.similarity import GlobalSimilarity, Linear
from scenarios.compiled.kernels import kernel

HIDDEN = np.float32(-1.0)
"""Similarity of a case that a patient's plan must not come from."""


class CaseIndex:
    """Features of cases, laid out for comparison, in single precision.

    A linear feature is stored in units of its weight per range, so that a difference is a distance.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    capacity
        Most cases held.
    """

    def __init__(self, similarity: GlobalSimilarity, capacity: int) -> None:
        weights = similarity.weights / similarity.weights.sum()
        used = [feature for feature, weight in enumerate(weights) if weight > 0.0]
        linear = [f for f in used if isinstance(similarity.measures[f], Linear)]
        other = [f for f in used if f not in linear]
        self._order = np.array(linear + other, dtype=np.intp)
        self._measures = [similarity.measures[f] for f in other]
        self._weights = weights[self._order].astype(np.float32)
        ranges = [getattr(similarity.measures[f], "range", 1.0) for f in linear]
        self._scale = np.ones(len(used))
        self._scale[: len(linear)] = self._weights[: len(linear)] / np.array(ranges, np.float32)
        self._left_out = similarity.missing == "left_out"
        unknown = 1.0 if self._left_out else similarity.unknown[self._order]
        self._if_unknown = (self._weights * (1.0 - unknown)).astype(np.float32)
        self._cases = np.zeros((len(used), capacity), dtype=np.float32)

    def store(self, slots: np.ndarray, features: np.ndarray) -> None:
        """Put cases into slots.

        Parameters
        ----------
        slots
            Which (m,); a case whose slot is -1 is left out.
        features
            (m, features) in their own units, NaN where unknown.
        """
        put_features(self._cases, slots, features, self._order, self._scale)

    def compare(self, features: np.ndarray, cases: int) -> np.ndarray:
        """Return the (n, cases) similarities of n patients and the first cases, each 0 to 1.

        Parameters
        ----------
        features
            (n, features) in their own units, NaN where unknown.
        cases
            How many cases are held.
        """
        others = np.empty((len(self._measures), len(features), cases), dtype=np.float32)
        for row, measure in enumerate(self._measures, start=-len(self._measures)):
            patients = features[:, self._order[row], None].astype(np.float32)
            alike = measure(patients, self._cases[row, :cases])
            others[row] = self._weights[row] * (1.0 - alike)
        return similarities(
            features, self._cases, cases, others,
            self._order, self._scale, self._weights, self._if_unknown, self._left_out,
        )  # fmt: skip

    def nearest(
        self, features: np.ndarray, cases: int, neighbours: int, hidden: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the most similar of the first cases, see :func:`retrieve`.

        Parameters
        ----------
        features, cases
            As in :meth:`compare`.
        neighbours
            How many to retrieve.
        hidden
            (n, m) which of the last m cases must not be retrieved, if any.
        """
        alike = self.compare(features, cases)
        if hidden is not None:
            np.copyto(alike[:, cases - hidden.shape[1] :], HIDDEN, where=hidden)
        return retrieve(alike, neighbours)


@kernel
def put_features(
    cases: np.ndarray,
    slots: np.ndarray,
    features: np.ndarray,
    order: np.ndarray,
    scale: np.ndarray,
) -> None:
    """Put cases into slots; see :meth:`CaseIndex.store`, and :func:`similarities` for the rest."""
    for new, slot in enumerate(slots):
        if slot >= 0:
            for f in range(len(order)):
                cases[f, slot] = features[new, order[f]] * scale[f]


@kernel
def similarities(
    patients: np.ndarray,
    cases: np.ndarray,
    held: int,
    others: np.ndarray,
    order: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray,
    if_unknown: np.ndarray,
    left_out: bool,
) -> np.ndarray:
    """Return the (n, held) similarities of n patients and the first cases.

    Parameters
    ----------
    patients
        (n, features) in their own units, NaN where unknown.
    cases
        (used, capacity) as :class:`CaseIndex` lays them out, linear features first.
    held
        How many cases there are.
    others
        (others, n, held) distances in the features that are not linear, NaN where unknown.
    order, scale
        (used,) column among the patients' features, and weight per range.
    weights, if_unknown
        (used,) largest distance, and the distance where a value is unknown.
    left_out
        Whether a feature does not count where a value is unknown.
    """
    one, none = np.float32(1.0), np.float32(0.0)
    linear = len(weights) - len(others)
    alike = np.zeros((len(patients), held), dtype=np.float32)
    counted = np.ones(held, dtype=np.float32)
    for row in range(len(patients)):
        apart = alike[row]
        if left_out:
            counted[:] = none
        for f in range(len(weights)):
            weight, unknown = weights[f], if_unknown[f]
            # What is not linear is a distance already.
            value = np.float32(patients[row, order[f]] * scale[f]) if f < linear else none
            values = cases[f] if f < linear else others[f - linear, row]
            # Cases are the inner loop: they lie side by side, and are compared many at a time.
            for case in range(held):
                far = abs(value - values[case])
                # If neither holds, the distance is not a number: something is unknown.
                apart[case] += far if far <= weight else weight if far > weight else unknown
            if left_out:
                for case in range(held):
                    counted[case] += none if np.isnan(value - values[case]) else weight
        for case in range(held):
            share = counted[case]
            apart[case] = max(one - apart[case] / share, none) if share > none else none
    return alike


@kernel
def retrieve(similarity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the most similar cases of each patient.

    Parameters
    ----------
    similarity
        (n, cases).
    neighbours
        How many to retrieve.

    Returns
    -------
    (n, k) case numbers and (n, k) similarities, the most similar first; ties go to the lower case
    number.
    """
    patients, cases = similarity.shape
    k = min(neighbours, cases)
    found = np.zeros((patients, k), dtype=np.int64)
    alike = np.full((patients, k), -np.inf, dtype=similarity.dtype)
    for row in range(patients):
        for case in range(cases):
            if similarity[row, case] > alike[row, k - 1]:
                place = k - 1
                while place > 0 and similarity[row, case] > alike[row, place - 1]:
                    alike[row, place] = alike[row, place - 1]
                    found[row, place] = found[row, place - 1]
                    place -= 1
                alike[row, place], found[row, place] = similarity[row, case], case
    return found, alike
