"""The case-based cycle: retrieve, reuse, revise, retain (Aamodt and Plaza 1994)."""

import numpy as np

from recommender.casebase import CaseBase
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Plans, Requests
from recommender.similarity import GlobalSimilarity
from scenarios.app import Recommender as Settings

_LOAD = ATTRIBUTES.index("load")
_PAIN = FEATURES.index("pain")


def retrieve(similarity: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the most similar cases of each request.

    Parameters
    ----------
    similarity
        (n, cases).
    neighbours
        How many to retrieve, at most the number of cases.

    Returns
    -------
    (n, k) case numbers and (n, k) similarities, the most similar first; ties go to the lower case
    number.
    """
    requests, cases = similarity.shape
    k = min(neighbours, cases)
    left = similarity.copy()
    flat, start = left.reshape(-1), np.arange(0, left.size, cases)
    nearest = np.empty((requests, k), dtype=np.int64)
    alike = np.empty((requests, k))
    for rank in range(k):  # a few passes cost less than one partition of all cases
        nearest[:, rank] = left.argmax(axis=1)
        at = start + nearest[:, rank]
        alike[:, rank] = flat.take(at)
        flat[at] = -1.0
    return nearest, alike


def reuse(attributes: np.ndarray, similarity: np.ndarray, sharpness: float) -> np.ndarray:
    """Combine the retrieved plans, the more similar the more weight.

    Parameters
    ----------
    attributes
        (n, k, attributes) plans of the retrieved cases.
    similarity
        (n, k).
    sharpness
        Power of the similarity that weighs a case; 0 weighs all alike.
    """
    weight = similarity**sharpness + 1e-12  # cases of similarity 0 still make a mean
    weight /= np.add.reduce(weight, axis=1, keepdims=True)
    return np.asarray(np.einsum("nk,nka->na", weight, attributes))


def revise(settings: Settings, requests: Requests, suggested: np.ndarray) -> np.ndarray:
    """Make plans safe: less load in a flare, and no larger change of load than a week allows."""
    plans = np.minimum(np.maximum(suggested, 0.0), 1.0)
    load, before = plans[:, _LOAD], requests.previous[:, _LOAD]
    change = np.minimum(np.maximum(load - before, -settings.largest_step), settings.largest_step)
    np.copyto(load, before + change, where=~np.isnan(before))
    flare = requests.features[:, _PAIN] >= settings.flare_pain
    np.multiply(load, settings.flare_load, out=load, where=flare)
    return np.asarray(plans)


class CaseBasedRecommender:
    """Advises what helped similar patients.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``.
    ranges
        (features,) range of each feature for the local similarities.
    case_base
        The cases to start from; it grows where ``settings.retain`` says so.
    """

    def __init__(self, settings: Settings, ranges: np.ndarray, case_base: CaseBase) -> None:
        weights = np.array([settings.weights.get(name, 0.0) for name in FEATURES])  # type: ignore[call-overload]
        self._settings = settings
        self._similarity = GlobalSimilarity(weights, ranges)
        self.case_base = case_base

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        similarity = self._similarity(requests.features, self.case_base.features)
        cases, alike = retrieve(similarity, self._settings.neighbours)
        suggested = reuse(
            self.case_base.attributes.take(cases, axis=0), alike, self._settings.sharpness
        )
        plans = revise(self._settings, requests, suggested)
        changed = np.abs(plans - suggested) > 1e-9
        return Plans(
            plans, np.add.reduce(alike, axis=1) / alike.shape[1], np.logical_or.reduce(changed, 1)
        )

    def learn(self, experience: Experience) -> None:
        """Retain last week's cases that count as success."""
        if self._settings.retain == "never":
            return
        success = experience.outcome >= self._settings.retain_above
        if np.count_nonzero(success):
            self.case_base.add(experience.features[success], experience.attributes[success])
