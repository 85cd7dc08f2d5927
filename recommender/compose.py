"""What all recommenders of ours share: a step goal and content for given attributes."""

import numpy as np

from compiled.kernels import kernel
from recommender.content import choose_education, choose_exercises, on_grid
from recommender.protocol import ATTRIBUTES, FEATURES, REVISIONS, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings

FLARE_CUT, STEP_LIMITED, BAN_AVOIDED, TIME_FITTED, GOAL_HELD = (
    np.uint8(1 << REVISIONS.index(name)) for name in REVISIONS[:5]
)
_PAIN, _STEPS = FEATURES.index("pain"), FEATURES.index("steps")
_PROGRESSION = ATTRIBUTES.index("progression")


def in_flare(settings: Settings, requests: Requests) -> np.ndarray:
    """Return who has so much pain that a plan must be gentle, (n,)."""
    return np.asarray(requests.features[:, _PAIN] >= settings.flare_pain)


def compose(
    settings: Settings,
    requests: Requests,
    attributes: np.ndarray,
    revised: np.ndarray,
    flare: np.ndarray,
    cases: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
) -> Plans:
    """Return whole plans for given attributes, with content that the participants can do.

    Parameters
    ----------
    settings
        The scenario's ``[recommender]``.
    requests
        For whom.
    attributes
        (n, attributes) 0 to 1.
    revised
        (n,) bits of :data:`recommender.protocol.REVISIONS` so far; more are added in place.
    flare
        (n,) in whom the step goal must not rise.
    cases
        (n, k) numbers, similarities and weights of the cases behind the attributes, if any.
    """
    n = len(requests)
    minutes = np.minimum(requests.available_minutes, settings.session_minutes)
    grid = on_grid(attributes)
    exercises, avoided = choose_exercises()(grid, requests.contraindications, minutes)
    messages, tools = choose_education()(grid, requests.features, requests.week)
    revised |= (avoided > 0) * BAN_AVOIDED
    revised |= (minutes < settings.session_minutes) * TIME_FITTED
    usual = usual_steps(
        requests.recent_steps, requests.features, settings.step_quantile, settings.first_steps
    )
    goal = step_goals(usual, settings.step_rise * attributes[:, _PROGRESSION], flare, revised)
    if cases is None:
        none = np.empty((n, 0))
        similarity = np.full(n, np.nan)
        cases = none.astype(np.int64), none, none
    else:
        similarity = np.add.reduce(cases[1], axis=1) / cases[1].shape[1]
    numbers, alike, weights = cases
    return Plans(
        attributes, exercises, messages, tools, goal, similarity, numbers, alike, weights, revised
    )


@kernel
def usual_steps(
    recent: np.ndarray, features: np.ndarray, quantile: float, first_steps: float
) -> np.ndarray:
    """Return a quantile of each participant's recent days, steps a day, (n,).

    Where no day is known, the steps last known, and where none ever were, what is stated.

    Parameters
    ----------
    recent, features
        (n, days) and (n, features) of :class:`recommender.protocol.Requests`.
    quantile
        Of the days that are known, between the two about it where it falls between.
    first_steps
        What is stated.
    """
    usual = np.empty(len(recent))
    for row in range(len(recent)):
        days = np.sort(recent[row])  # what is unknown comes last
        known = len(days) - np.isnan(days).sum()
        if known:
            at = (known - 1) * quantile
            below = int(at)
            above = min(below + 1, known - 1)
            usual[row] = days[below] + (days[above] - days[below]) * (at - below)
        else:
            last = features[row, _STEPS]
            usual[row] = first_steps if np.isnan(last) else last
    return usual


@kernel
def step_goals(
    usual: np.ndarray, rise: np.ndarray, flare: np.ndarray, revised: np.ndarray
) -> np.ndarray:
    """Return step goals, (n,): above what is usual by some rise, but not in a flare.

    Parameters
    ----------
    usual, rise, flare
        (n,) steps a day, proportion, and in whom the goal must not rise.
    revised
        (n,) bits of revisions; what is held is added in place.
    """
    goals = np.empty(len(usual))
    for row in range(len(usual)):
        held = flare[row] and rise[row] > 0.0
        goals[row] = usual[row] * (1.0 if held else 1.0 + rise[row])
        if held:
            revised[row] |= GOAL_HELD
    return goals
