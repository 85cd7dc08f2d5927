"""Cases: who the patient was, what was recommended, how it went."""

import numpy as np

from recommender.retrieval import CaseIndex
from recommender.similarity import GlobalSimilarity

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
        self._index.store(slice(0, self._start), features)
        self._learned = 0
        self.attributes = np.zeros((capacity, attributes.shape[1]))
        self.attributes[: self._start] = attributes
        self.number = np.arange(capacity)
        self._owner = np.full(capacity, SHARED)

    def __len__(self) -> int:
        return min(self._start + self._learned, self._capacity)

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
        room = self._capacity - self._start
        if room == 0:
            return
        slots = []
        redundant = similarity > self._redundant_above
        for like, doubled in zip(nearest.tolist(), redundant.tolist(), strict=True):
            if doubled and 0 <= like < self._start:
                slots.append(-1)
                continue
            slot = self._start + (like - self._start) % room
            if not doubled or like < 0 or self.number[slot] != like:
                slot = self._start + self._learned % room
                self.number[slot] = self._start + self._learned
                self._learned += 1
            slots.append(slot)
        kept = np.array(slots)
        if -1 in slots:
            stay = kept >= 0
            kept, features, attributes = kept[stay], features[stay], attributes[stay]
            owner = None if owner is None else owner[stay]
        self._index.store(kept, features)
        self.attributes[kept] = attributes
        self._owner[kept] = SHARED if owner is None else owner
