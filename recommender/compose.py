"""What all recommenders of ours share: a step goal and content for given attributes."""

from functools import cache

import numpy as np

from recommender.content import choose_education, choose_exercises, on_grid
from recommender.protocol import ATTRIBUTES, FEATURES, REVISIONS, Plans, Requests
from scenarios.devices.recommender import Recommender as Settings

FLARE_CUT, STEP_LIMITED, BAN_AVOIDED, TIME_FITTED, GOAL_HELD = (
    np.uint8(1 << REVISIONS.index(name)) for name in REVISIONS[:5]
)
_PAIN, _STEPS = FEATURES.index("pain"), FEATURES.index("steps")
_PROGRESSION = ATTRIBUTES.index("progression")
_DAYS = 7


def in_flare(settings: Settings, requests: Requests) -> np.ndarray:
    """Return who has so much pain that a plan must be gentle, (n,)."""
    return np.asarray(requests.features[:, _PAIN] >= settings.flare_pain)


def usual_steps(settings: Settings, requests: Requests) -> np.ndarray:
    """Return the stated quantile of each participant's recent days, steps a day, (n,).

    Where no day is known, the steps last known, and where none ever were, what the scenario states.
    """
    days = requests.recent_steps.copy()
    days.sort(axis=1)  # what is unknown comes last
    missed = np.add.reduce(np.isnan(days), axis=1)
    around, part = _quantile_of(settings.step_quantile)
    at = around.take(missed, axis=1)
    at += np.arange(0, days.size, _DAYS)
    steps, more = days.take(at)
    more -= steps
    more *= part.take(missed)
    steps += more
    none = missed == _DAYS
    if np.count_nonzero(none):
        last = requests.features[:, _STEPS]
        last = np.where(np.isnan(last), settings.first_steps, last)
        steps = np.where(none, last, steps)
    return np.asarray(steps)


@cache
def _quantile_of(quantile: float) -> tuple[np.ndarray, np.ndarray]:
    """Return, by how many days are unknown, the two days around a quantile and the way between."""
    at = np.maximum(np.arange(_DAYS, -1, -1) - 1, 0) * quantile
    below = np.floor(at).astype(np.intp)
    part = at - below
    return np.stack([below, below + (part > 0.0)]), part


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
    rise = settings.step_rise * attributes[:, _PROGRESSION]
    if np.count_nonzero(flare):
        revised |= np.where(flare & (rise > 0.0), GOAL_HELD, 0).astype(np.uint8)
        rise = rise * ~flare
    if np.count_nonzero(avoided):
        revised |= (avoided > 0) * BAN_AVOIDED
    revised |= (minutes < settings.session_minutes) * TIME_FITTED
    goal = usual_steps(settings, requests) * (1.0 + rise)
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
