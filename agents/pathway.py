"""The effect pathway, in one place: dose x fit -> capacity and beliefs -> pain -> disability.

::

    exercise session x fit ─┐
              │             ├─> capacity ──────────> pain ──(lag)──> disability
              │  steps ─────┘                        ^                   ^
              └─ load far above capacity ──> flare ──┘                   │
    education read x fit ───┬─> changed beliefs ─────(lag)───────────────┘
    tools used ─────────────┘          └──> self-efficacy, fear, illness perception

Each arrow is a parameter of ``[pathway]`` (or the lag and weights of ``[course]``) and can be set
to 0. No effect is added to an outcome: a plan that does not fit, or is not followed, does nothing.
Steps that are walked because a wristband is worn (``step_sources.mi_band.adds``) count as those of
a plan that does not fit, with a plan or without.
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
    ("capacity", "f4"), ("beliefs", "f4"), ("disability_relief", "f4"), ("flare", "f4"),
    ("per_session", "f4"), ("per_steps", "f4"), ("per_message", "f4"), ("harm", "f4"),
]  # fmt: skip
"""What a user's record keeps: capacity and beliefs, from 0 (nothing gained) towards 1; the share of
baseline disability relieved through both, lagged; the rise of pain by flares after exercise; what
the plan in force gains by an exercise session, by a full day's steps, by a message read; the
probability that a session of it brings a flare on."""


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
    flare_height, keep_flare
        NRS points by which a flare after exercise raises pain, and the share that a day leaves.
    tailoring_share, capacity_per_session, capacity_per_steps, belief_per_message, steps_scale
        As in the scenario's ``[pathway]``.
    flare_from, flare_per_overload
        Likewise.
    per_own_steps
        What a full day's steps gain that no plan asked for: as much as with a plan that does not
        fit, since nothing in them is made for the person.
    """

    keep_capacity: np.float32
    keep_beliefs: np.float32
    per_tool: np.float32
    relief_by_capacity: np.float32
    relief_by_beliefs: np.float32
    follow: np.float32
    pain_from_capacity: np.float32
    flare_height: np.float32
    keep_flare: np.float32
    tailoring_share: float
    capacity_per_session: float
    capacity_per_steps: float
    belief_per_message: float
    steps_scale: float
    flare_from: float
    flare_per_overload: float
    per_own_steps: np.float32

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
            np.float32(pathway.flare_height),
            np.float32(np.exp(-1.0 / pathway.flare_days)),
            pathway.tailoring_share,
            pathway.capacity_per_session,
            pathway.capacity_per_steps,
            pathway.belief_per_message,
            pathway.steps_scale,
            pathway.flare_from,
            pathway.flare_per_overload,
            np.float32(pathway.capacity_per_steps * (1.0 - pathway.tailoring_share)),
        )


def follow_plan(
    user: Any,
    rules: BenefitRules,
    exercise: float,
    education: float,
    steps: float,
    overload: float,
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
    overload
        Plan units of load above what the user can do by now; below 0 where it is less.
    """
    share = rules.tailoring_share
    user.per_session = rules.capacity_per_session * (1.0 - share + share * exercise)
    user.per_message = rules.belief_per_message * (1.0 - share + share * education)
    user.per_steps = rules.capacity_per_steps * (1.0 - share + share * steps)
    user.harm = min(rules.flare_per_overload * max(overload - rules.flare_from, 0.0), 1.0)


def steps_dose(rules: BenefitRules, usual: Values, steps: Values, own: Values, met: bool) -> float:
    """Return what a day's steps count, 0 to 1: 1 for as many as can do any more good.

    Steps above the person's own level count, less and less of each; and only what was walked more
    than without a goal, so that a day on which somebody would have walked far anyway is no dose.

    Parameters
    ----------
    rules
        With the steps above one's own that count 1 - 1/e, or 0 where only the goal counts.
    usual, steps
        Steps that would have been walked today without a goal, and with it.
    own
        Mean steps a day of the person without a goal.
    met
        Whether the goal was met.
    """
    if rules.steps_scale == 0.0:
        return 1.0 if met else 0.0
    return dose_of_more(rules, usual, steps, own)


def dose_of_more(rules: BenefitRules, usual: Values, steps: Values, own: Values) -> float:
    """Return what walking ``steps`` and not ``usual`` counts, 0 to 1, whoever asked for it.

    Nothing where only a goal counts; otherwise as :func:`steps_dose`.
    """
    if rules.steps_scale == 0.0:
        return 0.0
    anyway = math.exp(-max(float(usual - own), 0.0) / rules.steps_scale)
    return anyway - math.exp(-max(float(steps - own), 0.0) / rules.steps_scale)


def eased_pain(pathway: Pathway | BenefitRules, pain: Values, capacity: Values) -> Values:
    """Return pain (NRS) as it is felt, less the share that capacity takes away; shapes as given."""
    return pain * (_ONE - pathway.pain_from_capacity * capacity)


def felt_pain(
    pathway: Pathway | BenefitRules, pain: Values, capacity: Values, flare: Values
) -> Values:
    """Return pain (NRS) as it is felt by who has the app; shapes as given.

    Parameters
    ----------
    pathway
        How capacity eases pain.
    pain
        Without the app.
    capacity
        Gained through the app.
    flare
        Rise of pain by flares after exercise; what is felt stays at most 10.
    """
    eased = eased_pain(pathway, pain, capacity)
    return np.minimum(eased + flare, np.maximum(eased, np.float32(10.0)))


def eased_disability(disability: Values, usual: Values, relief: Values) -> Values:
    """Return disability (RMDQ scale), less the share of its ``usual`` level that is relieved."""
    return disability - usual * relief


def benefit(
    user: Any,
    rules: BenefitRules,
    exercised: bool,
    walked: float,
    by_wearing: float,
    read: bool,
    tools: int,
    natural_pain_relief: np.float32,
    hurt: np.float32,
) -> None:
    """Let a user's states change by what was done today.

    Parameters
    ----------
    user
        Record with :data:`BENEFIT_STATE`.
    rules
        What doses change.
    exercised, read
        Whether an exercise session was done, an education message read.
    walked
        What the day's steps towards the goal count, see :func:`steps_dose`.
    by_wearing
        What the steps count that were walked because a wristband was worn.
    tools
        How many of the app's tools were used.
    natural_pain_relief
        Share of baseline pain resolved today without the app.
    hurt
        Uniform draw that decides whether a session brings a flare on.
    """
    gain = user.per_session * np.float32(exercised) + user.per_steps * np.float32(walked)
    gain += rules.per_own_steps * np.float32(by_wearing)
    kept = user.capacity * rules.keep_capacity
    user.capacity = kept + min(gain, _ONE) * (_ONE - kept)
    gain = user.per_message * np.float32(read) + np.float32(tools) * rules.per_tool
    kept = user.beliefs * rules.keep_beliefs
    user.beliefs = kept + min(gain, _ONE) * (_ONE - kept)
    target = user.capacity * rules.relief_by_capacity * (_ONE - natural_pain_relief)
    target += user.beliefs * rules.relief_by_beliefs
    user.disability_relief += (target - user.disability_relief) * rules.follow
    user.flare *= rules.keep_flare
    if exercised and hurt < user.harm:
        user.flare = max(user.flare, rules.flare_height)
