"""The effect pathway, in one place: dose x fit -> capacity and beliefs -> pain -> disability.

::

    exercise session x fit ─┐
                            ├─> capacity ──────────> pain ──(lag)──> disability
    steps at the goal ──────┘                                            ^
    education read x fit ───┬─> changed beliefs ─────(lag)───────────────┘
    tools used ─────────────┘          └──> self-efficacy, fear, illness perception

Each arrow is a parameter of ``[pathway]`` (or the lag and weights of ``[course]``) and can be set
to 0. No effect is added to an outcome: a plan that does not fit, or is not followed, does nothing.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from scenarios.devices.app import Pathway
from scenarios.people.course import MechanisticCourse

Values = Any
"""A number, or an array of them."""
_ONE = np.float32(1.0)


def plan_fit(plan: float, need: float, width: float) -> float:
    """Return how well an attribute of a plan suits a patient, 1 where plan and need agree.

    Parameters
    ----------
    plan, need
        Values in 0 to 1.
    width
        Distance at which the fit has fallen to exp(-1/2).
    """
    far = (plan - need) / width
    return math.exp(-0.5 * far * far)


BENEFIT_STATE = [
    ("capacity", "f4"), ("beliefs", "f4"), ("disability_relief", "f4"),
    ("per_session", "f4"), ("per_steps", "f4"), ("per_message", "f4"),
]  # fmt: skip
"""What a user's record keeps: capacity and beliefs, from 0 (nothing gained) towards 1; the share of
baseline disability relieved through both, lagged; what the plan in force gains by an exercise
session, a day at the step goal, a message read."""


class BenefitRules(NamedTuple):
    """What doses change from day to day.

    Attributes
    ----------
    keep_capacity, keep_beliefs
        Share that a day leaves.
    per_tool
        Change of beliefs by each tool used.
    relief_by_capacity, relief_by_beliefs
        Share of baseline disability that they relieve in the end.
    follow
        Share of the way there that a day goes.
    pain_from_capacity
        Share of pain that full capacity takes away.
    tailoring_share, capacity_per_session, capacity_per_steps, belief_per_message
        As in the scenario's ``[pathway]``.
    """

    keep_capacity: np.float32
    keep_beliefs: np.float32
    per_tool: np.float32
    relief_by_capacity: np.float32
    relief_by_beliefs: np.float32
    follow: np.float32
    pain_from_capacity: np.float32
    tailoring_share: float
    capacity_per_session: float
    capacity_per_steps: float
    belief_per_message: float

    @classmethod
    def of(cls, pathway: Pathway, course: MechanisticCourse) -> "BenefitRules":
        """Return the rules of a scenario."""
        return cls(
            np.float32(0.5 ** (1.0 / pathway.capacity_half_life)),
            np.float32(0.5 ** (1.0 / pathway.belief_half_life)),
            np.float32(pathway.belief_per_tool),
            np.float32(course.disability_from_pain * pathway.pain_from_capacity),
            np.float32(pathway.disability_from_belief),
            np.float32(1.0 - np.exp(-1.0 / course.disability_lag)),
            np.float32(pathway.pain_from_capacity),
            pathway.tailoring_share,
            pathway.capacity_per_session,
            pathway.capacity_per_steps,
            pathway.belief_per_message,
        )


def follow_plan(
    user: Any, rules: BenefitRules, exercise: float, education: float, steps: float
) -> None:
    """Let a user (a record with :data:`BENEFIT_STATE`) follow a new plan.

    Parameters
    ----------
    user
        Whose plan it is.
    rules
        What doses of plans that fit in full gain, and how much of it depends on the fit.
    exercise, education, steps
        Fit of each part of the plan, 0 to 1.
    """
    share = rules.tailoring_share
    user.per_session = rules.capacity_per_session * (1.0 - share + share * exercise)
    user.per_message = rules.belief_per_message * (1.0 - share + share * education)
    user.per_steps = rules.capacity_per_steps * (1.0 - share + share * steps)


def eased_pain(pathway: Pathway | BenefitRules, pain: Values, capacity: Values) -> Values:
    """Return pain (NRS) as it is felt, less the share that capacity takes away; shapes as given."""
    return pain * (_ONE - pathway.pain_from_capacity * capacity)


def eased_disability(disability: Values, usual: Values, relief: Values) -> Values:
    """Return disability (RMDQ scale), less the share of its ``usual`` level that is relieved."""
    return disability - usual * relief


def benefit(
    user: Any,
    rules: BenefitRules,
    exercised: bool,
    walked: bool,
    read: bool,
    tools: int,
    natural_pain_relief: np.float32,
) -> None:
    """Let a user's states change by what was done today.

    Parameters
    ----------
    user
        Record with :data:`BENEFIT_STATE`.
    rules
        What doses change.
    exercised, walked, read
        Whether an exercise session was done, the step goal reached, an education message read.
    tools
        How many of the app's tools were used.
    natural_pain_relief
        Share of baseline pain resolved today without the app.
    """
    gain = user.per_session * np.float32(exercised) + user.per_steps * np.float32(walked)
    kept = user.capacity * rules.keep_capacity
    user.capacity = kept + min(gain, _ONE) * (_ONE - kept)
    gain = user.per_message * np.float32(read) + np.float32(tools) * rules.per_tool
    kept = user.beliefs * rules.keep_beliefs
    user.beliefs = kept + min(gain, _ONE) * (_ONE - kept)
    target = user.capacity * rules.relief_by_capacity * (_ONE - natural_pain_relief)
    target += user.beliefs * rules.relief_by_beliefs
    user.disability_relief += (target - user.disability_relief) * rules.follow
