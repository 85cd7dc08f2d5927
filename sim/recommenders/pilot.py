"""The pilot that a recommender's first cases may come from: an earlier, smaller trial."""

from collections.abc import Callable

import numpy as np

from recommender.protocol import Experience, Plans, Recommender, Requests
from scenarios.schema import Scenario
from sim.core.reference_trial import reference_trial


class Observed:
    """Passes everything on to a recommender, and keeps how its plans went.

    Parameters
    ----------
    recommender
        The one to pass on to.
    experience
        Where what was learned is kept, in order.
    """

    def __init__(self, recommender: Recommender, experience: list[Experience]) -> None:
        self._recommender, self._experience = recommender, experience

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        return self._recommender.recommend(requests)

    def learn(self, experience: Experience) -> None:
        """Keep how plans went, and let the recommender learn."""
        self._experience.append(experience)
        self._recommender.learn(experience)


def pilot_trial(scenario: Scenario) -> Scenario:
    """Return the pilot of a scenario: half get the app, advised from the experts' cases."""
    settings = scenario.recommender
    reference = reference_trial(scenario)
    return reference.model_copy(
        update={
            "name": "pilot",
            "trial": reference.trial.model_copy(update={"sample_size": settings.pilot_size}),
            "recommender": settings.model_copy(update={"kind": "cbr", "cases_from": "experts"}),
        }
    )


def successful_cases(
    scenario: Scenario, run: Callable[[Scenario, list[Experience]], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the most successful cases of a scenario's pilot, ``seed_cases`` of them at most.

    Parameters
    ----------
    scenario
        With the pilot's size, and what counts as success.
    run
        Lets the pilot's clock run, and notes how its plans went.

    Returns
    -------
    (cases, features) and (cases, attributes), the most successful first.

    Raises
    ------
    RuntimeError
        If there are fewer than the ``neighbours`` that each plan needs.
    """
    settings = scenario.recommender
    experience: list[Experience] = []
    run(pilot_trial(scenario), experience)
    outcome = np.concatenate([e.outcome for e in experience] or [np.empty(0)])
    best = np.argsort(-outcome, kind="stable")[: settings.seed_cases]
    best = best[outcome[best] >= settings.retain_above]
    if len(best) < settings.neighbours:
        raise RuntimeError(
            f"the pilot of {settings.pilot_size} participants brought {len(best)} successful "
            f"cases, recommender.neighbours needs {settings.neighbours}"
        )
    features = np.concatenate([e.features for e in experience])
    attributes = np.concatenate([e.attributes for e in experience])
    return features[best], attributes[best]
