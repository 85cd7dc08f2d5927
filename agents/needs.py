"""What would suit a patient today: needs move with recovery, what was gained, and flares.

A need is a rank, 0 to 1, of the plan that suits the patient (:mod:`agents.population`). At
enrolment it is as drawn. With full recovery, by itself or through exercise, the suitable load,
share of strength and rise of the step goal are those of a healthy person, 1; a flare takes them
back towards 0. Changed beliefs make reassurance needless.
"""

from typing import NamedTuple

import numpy as np

from agents.population import NEED_NAMES
from scenarios.compiled.kernels import kernel
from scenarios.devices.app import Pathway

LOAD, STRENGTH, REASSURANCE, PROGRESSION = range(len(NEED_NAMES))


class NeedRules(NamedTuple):
    """How needs move, and what suits a patient beside them.

    Attributes
    ----------
    move
        0 where needs stay as they were, 1 where full recovery makes a healthy person's.
    load_peak
        Load above what can be done by now at which a session gains most.
    """

    move: float
    load_peak: float

    @classmethod
    def of(cls, pathway: Pathway) -> "NeedRules":
        """Return the rules of a scenario."""
        return cls(pathway.needs_move, pathway.load_peak)


class PresentNeeds(NamedTuple):
    """Needs of n patients as they are now.

    Attributes
    ----------
    present
        (n, needs) in the order of :data:`agents.population.NEED_NAMES`.
    plan
        (n, needs) the plan that suits them best.
    """

    present: np.ndarray
    plan: np.ndarray

    @classmethod
    def at_enrolment(cls, needs: np.ndarray, rules: NeedRules) -> "PresentNeeds":
        """Return what suits patients whose needs are those of (n, needs) at enrolment."""
        plan = needs.copy()
        plan[:, LOAD] = np.minimum(plan[:, LOAD] + rules.load_peak, 1.0)
        return cls(needs.copy(), plan)


@kernel
def move_needs(
    present: np.ndarray,
    at_enrolment: np.ndarray,
    rules: NeedRules,
    recovered: float,
    gained: float,
    believed: float,
    pain_rise: float,
) -> None:
    """Put a patient's present needs in place.

    Parameters
    ----------
    present, at_enrolment
        (needs,) in the order of :data:`agents.population.NEED_NAMES`; the first is changed.
    rules
        How far needs move.
    recovered
        Share of baseline pain resolved by itself, at most 1; below 0 where it got worse.
    gained, believed
        Capacity and changed beliefs through the app, 0 to 1.
    pain_rise
        NRS points of pain today above that at baseline, 10 at most; below 0 where there is less.
    """
    # What is left of the way to a healthy person's needs, by itself and by exercise, multiplies.
    way = rules.move * (1.0 - (1.0 - max(float(recovered), 0.0)) * (1.0 - float(gained)))
    back = 1.0 - rules.move * min(max(float(pain_rise), 0.0) / 10.0, 1.0)
    for need in (LOAD, STRENGTH, PROGRESSION):
        start = at_enrolment[need]
        present[need] = (start + (1.0 - start) * way) * back
    present[REASSURANCE] = at_enrolment[REASSURANCE] * (1.0 - rules.move * float(believed))


@kernel
def suits(present: np.ndarray, rules: NeedRules, plan: np.ndarray) -> None:
    """Put the plan that suits present needs best into ``plan``, (needs,)."""
    plan[:] = present
    plan[LOAD] = min(present[LOAD] + rules.load_peak, 1.0)
