"""What all recommenders of ours share: a step goal and content for given attributes."""

import numpy as np

from recommender.content import choose_education, choose_exercises
from recommender.protocol import ATTRIBUTES, FEATURES, REVISIONS, Plans, Requests
from scenarios.compiled.kernels import kernel
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
    exercises, avoided = choose_exercises()(
        attributes,
        requests.contraindications,
        requests.available_minutes,
        requests.week % settings.variety,
        settings.session_minutes,
    )
    messages, tools = choose_education()(attributes, requests.features, requests.week)
    goal = step_goals(
        attributes,
        requests.recent_steps,
        requests.features,
        flare,
        settings.step_quantile,
        settings.first_steps if settings.first_goal == "stated" else 0.0,
        settings.step_rise,
    )
    if settings.goal_floor == "baseline":
        goal = np.where(flare, goal, np.fmax(goal, requests.baseline_steps))
    goal = rounded(goal, settings.goal_rounding)
    add_revisions(
        revised, attributes, flare, avoided, requests.available_minutes, settings.session_minutes
    )
    if cases is None:
        none = np.empty((len(requests), 0))
        similarity = np.full(len(requests), np.nan)
        cases = none.astype(np.int64), none, none
    else:
        similarity = np.add.reduce(cases[1], axis=1) / cases[1].shape[1]
    numbers, alike, weights = cases
    return Plans(
        attributes, exercises, messages, tools, goal, similarity, numbers, alike, weights, revised
    )


def rounded(goal: np.ndarray, step: float) -> np.ndarray:
    """Return step goals rounded up to the next ``step``; as they are where that is 0."""
    return np.ceil(goal / step) * step if step else goal


@kernel
def add_revisions(
    revised: np.ndarray,
    attributes: np.ndarray,
    flare: np.ndarray,
    avoided: np.ndarray,
    available: np.ndarray,
    most: int,
) -> None:
    """Add to the (n,) bits of revisions what became of the goal and of the exercises.

    Parameters
    ----------
    revised
        (n,) bits of :data:`recommender.protocol.REVISIONS`; changed in place.
    attributes, flare
        (n, attributes) of the plans, and (n,) in whom the step goal must not rise.
    avoided
        (n,) whether there were exercises that must not be done.
    available, most
        (n,) minutes that there are for a session, and those of the usual session.
    """
    for row in range(len(revised)):
        if flare[row] and attributes[row, _PROGRESSION] > 0.0:
            revised[row] |= GOAL_HELD
        if avoided[row]:
            revised[row] |= BAN_AVOIDED
        if available[row] < most:
            revised[row] |= TIME_FITTED


@kernel
def step_goals(
    attributes: np.ndarray,
    recent: np.ndarray,
    features: np.ndarray,
    flare: np.ndarray,
    quantile: float,
    first_steps: float,
    most_rise: float,
) -> np.ndarray:
    """Return step goals, steps a day, (n,): above what is usual, but not in a flare.

    Parameters
    ----------
    attributes, recent, features
        (n, attributes) of the plans; (n, days) and (n, features) of
        :class:`recommender.protocol.Requests`.
    flare
        (n,) in whom the goal must not rise.
    quantile, first_steps
        See :func:`usual_steps`.
    most_rise
        Proportion by which the goal is higher at full progression.
    """
    goals = np.empty(len(recent))
    for row in range(len(recent)):
        usual = usual_steps(recent[row], features[row], quantile, first_steps)
        rise = 0.0 if flare[row] else most_rise * attributes[row, _PROGRESSION]
        goals[row] = usual * (1.0 + rise)
    return goals


def usual_steps(
    recent: np.ndarray, features: np.ndarray, quantile: float, first_steps: float
) -> float:
    """Return a quantile of a participant's recent days, steps a day.

    Where no day is known, the steps last known, and where none ever were, what is stated.

    Parameters
    ----------
    recent, features
        (days,) and (features,) of :class:`recommender.protocol.Requests`.
    quantile
        Of the days that are known; it falls between two of them, in proportion.
    first_steps
        What is stated.
    """
    days = np.sort(recent)  # what is unknown comes last
    known = len(days) - np.isnan(days).sum()
    if known == 0:
        return first_steps if np.isnan(features[_STEPS]) else float(features[_STEPS])
    at = (known - 1) * quantile
    below = int(at)
    above = min(below + 1, known - 1)
    more = (days[above] - days[below]) * np.float64(at - below)
    return float(days[below] + days.dtype.type(more))
