"""The effect pathway, in one place: dose x fit -> capacity and beliefs -> pain -> disability.

::

    exercise session x fit ─┐
                            ├─> capacity ──────────> pain ──(lag)──> disability
    steps at the goal ──────┘                                            ^
    education read x fit ──────> changed beliefs ────(lag)───────────────┘
                                       └──> self-efficacy, fear, illness perception

Each arrow is a parameter of ``[pathway]`` (or the lag and weights of ``[course]``) and can be set
to 0. No effect is added to an outcome: a plan that does not fit, or is not followed, does nothing.
"""

import numpy as np

from scenarios.app import Pathway
from scenarios.course import MechanisticCourse


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


class Benefit:
    """What the app has changed in n patients so far.

    Attributes
    ----------
    capacity, beliefs
        (n,) states from 0 (nothing gained) towards 1.
    disability_relief
        (n,) share of baseline disability relieved through pain and beliefs, lagged.
    """

    def __init__(self, pathway: Pathway, course: MechanisticCourse, patients: int) -> None:
        self._pathway = pathway
        self._course = course
        self._keep_capacity = 0.5 ** (1.0 / pathway.capacity_half_life)
        self._keep_beliefs = 0.5 ** (1.0 / pathway.belief_half_life)
        self._follow = 1.0 - np.exp(-1.0 / course.disability_lag)
        self.capacity = np.zeros(patients)
        self.beliefs = np.zeros(patients)
        self.disability_relief = np.zeros(patients)

    def advance(
        self,
        rows: np.ndarray,
        natural_pain_relief: np.ndarray,
        exercised: np.ndarray,
        walked: np.ndarray,
        read: np.ndarray,
        fit: np.ndarray,
    ) -> None:
        """Advance some patients by one day.

        Parameters
        ----------
        rows
            (m,) which patients.
        natural_pain_relief
            (m,) share of baseline pain resolved today without the app.
        exercised, walked, read
            (m,) dose of the day: exercise session done, step goal reached, message read (0 or 1).
        fit
            (m, 3) fit of the plan's exercise, education and step goal, 0 to 1.
        """
        p, c = self._pathway, self._course
        effect = (1.0 - p.tailoring_share) + p.tailoring_share * fit
        capacity = self.capacity[rows] * self._keep_capacity
        gain = (
            p.capacity_per_session * exercised * effect[:, 0]
            + p.capacity_per_steps * walked * effect[:, 2]
        )
        capacity += np.minimum(gain, 1.0) * (1.0 - capacity)
        beliefs = self.beliefs[rows] * self._keep_beliefs
        beliefs += np.minimum(p.belief_per_message * read * effect[:, 1], 1.0) * (1.0 - beliefs)
        target = (
            c.disability_from_pain * (1.0 - natural_pain_relief) * p.pain_from_capacity * capacity
            + p.disability_from_belief * beliefs
        )
        lagged = self.disability_relief[rows]
        self.capacity[rows] = capacity
        self.beliefs[rows] = beliefs
        self.disability_relief[rows] = lagged + self._follow * (target - lagged)
