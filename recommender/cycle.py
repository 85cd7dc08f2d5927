"""The case-based cycle: retrieve, reuse, revise, retain (Aamodt and Plaza 1994)."""

import numpy as np

from recommender.casebase import CaseBase
from recommender.compose import FLARE_CUT, STEP_LIMITED, compose, in_flare
from recommender.protocol import ATTRIBUTES, Experience, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings

_LOAD = ATTRIBUTES.index("load")


def weights_of(similarity: np.ndarray, sharpness: float) -> np.ndarray:
    """Return the weights of the retrieved cases of each request, which sum to 1.

    Parameters
    ----------
    similarity
        (n, k).
    sharpness
        Power of the similarity that weighs a case; 0 weighs all alike.
    """
    weight = similarity**sharpness + 1e-12  # cases of similarity 0 still make a mean
    weight /= np.add.reduce(weight, axis=1, keepdims=True)
    return np.asarray(weight)


def reuse(attributes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Combine (n, k, attributes) plans of retrieved cases under (n, k) weights."""
    return np.asarray(np.einsum("nk,nka->na", weights, attributes))


def revise(
    settings: Settings, requests: Requests, suggested: np.ndarray, flare: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Make attributes safe: no larger change of load than a week allows, less load in a flare.

    Returns
    -------
    (n, attributes) attributes in 0 to 1, and (n,) bits of
    :data:`recommender.protocol.REVISIONS` that tell what was changed.
    """
    plans = np.minimum(suggested, 1.0)  # a mean of plans may exceed 1 by a rounding error
    load, before = plans[:, _LOAD], requests.previous[:, _LOAD]
    change = load - before
    beyond = np.abs(change) > settings.largest_step
    revised = beyond * STEP_LIMITED
    if np.count_nonzero(beyond):
        np.copyto(load, before + np.copysign(settings.largest_step, change), where=beyond)
    if np.count_nonzero(flare):
        revised |= flare * FLARE_CUT
        np.multiply(load, settings.flare_load, out=load, where=flare)
    return np.asarray(plans), revised


class CaseBasedRecommender:
    """Advises what helped similar patients.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``.
    case_base
        The cases to start from; it grows where ``settings.retain`` says so.
    neighbours
        How many cases a plan comes from.
    """

    def __init__(self, settings: Settings, case_base: CaseBase, neighbours: int) -> None:
        self._settings = settings
        self._neighbours = neighbours
        self.case_base = case_base

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        settings, cases = self._settings, self.case_base
        owner = self._owner(requests)
        slots, alike = cases.nearest(requests.features, owner, self._neighbours)
        weights = weights_of(alike, settings.sharpness)
        flare = in_flare(settings, requests)
        suggested = reuse(cases.attributes.take(slots, axis=0), weights)
        attributes, revised = revise(settings, requests, suggested, flare)
        behind = cases.number.take(slots), alike, weights
        return compose(settings, requests, attributes, revised, flare, behind)

    def learn(self, experience: Experience) -> None:
        """Retain last week's cases that count as success."""
        if self._settings.retain == "never":
            return
        success = (experience.outcome >= self._settings.retain_above).nonzero()[0]
        if len(success):
            owner = self._owner(experience)
            self.case_base.retain(
                experience.features[success],
                experience.attributes[success],
                None if owner is None else owner[success],
                experience.nearest[success],
                experience.similarity[success],
            )

    def _owner(self, of: Requests | Experience) -> np.ndarray | None:
        """Return whose learned cases are meant, (n,), or None for everybody's."""
        match self._settings.retain:
            case "per_arm":
                return of.arm
            case "per_participant":
                return of.participant
            case _:
                return None
