"""Cases: who the patient was, what was recommended, how it went."""

import numpy as np

from recommender.retrieval import CaseIndex
from recommender.similarity import GlobalSimilarity
from scenarios.compiled.kernels import kernel

SHARED = -1
"""Owner of a case that is for everybody."""


class CaseBase:
    """Successful cases: those of the start, which stay, and learned ones, which come and go.

    A case keeps its number for as long as it is held; numbers are never given twice.

    Parameters
    ----------
    similarity
        What makes two patients alike.
    features
        (cases, features) of the cases of the start.
    attributes
        (cases, attributes) their plans.
    capacity
        Most cases held; when full, the oldest learned case makes room.
    redundant_above
        Similarity to its nearest case above which a new case brings nothing new: it takes the
        place of a learned case, and is not retained where the nearest is one of the start.
    """

    def __init__(
        self,
        similarity: GlobalSimilarity,
        features: np.ndarray,
        attributes: np.ndarray,
        capacity: int,
        redundant_above: float,
    ) -> None:
        self._start = len(features)
        self._capacity = capacity
        self._redundant_above = redundant_above
        self._index = CaseIndex(similarity, capacity)
        self._index.store(np.arange(self._start), features)
        self._learned = np.zeros(1, dtype=np.int64)
        self.attributes = np.zeros((capacity, attributes.shape[1]))
        self.attributes[: self._start] = attributes
        self.number = np.arange(capacity)
        self._owner = np.full(capacity, SHARED)

    def __len__(self) -> int:
        return min(self._start + int(self._learned[0]), self._capacity)

    def nearest(
        self,
        features: np.ndarray,
        owner: np.ndarray | None,
        neighbours: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the (n, k) slots of the most similar cases, and their similarities.

        Parameters
        ----------
        features
            (n, features) of the patients.
        owner
            (n,) whose learned cases may be used, or None if anybody's.
        neighbours
            How many.
        """
        hidden = None
        if owner is not None:
            of = self._owner[self._start : len(self)]
            hidden = (of != owner[:, None]) & (of != SHARED)
        return self._index.nearest(features, len(self), min(neighbours, self._start), hidden)

    def retain(
        self,
        features: np.ndarray,
        attributes: np.ndarray,
        owner: np.ndarray | None,
        nearest: np.ndarray,
        similarity: np.ndarray,
    ) -> None:
        """Retain m successful cases, in order.

        Parameters
        ----------
        features, attributes
            (m, features) and (m, attributes) of the cases.
        owner
            (m,) for whom they are, or None if for everybody.
        nearest, similarity
            (m,) number of the case most like each when its plan was made, -1 for none, and how
            alike the two were.
        """
        if self._capacity > self._start:
            slots = put_plans(
                attributes,
                np.full(len(attributes), SHARED) if owner is None else owner,
                nearest,
                similarity > self._redundant_above,
                self._start,
                self._learned,
                self.number,
                self.attributes,
                self._owner,
            )
            self._index.store(slots, features)


@kernel
def put_plans(
    plans: np.ndarray,
    whose: np.ndarray,
    nearest: np.ndarray,
    redundant: np.ndarray,
    start: int,
    learned: np.ndarray,
    number: np.ndarray,
    attributes: np.ndarray,
    owner: np.ndarray,
) -> np.ndarray:
    """Put m new plans where they belong, in order; see :meth:`CaseBase.retain`.

    Parameters
    ----------
    plans, whose, nearest
        (m, attributes), (m,) and (m,) of the new cases.
    redundant
        (m,) whether the nearest case makes a new one redundant.
    start
        How many of the first cases stay.
    learned
        (1,) how many were learned so far, those included that have made room; counted on.
    number, attributes, owner
        (capacity,), (capacity, attributes) and (capacity,) of the cases held; changed in place.

    Returns
    -------
    (m,) slots, -1 for what is not retained.
    """
    room = len(number) - start
    slots = np.full(len(plans), -1)
    for new in range(len(plans)):
        like = nearest[new]
        if redundant[new] and 0 <= like < start:
            continue
        slot = start + (like - start) % room
        if not redundant[new] or like < 0 or number[slot] != like:
            slot = start + learned[0] % room
            number[slot] = start + learned[0]
            learned[0] += 1
        attributes[slot], owner[slot], slots[new] = plans[new], whose[new], slot
    return slots
