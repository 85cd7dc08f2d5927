"""Alternatives to the case-based recommender, from random plans to an oracle."""

from collections.abc import Callable

import numpy as np

from recommender.compose import compose
from recommender.protocol import ATTRIBUTES, Experience, Plans, Recommender, Requests
from scenarios.devices.recommender import Recommender as Settings


class _Fixed:
    """Gives plans whose attributes depend on the request alone, and does not learn."""

    def __init__(
        self, settings: Settings, attributes_for: Callable[[Requests], np.ndarray]
    ) -> None:
        self._settings = settings
        self._attributes_for = attributes_for

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        n = len(requests)
        attributes = self._attributes_for(requests)
        unrevised, nobody = np.zeros(n, dtype=np.uint8), np.zeros(n, dtype=bool)
        return compose(self._settings, requests, attributes, unrevised, nobody)

    def learn(self, experience: Experience) -> None:
        """Do nothing."""


def guideline(settings: Settings) -> Recommender:
    """Return a recommender that gives everybody the same plan, the middle of every attribute."""
    return _Fixed(settings, lambda requests: np.full((len(requests), len(ATTRIBUTES)), 0.5))


def random(settings: Settings) -> Recommender:
    """Return a recommender with random plans, from draws that belong to participant and week."""
    return _Fixed(settings, lambda requests: requests.draws.astype(float))


def oracle(settings: Settings, needs: np.ndarray) -> Recommender:
    """Return a recommender that knows every person's needs.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``.
    needs
        (persons, attributes) the plan that suits each person, by the person's number.
    """
    return _Fixed(settings, lambda requests: needs.take(requests.participant, axis=0))


class StaticRecommender:
    """Keeps everybody's first plan.

    Parameters
    ----------
    first
        Makes the first plans.
    """

    def __init__(self, first: Recommender) -> None:
        self._first = first
        self._plans: dict[int, tuple[Plans, int]] = {}

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        if not len(requests):
            return self._first.recommend(requests)
        persons = requests.participant.tolist()
        new = np.array([person not in self._plans for person in persons])
        if new.any():
            made = self._first.recommend(_of_requests(requests, new))
            for row, place in enumerate(new.nonzero()[0].tolist()):
                self._plans[persons[place]] = made, row
        kept = [self._plans[person] for person in persons]
        return Plans(
            *(
                np.stack([getattr(plans, name)[row] for plans, row in kept])
                for name in Plans.__dataclass_fields__
            )
        )

    def learn(self, experience: Experience) -> None:
        """Do nothing."""


def _of_requests(requests: Requests, rows: np.ndarray) -> Requests:
    return Requests(*(getattr(requests, name)[rows] for name in Requests.__dataclass_fields__))
