"""Recommenders for docs/gate_study.py: the built-in one with luck of its own, whole or spoiled."""

from dataclasses import replace
from functools import cache

import numpy as np

from recommender.catalogue import Catalogue
from recommender.protocol import Experience, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings
from scenarios.loading.load import load_scenario
from sim.simulate import recommender_alone

_shipped = cache(load_scenario)


class Lucky:
    """Case-based advice in which chance has a say, some plans of which are spoiled.

    Retrieval sees every feature with an error, so that among cases about as similar chance decides.
    A spoiled plan turns every attribute to the far end and asks for no exercise.

    Parameters
    ----------
    settings
        Its ``plugin.settings`` have ``code_seed``, of the luck; ``error`` of the features, in
        proportion to them; and ``spoiled``, the probability with which a plan is.
    catalogue
        Not needed: the built-in recommender knows it.
    generator
        Luck of the replicate, which together with ``code_seed`` makes its own.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,  # noqa: ARG002 - every recommender is given it
        generator: np.random.Generator,
    ) -> None:
        told = settings.plugin.settings
        self._error, self._spoiled = float(told["error"]), float(told["spoiled"])
        self._luck = np.random.default_rng([int(told["code_seed"]), generator.integers(2**62)])
        self._inner = recommender_alone(_shipped("selfback_2021"), 0)

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        error = self._error * self._luck.standard_normal(requests.features.shape)
        plans = self._inner.recommend(replace(requests, features=requests.features * (1.0 + error)))
        spoiled = (self._luck.random(len(requests)) < self._spoiled)[:, None]
        far = (plans.attributes < 0.5).astype(float)
        return replace(
            plans,
            attributes=np.where(spoiled, far, plans.attributes),
            exercises=np.where(spoiled, -1, plans.exercises),
        )

    def learn(self, experience: Experience) -> None:
        """Let the built-in recommender learn."""
        self._inner.learn(experience)
