"""What a recommender is asked and what it answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recommender.catalogue import Catalogue
from scenarios.people.patients import PLAN_ATTRIBUTES

FEATURES = (
    "age", "pain", "disability", "sleep", "stress", "self_efficacy", "fear", "barriers",
    "work_load", "physical_activity", "steps", "sessions",
)  # fmt: skip
"""What a recommender knows of a patient, in the order of every feature array."""

ATTRIBUTES = PLAN_ATTRIBUTES
"""What a plan decides, each 0 to 1, in the order of every plan array."""

REVISIONS = (
    "load cut in a flare",
    "change of load limited",
    "contraindicated exercise avoided",
    "fitted to the available minutes",
    "step goal held in a flare",
    "replaced by the fallback plan",
)
"""What revision may do to a plan; the first is bit 0 of :attr:`Plans.revised`."""

EXERCISES, MESSAGES, TOOLS = 6, 7, 2
"""Most exercises, education messages and tools in a plan."""

HIGHEST_GOAL = 100_000.0
"""Steps a day above which no step goal makes sense."""


class RecommenderError(RuntimeError):
    """A recommender failed, or what it answered cannot be used."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Tailoring sessions of n participants, waiting for their plans.

    Attributes
    ----------
    participant
        (n,) whole number of the person, the same in every session, arm and scenario.
    arm
        (n,) whole number of the participant's arm, 1 for the first arm with an app.
    week
        (n,) weeks since installation, from 0.
    features
        (n, features) current values, columns in the order of :data:`FEATURES`, in the units of the
        scenario's margins; steps a day, and exercise sessions in the week before. NaN where not
        known: no steps were recorded, or there was no plan in the week before.
    previous
        (n, attributes) last week's plan, NaN in the first week.
    recent_steps
        (n, 7) steps recorded on each of the 7 days before, NaN where the app knows of none.
    baseline_steps
        (n,) mean steps a day recorded in the first week with the app, as far as it is over and the
        app knows; NaN where it knows of no day.
    available_minutes
        (n,) minutes that the participant has for an exercise session.
    contraindications
        (n,) loads that an exercise must not have, bits of :data:`recommender.catalogue.LOADS`.
    draws
        (n, attributes) uniform draws that belong to the participant and the week, for random
        recommenders.
    """

    participant: np.ndarray
    arm: np.ndarray
    week: np.ndarray
    features: np.ndarray
    previous: np.ndarray
    recent_steps: np.ndarray
    baseline_steps: np.ndarray
    available_minutes: np.ndarray
    contraindications: np.ndarray
    draws: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans for the coming week, a row a request.

    Attributes
    ----------
    attributes
        (n, attributes) in 0 to 1, columns in the order of :data:`ATTRIBUTES`.
    exercises, messages, tools
        (n, :data:`EXERCISES`), (n, :data:`MESSAGES`), (n, :data:`TOOLS`) whole numbers: positions
        in the catalogue, -1 in places that are not used.
    step_goal
        (n,) steps a day.
    similarity
        (n,) mean similarity of the cases behind the plan, NaN where there are none.
    cases
        (n, k) whole numbers of the cases behind the plan, the most similar first, -1 in places
        that are not used; any k, 0 for a recommender without cases.
    similarities, weights
        (n, k) similarity of each of the cases, and its weight in the plan.
    revised
        (n,) what revision changed, bits of :data:`REVISIONS`.
    """

    attributes: np.ndarray
    exercises: np.ndarray
    messages: np.ndarray
    tools: np.ndarray
    step_goal: np.ndarray
    similarity: np.ndarray
    cases: np.ndarray
    similarities: np.ndarray
    weights: np.ndarray
    revised: np.ndarray

    def __len__(self) -> int:
        return len(self.attributes)


@dataclass(frozen=True, slots=True)
class Experience:
    """How plans of the week before went.

    Attributes
    ----------
    participant, arm
        (n,) as in :class:`Requests`.
    features
        (n, features) as they were when the plan was made.
    attributes
        (n, attributes) the plan.
    nearest, similarity
        (n,) the first of the plan's cases, -1 without cases, and its similarity.
    outcome
        (n,) 0 (useless) to 1 (done in full, and the patient is better).
    """

    participant: np.ndarray
    arm: np.ndarray
    features: np.ndarray
    attributes: np.ndarray
    nearest: np.ndarray
    similarity: np.ndarray
    outcome: np.ndarray


