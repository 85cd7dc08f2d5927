"""Alternatives to the case-based recommender, from random plans to an oracle."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recommender.compose import compose, in_flare
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Plans, Recommender, Requests
from scenarios.devices.recommender import Recommender as Settings

_LOAD, _SESSIONS = ATTRIBUTES.index("load"), FEATURES.index("sessions")


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


class Generic:
    """Gives everybody one fixed plan: middle attributes, the same exercises, one step goal."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        n = len(requests)
        # What is printed for everybody knows nothing of who must not do what, nor of their time.
        anybody = replace(
            requests,
            week=np.zeros_like(requests.week),
            features=np.full_like(requests.features, np.nan),
            contraindications=np.zeros_like(requests.contraindications),
            available_minutes=np.full_like(
                requests.available_minutes, self._settings.session_minutes
            ),
        )
        unrevised, nobody = np.zeros(n, dtype=np.uint8), np.zeros(n, dtype=bool)
        middle = np.full((n, len(ATTRIBUTES)), 0.5)
        plans = compose(self._settings, anybody, middle, unrevised, nobody)
        return replace(plans, step_goal=np.full(n, self._settings.generic_steps))

    def learn(self, experience: Experience) -> None:
        """Do nothing."""


def generic(settings: Settings) -> Recommender:
    """Return a recommender that gives everybody the same plan and step goal, week after week."""
    return Generic(settings)


def progressed(settings: Settings) -> Recommender:
    """Return a generic plan advanced by a physiotherapist's rule.

    Load begins in the middle; it rises by ``settings.generic_progress`` after a week with all
    sessions done, and falls by as much after one with fewer than half of them, and in a flare. The
    rest is as in :func:`guideline`.
    """

    def advanced(requests: Requests) -> np.ndarray:
        attributes = np.full((len(requests), len(ATTRIBUTES)), 0.5)
        before = requests.previous[:, _LOAD]
        share = requests.features[:, _SESSIONS] / settings.sessions_per_week
        change = np.where(share >= 1.0, 1.0, np.where(share < 0.5, -1.0, 0.0))
        change = np.where(in_flare(settings, requests), -1.0, change)
        load = np.clip(before + change * settings.generic_progress, 0.0, 1.0)
        attributes[:, _LOAD] = np.where(np.isnan(before), 0.5, load)
        return attributes

    return _Fixed(settings, advanced)


def guideline(settings: Settings) -> Recommender:
    """Return a recommender with the middle of every attribute, and step goals that adapt."""
    return _Fixed(settings, lambda requests: np.full((len(requests), len(ATTRIBUTES)), 0.5))


def random(settings: Settings) -> Recommender:
    """Return a recommender with random plans, from draws that belong to participant and week."""
    return _Fixed(settings, lambda requests: requests.draws.astype(float))


WITHOUT_CASES: dict[str, Callable[[Settings], Recommender]] = {
    "generic": generic, "progressed": progressed, "guideline": guideline, "random": random,
}  # fmt: skip
"""Recommenders that need nothing but settings, by name."""


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
