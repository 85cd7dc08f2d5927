from collections.abc import Callable

import numpy as np
import pytest

from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Plans, Requests


def some_requests(n: int, seed: int = 0) -> Requests:
    generator = np.random.default_rng(seed)
    return Requests(
        participant=np.arange(n),
        arm=np.ones(n, dtype=np.int64),
        week=np.arange(n) % 39,
        features=generator.uniform(0.0, 20.0, (n, len(FEATURES))),
        previous=generator.random((n, len(ATTRIBUTES))),
        recent_steps=generator.uniform(0.0, 9000.0, (n, 7)),
        available_minutes=np.full(n, 20),
        contraindications=np.arange(n) % 4,
        luck=generator.random((n, len(ATTRIBUTES))),
    )


def plans_of(attributes: np.ndarray) -> Plans:
    n = len(attributes)
    none = np.empty((n, 0))
    return Plans(
        attributes=attributes,
        exercises=np.tile([0, 1, 2, -1, -1, -1], (n, 1)),
        messages=np.tile([0, 1, -1], (n, 1)),
        tools=np.tile([0, -1], (n, 1)),
        step_goal=5000.0 + 1000.0 * attributes[:, 3],
        similarity=np.full(n, np.nan),
        cases=none.astype(np.int64),
        similarities=none,
        weights=none,
        revised=np.zeros(n, dtype=np.int64),
    )


class ByLuck:
    """A recommender that conforms: its plans come from the luck of the participant and the week."""

    def recommend(self, requests: Requests) -> Plans:
        return plans_of(requests.luck.copy())

    def learn(self, experience: Experience) -> None:
        pass


@pytest.fixture
def requests() -> Callable[..., Requests]:
    return some_requests


@pytest.fixture
def plans() -> Callable[[np.ndarray], Plans]:
    return plans_of


@pytest.fixture
def by_luck() -> type[ByLuck]:
    return ByLuck
