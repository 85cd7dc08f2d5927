"""What a recommender is asked and what it answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

FEATURES = (
    "age", "pain", "disability", "self_efficacy", "fear", "steps", "physical_activity", "stress",
)  # fmt: skip
"""What a recommender knows of a patient, in the order of every feature array."""

ATTRIBUTES = ("load", "strength_share", "reassurance", "progression")
"""What a plan decides, each 0 to 1, in the order of every plan array."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Tailoring sessions of n participants, waiting for their plans.

    Attributes
    ----------
    features
        (n, features) current values, columns in the order of :data:`FEATURES`, in their own units.
    previous
        (n, attributes) last week's plan, NaN in the first week.
    recent_steps
        (n,) mean recorded steps a day, NaN where nothing was recorded.
    luck
        (n, attributes) uniforms that belong to the participant and the week, for recommenders
        that choose by chance.
    """

    features: np.ndarray
    previous: np.ndarray
    recent_steps: np.ndarray
    luck: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans for the coming week, a row a request.

    Attributes
    ----------
    attributes
        (n, attributes) in 0 to 1, columns in the order of :data:`ATTRIBUTES`.
    similarity
        (n,) mean similarity of the cases behind the plan, NaN where there are none.
    revised
        (n,) whether safety or gradual progression changed what the cases suggested.
    """

    attributes: np.ndarray
    similarity: np.ndarray
    revised: np.ndarray


@dataclass(frozen=True, slots=True)
class Experience:
    """How last week's plans went.

    Attributes
    ----------
    features
        (n, features) as they were when the plan was made.
    attributes
        (n, attributes) the plan.
    outcome
        (n,) 0 (useless) to 1 (done in full, and the patient is better).
    """

    features: np.ndarray
    attributes: np.ndarray
    outcome: np.ndarray


class Recommender(Protocol):
    """Anything that advises: one batched method for advice, one for learning."""

    def recommend(self, requests: Requests) -> Plans:
        """Return a plan for every request, in the same order."""
        ...

    def learn(self, experience: Experience) -> None:
        """Take note of how plans went; may do nothing."""
        ...
