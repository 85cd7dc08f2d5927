from collections.abc import Callable

import numpy as np
import pytest

from recommender.casebase import CaseBase
from recommender.protocol import ATTRIBUTES, FEATURES, Requests
from recommender.retrieval import GlobalSimilarity
from recommender.similarity import Linear
from scenarios.load import load_scenario
from scenarios.recommender import Recommender as Settings

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
            "available_minutes": np.full(n, 30),
            "contraindications": np.zeros(n, dtype=np.uint8),
            "luck": np.random.default_rng(2).random((n, A)),
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
