"""The case-based cycle: retrieve, reuse, revise, retain (Aamodt and Plaza 1994)."""

import numpy as np

from recommender.casebase import CaseBase
from recommender.compose import FLARE_CUT, STEP_LIMITED, compose, in_flare
from recommender.protocol import ATTRIBUTES, Experience, Plans, Requests
from scenarios.compiled.kernels import kernel
from scenarios.devices.recommender import Recommender as Settings

_LOAD = ATTRIBUTES.index("load")


@kernel
def weights_of(similarity: np.ndarray, sharpness: float) -> np.ndarray:
    """Return the weights of the retrieved cases of each request, which sum to 1.

    Parameters
    ----------
    similarity
        (n, k).
    sharpness
        Power of the similarity that weighs a case; 0 weighs all alike.
    """
    weights = np.empty_like(similarity)
    for row in range(len(similarity)):
        total = np.float64(0.0)
        for rank in range(similarity.shape[1]):
            # Cases of similarity 0 still make a mean.
            weights[row, rank] = np.float64(similarity[row, rank]) ** sharpness + 1e-12
            total += weights[row, rank]
        for rank in range(similarity.shape[1]):
            weights[row, rank] /= total
    return weights


@kernel
def reuse(attributes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Combine (n, k, attributes) plans of retrieved cases under (n, k) weights."""
    requests, cases, width = attributes.shape
    combined = np.zeros((requests, width))
    for row in range(requests):
        for rank in range(cases):
            for attribute in range(width):
                combined[row, attribute] += weights[row, rank] * attributes[row, rank, attribute]
    return combined


def revise(
    settings: Settings, requests: Requests, suggested: np.ndarray, flare: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Make attributes safe: no larger change of load than a week allows, less load in a flare.

    Returns
    -------
    (n, attributes) attributes in 0 to 1, and (n,) bits of
    :data:`recommender.protocol.REVISIONS` that tell what was changed.
    """
    return make_safe(
        suggested, requests.previous, flare, settings.largest_step, settings.flare_load
    )


@kernel
def make_safe(
    suggested: np.ndarray,
    previous: np.ndarray,
    flare: np.ndarray,
    largest_step: float,
    flare_load: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Revise attributes; see :func:`revise`."""
    # A mean of plans may exceed 1 by a rounding error.
    plans, revised = np.minimum(suggested, 1.0), np.zeros(len(suggested), dtype=np.uint8)
    for row in range(len(plans)):
        before = previous[row, _LOAD]  # not a number in the first week, and nothing is beyond it
        change = plans[row, _LOAD] - before
        if abs(change) > largest_step:
            plans[row, _LOAD] = before + (largest_step if change > 0.0 else -largest_step)
            revised[row] |= STEP_LIMITED
        if flare[row]:
            plans[row, _LOAD] *= flare_load
            revised[row] |= FLARE_CUT
    return plans, revised


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
                experience.features.take(success, axis=0),
                experience.attributes.take(success, axis=0),
                None if owner is None else owner.take(success),
                experience.nearest.take(success),
                experience.similarity.take(success),
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
