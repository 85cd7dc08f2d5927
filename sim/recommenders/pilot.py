"""The pilot that a recommender's first cases may come from: an earlier, smaller trial."""

from collections.abc import Callable, Sequence

import numpy as np

from scenarios.schema import Scenario
from sim.core.reference_trial import reference_trial
from sim.recommenders.lessons import Lesson


def pilot_trial(scenario: Scenario) -> Scenario:
    """Return the pilot of a scenario: half get the app, advised from the experts' cases."""
    settings = scenario.mechanisms.recommender
    reference = reference_trial(scenario)
    return reference.model_copy(
        update={
            "name": "pilot",
            "trial": reference.trial.model_copy(update={"sample_size": settings.pilot_size}),
            "recommender": settings.model_copy(update={"kind": "cbr", "cases_from": "experts"}),
        }
    )


def successful_cases(
    scenario: Scenario, run: Callable[[Scenario], Sequence[Lesson]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the most successful cases of a scenario's pilot, ``seed_cases`` of them at most.

    Parameters
    ----------
    scenario
        With the pilot's size, and what counts as success.
    run
        Lets the pilot's clock run, and returns what was learned in it.

    Returns
    -------
    (cases, features) and (cases, attributes), the most successful first.

    Raises
    ------
    RuntimeError
        If there are fewer than the ``neighbours`` that each plan needs.
    """
    settings = scenario.mechanisms.recommender
    experience = [lesson.experience for lesson in run(pilot_trial(scenario))]
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
