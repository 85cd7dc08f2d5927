"""Rivals of the case-based recommender: one plan for all, and plans by chance."""

import numpy as np

from recommender.protocol import ATTRIBUTES, Experience, Plans, Requests


class GuidelineRecommender:
    """Gives everybody the same middle-of-the-road plan, whatever they are like."""

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        n = len(requests)
        return _without_cases(np.full((n, len(ATTRIBUTES)), 0.5))

    def learn(self, experience: Experience) -> None:
        """Guidelines do not learn."""


class RandomRecommender:
    """Draws every plan by chance, from the luck that belongs to the participant and the week."""

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        return _without_cases(requests.luck.copy())

    def learn(self, experience: Experience) -> None:
        """Chance does not learn."""


def _without_cases(attributes: np.ndarray) -> Plans:
    n = len(attributes)
    return Plans(attributes, np.full(n, np.nan), np.zeros(n, dtype=bool))
