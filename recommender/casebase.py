"""Cases: who the patient was, what was recommended, how it went."""

import numpy as np


class CaseBase:
    """Successful cases, expert cases first, with room for learned ones.

    Parameters
    ----------
    features
        (cases, features) of the expert cases.
    attributes
        (cases, attributes) plans of the expert cases.
    capacity
        Most cases held; when full, the oldest learned case makes room.
    """

    def __init__(self, features: np.ndarray, attributes: np.ndarray, capacity: int) -> None:
        self._experts = len(features)
        self._features = np.empty((capacity, features.shape[1]))
        self._attributes = np.empty((capacity, attributes.shape[1]))
        self._features[: self._experts] = features
        self._attributes[: self._experts] = attributes
        self._learned = 0

    def __len__(self) -> int:
        return min(self._experts + self._learned, len(self._features))

    @property
    def features(self) -> np.ndarray:
        """Features of all cases held, (cases, features)."""
        return self._features[: len(self)]

    @property
    def attributes(self) -> np.ndarray:
        """Plans of all cases held, (cases, attributes)."""
        return self._attributes[: len(self)]

    def add(self, features: np.ndarray, attributes: np.ndarray) -> None:
        """Retain successful cases, a row each; the oldest learned ones are forgotten if need be."""
        room = len(self._features) - self._experts
        if room == 0:
            return
        slots = self._experts + (self._learned + np.arange(len(features))) % room
        self._features[slots] = features
        self._attributes[slots] = attributes
        self._learned += len(features)
