from collections.abc import Callable

import numpy as np
import pytest

from recommender.casebase import CaseBase
from recommender.protocol import ATTRIBUTES, FEATURES, MESSAGES, Experience, Plans, Requests
from recommender.similarity import GlobalSimilarity, Linear
from scenarios.devices.recommender import Recommender as Settings
from scenarios.loading.load import load_scenario

F, A = len(FEATURES), len(ATTRIBUTES)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_scenario("selfback_2021").recommender


@pytest.fixture(scope="session")
def requests_of() -> Callable[..., Requests]:
    """Make requests of an ordinary evening for n calm patients, or for given features."""

    def make(features: np.ndarray | int = 4, **changes: np.ndarray) -> Requests:
        if isinstance(features, int):
            features = np.random.default_rng(1).random((features, F)) * 10
            features[:, FEATURES.index("pain")] = 3.0
        n = len(features)
        usual = {
            "participant": np.arange(n),
            "arm": np.ones(n, dtype=np.int64),
            "week": np.zeros(n, dtype=np.int64),
            "features": features,
            "previous": np.full((n, A), np.nan),
            "recent_steps": np.full((n, 7), 5000.0),
            "baseline_steps": np.full(n, 5000.0),
            "available_minutes": np.full(n, 30),
            "contraindications": np.zeros(n, dtype=np.uint8),
            "draws": np.random.default_rng(2).random((n, A)),
        }
        return Requests(**(usual | changes))

    return make


@pytest.fixture(scope="session")
def alike() -> GlobalSimilarity:
    """All features linear from 0 to 10, weights 1, 2, 3 ..."""
    weights = np.arange(1.0, F + 1)
    return GlobalSimilarity((Linear(10.0),) * F, weights, np.full(F, 0.5), "stated")


@pytest.fixture(scope="session")
def case_base_of(alike) -> Callable[..., CaseBase]:
    """Make a case base of n cases whose features go from 0 to 10."""

    def make(n: int = 30, capacity: int = 40, redundant_above: float = 1.0) -> CaseBase:
        generator = np.random.default_rng(3)
        features, plans = generator.random((n, F)) * 10, generator.random((n, A))
        return CaseBase(alike, features, plans, capacity, redundant_above)

    return make


def some_requests(n: int, seed: int = 0) -> Requests:
    generator = np.random.default_rng(seed)
    return Requests(
        participant=np.arange(n),
        arm=np.ones(n, dtype=np.int64),
        week=np.arange(n) % 39,
        features=generator.uniform(0.0, 20.0, (n, len(FEATURES))),
        previous=generator.random((n, len(ATTRIBUTES))),
        recent_steps=generator.uniform(0.0, 9000.0, (n, 7)),
        baseline_steps=generator.uniform(0.0, 9000.0, n),
        available_minutes=np.full(n, 20),
        contraindications=np.arange(n) % 4,
        draws=generator.random((n, len(ATTRIBUTES))),
    )


def plans_of(attributes: np.ndarray) -> Plans:
    n = len(attributes)
    none = np.empty((n, 0))
    return Plans(
        attributes=attributes,
        exercises=np.tile([0, 1, 2, -1, -1, -1], (n, 1)),
        messages=np.tile([0, 1, *[-1] * (MESSAGES - 2)], (n, 1)),
        tools=np.tile([0, -1], (n, 1)),
        step_goal=5000.0 + 1000.0 * attributes[:, 3],
        similarity=np.full(n, np.nan),
        cases=none.astype(np.int64),
        similarities=none,
        weights=none,
        revised=np.zeros(n, dtype=np.int64),
    )


class ByDraws:
    """A recommender that conforms: its plans are the draws of the participant and the week."""

    def recommend(self, requests: Requests) -> Plans:
        return plans_of(requests.draws.copy())

    def learn(self, experience: Experience) -> None:
        pass


@pytest.fixture
def requests() -> Callable[..., Requests]:
    return some_requests


@pytest.fixture
def plans() -> Callable[[np.ndarray], Plans]:
    return plans_of


@pytest.fixture
def by_draws() -> type[ByDraws]:
    return ByDraws