class Recommender(Protocol):
    """Anything that advises: one batched method for advice, one for learning."""

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        ...

    def learn(self, experience: Experience) -> None:
        """Take note of how plans went; may do nothing."""
        ...


def check_plans(requests: Requests, plans: Plans, catalogue: Catalogue) -> None:
    """Check that what a recommender answers can be used.

    Raises
    ------
    RecommenderError
        If an array is missing or of the wrong shape or type, a number is missing or out of range,
        or a plan has what the catalogue does not, in a sentence that names the first participant
        concerned.
    """
    if not isinstance(plans, Plans):
        raise RecommenderError(f"the answer is {type(plans).__name__}, not Plans")
    n = len(requests)
    _check_shapes(n, plans)
    unit = (0.0, 1.0)
    for column, name in enumerate(ATTRIBUTES):
        _check_range(requests, f"attribute {name}", plans.attributes[:, column, None], unit)
    _check_range(requests, "step goal", plans.step_goal[:, None], (0.0, HIGHEST_GOAL))
    for what, chosen, offered in (
        ("exercise", plans.exercises, len(catalogue.exercises)),
        ("message", plans.messages, len(catalogue.messages)),
        ("tool", plans.tools, len(catalogue.tools)),
    ):
        outside = (chosen < -1) | (chosen >= offered)
        if outside.any():
            row, place = np.argwhere(outside)[0]
            raise RecommenderError(
                f"{_whose(requests, row)} has {what} {chosen[row, place]}, but the catalogue has "
                f"0 to {offered - 1}"
            )
    if (plans.cases < -1).any():
        raise RecommenderError("case numbers must be at least 0, or -1 where there is no case")
    used = plans.cases >= 0
    for what, values in (("similarity", plans.similarities), ("weight", plans.weights)):
        _check_range(requests, f"{what} of a case", np.where(used, values, 0.0), unit)
    none = np.isnan(plans.similarity)
    _check_range(requests, "similarity", np.where(none, 0.0, plans.similarity)[:, None], unit)
    unknown = (plans.revised < 0) | (plans.revised >= 1 << len(REVISIONS))
    if unknown.any():
        raise RecommenderError(
            f"{_whose(requests, int(unknown.argmax()))} has unknown bits in revised: "
            f"{plans.revised[unknown.argmax()]}, must be 0 to {(1 << len(REVISIONS)) - 1}"
        )


def _check_shapes(n: int, plans: Plans) -> None:
    whole = ("exercises", "messages", "tools", "cases", "revised")
    columns: dict[str, tuple[int, ...]] = {
        "attributes": (len(ATTRIBUTES),), "exercises": (EXERCISES,), "messages": (MESSAGES,),
        "tools": (TOOLS,), "step_goal": (), "similarity": (), "revised": (),
    }  # fmt: skip
    for name in Plans.__dataclass_fields__:
        given = getattr(plans, name)
        if not isinstance(given, np.ndarray):
            raise RecommenderError(f"{name} is {type(given).__name__}, not an array")
        if given.ndim == 0 or len(given) != n:
            count = 0 if given.ndim == 0 else len(given)
            raise RecommenderError(f"{name}: {count} answers to {n} requests")
        if name in {"cases", "similarities", "weights"}:
            agree = given.ndim == 2 and given.shape == plans.cases.shape
            expected = "one column a case, as many in cases, similarities and weights"
        else:
            agree = given.shape == (n, *columns[name])
            expected = f"shape {(n, *columns[name])}"
        if not agree:
            raise RecommenderError(f"{name} has shape {given.shape}, must have {expected}")
        kinds = "iu" if name in whole else "fiu"
        if given.dtype.kind not in kinds:
            wanted = "whole numbers" if name in whole else "numbers"
            raise RecommenderError(f"{name} holds {given.dtype}, must hold {wanted}")


def _check_range(
    requests: Requests, what: str, values: np.ndarray, limits: tuple[float, float]
) -> None:
    low, high = limits
    wrong = ~((values >= low) & (values <= high))
    if wrong.any():
        row, place = np.argwhere(wrong)[0]
        raise RecommenderError(
            f"{_whose(requests, row)} has {what} {values[row, place]:g}, must be {low:g} to "
            f"{high:g}"
        )


def _whose(requests: Requests, row: int) -> str:
    return f"the plan of participant {requests.participant[row]}"
