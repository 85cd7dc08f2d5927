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

from dataclasses import dataclass

import numpy as np

from agents.precision import ONE, single
from scenarios.devices.app import Pathway
from scenarios.people.course import MechanisticCourse


def plan_fit(plans: np.ndarray, needs: np.ndarray, width: float) -> np.ndarray:
    """Return how well plans suit their patients, attribute by attribute.

    Parameters
    ----------
    plans, needs
        (n, attributes) values in 0 to 1.
    width
        Distance at which the fit has fallen to exp(-1/2).

    Returns
    -------
    (n, attributes) fits in (0, 1], 1 where plan and need agree.
    """
    return np.asarray(np.exp(-0.5 * ((plans - needs) / width) ** 2))


def eased_pain(pathway: Pathway, pain: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Return pain (NRS) as it is felt, less the share that capacity takes away; shapes as given."""
    return np.asarray(pain * (1.0 - pathway.pain_from_capacity * capacity))


def eased_disability(disability: np.ndarray, usual: np.ndarray, relief: np.ndarray) -> np.ndarray:
    """Return disability (RMDQ scale), less the share of its ``usual`` level that is relieved."""
    return np.asarray(disability - usual * relief)


@dataclass(frozen=True, slots=True)
class Dose:
    """What m patients did on one day.

    Attributes
    ----------
    exercised, walked, read
        (m,) exercise session done, step goal reached, education message read: 0 or 1.
    tools
        (m,) how many of the app's tools were used.
    """

    exercised: np.ndarray
    walked: np.ndarray
    read: np.ndarray
    tools: np.ndarray


class Benefit:
    """What the app has changed in n patients so far.

    Attributes
    ----------
    capacity, beliefs
        (n,) states from 0 (nothing gained) towards 1.
    disability_relief
        (n,) share of baseline disability relieved through pain and beliefs, lagged.
    states
        (3, n) these three.
    """

    def __init__(self, pathway: Pathway, course: MechanisticCourse, patients: int) -> None:
        self._pathway = pathway
        self._keep_capacity = single(0.5 ** (1.0 / pathway.capacity_half_life))
        self._keep_beliefs = single(0.5 ** (1.0 / pathway.belief_half_life))
        self._follow = single(1.0 - np.exp(-1.0 / course.disability_lag))
        self._pain_arrow = single(course.disability_from_pain * pathway.pain_from_capacity)
        self._belief_arrow = single(pathway.disability_from_belief)
        self._per_tool = single(pathway.belief_per_tool)
        self.states = np.zeros((3, patients), dtype=np.float32)
        self.capacity, self.beliefs, self.disability_relief = self.states
        self._per_session = np.zeros(patients, dtype=np.float32)
        self._per_steps = np.zeros(patients, dtype=np.float32)
        self._per_message = np.zeros(patients, dtype=np.float32)

    def follow(self, rows: np.ndarray, fit: np.ndarray) -> None:
        """Let some patients follow new plans.

        Parameters
        ----------
        rows
            (m,) which patients.
        fit
            (m, 3) fit of the plan's exercise, education and step goal, 0 to 1.
        """
        p = self._pathway
        effect = (1.0 - p.tailoring_share) + p.tailoring_share * fit
        self._per_session[rows] = p.capacity_per_session * effect[:, 0]
        self._per_message[rows] = p.belief_per_message * effect[:, 1]
        self._per_steps[rows] = p.capacity_per_steps * effect[:, 2]

    def advance(self, rows: slice, natural_pain_relief: np.ndarray, dose: Dose) -> None:
        """Advance some patients by one day.

        Parameters
        ----------
        rows
            Which m patients.
        natural_pain_relief
            (m,) share of baseline pain resolved today without the app.
        dose
            What they did today.
        """
        capacity, beliefs = self.capacity[rows], self.beliefs[rows]
        capacity *= self._keep_capacity
        gain = self._per_session[rows] * dose.exercised
        gain += self._per_steps[rows] * dose.walked
        np.minimum(gain, ONE, out=gain)
        gain *= ONE - capacity
        capacity += gain
        beliefs *= self._keep_beliefs
        gain = self._per_message[rows] * dose.read
        gain += dose.tools * self._per_tool
        np.minimum(gain, ONE, out=gain)
        gain *= ONE - beliefs
        beliefs += gain
        target = capacity * self._pain_arrow
        target *= ONE - natural_pain_relief
        target += beliefs * self._belief_arrow
        relief = self.disability_relief[rows]
        target -= relief
        target *= self._follow
        relief += target
