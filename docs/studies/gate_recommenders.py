"""Recommenders for gate_study.py: the built-in one with random errors, intact or worse."""

from dataclasses import replace
from functools import cache

import numpy as np

from recommender.catalogue import Catalogue
from recommender.protocol import ATTRIBUTES, Experience, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings
from scenarios.loading.load import load_scenario
from sim.simulate import recommender_alone

_shipped = cache(load_scenario)


class Noisy:
    """Case-based advice with a random component, in which some plans are spoiled.

    Retrieval sees every feature with an error, so that chance decides between similar cases.
    A spoiled plan has every attribute at the opposite end and asks for no exercise. A plan of a
    lower level has the same exercises with less load.

    Parameters
    ----------
    settings
        Its ``plugin.settings`` have ``code_seed``, the seed of the random component; ``error``, the
        relative error of the features; ``spoiled``, the probability that a plan is spoiled; and
        ``level``, to which share the load of every plan is cut, 1 if left out.
    catalogue
        Not needed: the built-in recommender loads it itself.
    generator
        Generator of the replicate, which together with ``code_seed`` seeds the random component.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,  # noqa: ARG002 - every recommender is given it
        generator: np.random.Generator,
    ) -> None:
        chosen = settings.plugin.settings
        self._error, self._spoiled = float(chosen["error"]), float(chosen["spoiled"])
        self._level = np.where(np.array(ATTRIBUTES) == "load", float(chosen.get("level", 1.0)), 1.0)
        self._draws = np.random.default_rng([int(chosen["code_seed"]), generator.integers(2**62)])
        self._inner = recommender_alone(_shipped("selfback_2021"), 0)

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        error = self._error * self._draws.standard_normal(requests.features.shape)
        plans = self._inner.recommend(replace(requests, features=requests.features * (1.0 + error)))
        spoiled = (self._draws.random(len(requests)) < self._spoiled)[:, None]
        far = (plans.attributes < 0.5).astype(float)
        return replace(
            plans,
            attributes=np.where(spoiled, far, plans.attributes * self._level),
            exercises=np.where(spoiled, -1, plans.exercises),
        )

    def learn(self, experience: Experience) -> None:
        """Let the built-in recommender learn."""
        self._inner.learn(experience)
