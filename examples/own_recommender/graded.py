"""An own recommender: graded activity, by three rules and without cases."""

import numpy as np

from recommender.catalogue import Catalogue
from recommender.compose import compose, in_flare
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings

PAIN, FEAR = FEATURES.index("pain"), FEATURES.index("fear")
LOAD, STRENGTH, REASSURANCE, PROGRESSION = range(len(ATTRIBUTES))
HIGHEST_FEAR = 24.0


class GradedActivity:
    """Increases the load after a week that went well and reduces it after one that did not.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``; its ``plugin.settings`` may have a ``step``, the change of
        load in a week in plan units (default 0.1).
    catalogue
        Items of which plans are composed; not needed here, since ``compose`` chooses them.
    generator
        Random generator of the replicate; not needed here, since no draws are made.
    """

    def __init__(
        self, settings: Settings, catalogue: Catalogue, generator: np.random.Generator
    ) -> None:
        self._settings = settings
        self._step = float(settings.plugin.settings.get("step", 0.1))
        self._went: dict[int, float] = {}

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        n = len(requests)
        flare = in_flare(self._settings, requests)
        participants = requests.participant.tolist()
        went_well = np.array([self._went.get(p, 0.0) >= 0.5 for p in participants], dtype=bool)
        before = requests.previous[:, LOAD]
        first = np.clip(0.8 - known(requests.features[:, PAIN], 5.0) / 10.0, 0.1, 0.8)
        change = np.where(flare | ~went_well, -self._step, self._step)
        attributes = np.full((n, len(ATTRIBUTES)), 0.5)
        attributes[:, LOAD] = np.clip(np.where(np.isnan(before), first, before + change), 0.0, 1.0)
        fear = known(requests.features[:, FEAR], HIGHEST_FEAR / 2.0)
        attributes[:, REASSURANCE] = np.clip(fear / HIGHEST_FEAR, 0.0, 1.0)
        attributes[:, PROGRESSION] = np.where(went_well, 0.6, 0.3)
        return compose(self._settings, requests, attributes, np.zeros(n, dtype=np.uint8), flare)

    def learn(self, experience: Experience) -> None:
        """Store the outcome of each participant's last week."""
        participants = experience.participant.tolist()
        self._went |= zip(participants, experience.outcome.tolist(), strict=True)


def known(values: np.ndarray, otherwise: float) -> np.ndarray:
    """Return the values, with a substitute for unknown ones."""
    return np.where(np.isnan(values), otherwise, values)
