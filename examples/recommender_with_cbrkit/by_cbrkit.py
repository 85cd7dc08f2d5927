"""A case-based recommender whose retrieval is done by cbrkit: ``by_cbrkit:by_cbrkit``.

It takes the extra ``cbrkit``. Cases and similarity are yours; plans are
combined, revised and composed as those of the built-in recommender.
"""

from typing import Any

import cbrkit
import numpy as np

from recommender.adapters.cbrkit import CbrkitRecommender
from recommender.catalogue import Catalogue
from scenarios.devices.recommender import Recommender as Settings

# Patients whose plan is known to have suited them. Names of features are those of
# recommender.protocol.FEATURES: pain 0 to 10, fear 0 to 24, age in years.
CASES = {
    "young, mild": {"pain": 2.0, "fear": 4.0, "age": 30.0},
    "young, afraid": {"pain": 4.0, "fear": 18.0, "age": 33.0},
    "middle-aged": {"pain": 5.0, "fear": 10.0, "age": 48.0},
    "old, mild": {"pain": 3.0, "fear": 8.0, "age": 70.0},
    "old, severe": {"pain": 7.0, "fear": 16.0, "age": 66.0},
}
# Their plans, each number 0 to 1: load, share of strength exercises, reassurance, progression.
PLANS = {
    "young, mild": (0.8, 0.6, 0.2, 0.8),
    "young, afraid": (0.5, 0.5, 0.8, 0.5),
    "middle-aged": (0.5, 0.5, 0.5, 0.5),
    "old, mild": (0.5, 0.6, 0.3, 0.5),
    "old, severe": (0.2, 0.3, 0.7, 0.2),
}


def by_cbrkit(
    settings: Settings, _catalogue: Catalogue, _generator: np.random.Generator
) -> CbrkitRecommender:
    """Return the recommender of a simulated trial."""
    linear = cbrkit.sim.numbers.linear
    similarity: Any = cbrkit.sim.attribute_value(
        # Each attribute counts from 1, the same, to 0, apart by the whole range.
        attributes={"pain": linear(max=10.0), "fear": linear(max=24.0), "age": linear(max=72.0)},
        # Pain counts twice.
        aggregator=cbrkit.sim.aggregator(
            pooling="mean", pooling_weights={"pain": 2.0, "fear": 1.0, "age": 1.0}
        ),
    )
    # All cases have their say, the more alike the more: recommender.sharpness says by how much.
    return CbrkitRecommender(settings, cbrkit.retrieval.build(similarity), CASES, PLANS)
