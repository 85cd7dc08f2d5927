"""P value, limits and estimate of a trial with looks, by the stage-wise ordering.

A boundary reached earlier is stronger evidence against the null than one reached later (Tsiatis,
Rosner and Mehta 1984, Biometrics 40:797-803; Jennison and Turnbull 2000, section 8.4). So is, on
the side of harm, any boundary than a stop for futility: such a stop is ordered behind trials that
reach the boundary of harm later, for they count as harmful and it does not.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.data.estimates import Estimate
from analysis.decision.rule import Rule
from analysis.sequential.group_sequential import Sides, crossing_probabilities, root

REACH = 15.0
"""Standard errors from an estimate within which its limits are searched."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a trial ended.

    Attributes
    ----------
    information
        (looks,) at the looks with an estimate up to the end, and at planned later ones where the
        trial stopped for futility.
    bounds
        (looks,) upper boundaries there.
    place
        Of the look at which it ended.
    z
        Z then, positive in favour of the intervention.
    sides
        Of the test.
    """

    information: np.ndarray
    bounds: np.ndarray
    place: int
    z: float
    sides: Sides

    def in_favour(self, drift: float) -> float:
        """Return the chance of as much in favour of the intervention, or more.

        Parameters
        ----------
        drift
            Mean of Z at the look at which the trial ended.
        """
        return self._chances(drift)[0]

    def against(self, drift: float) -> float:
        """Return the chance of as much against the intervention, or more."""
        return self._chances(drift)[1]

    def drift(self, level: float) -> float:
        """Return the drift with which a chance of as much in favour, or more, has a level."""
        favourable = self.z >= 0.0
        wanted = level if favourable else 1.0 - level
        found = self.in_favour if favourable else self.against
        return root(lambda drift: found(drift) - wanted, self.z - REACH, self.z + REACH, 1e-10)

    def _chances(self, drift: float) -> tuple[float, float]:
        upper = self.bounds.copy()
        lower = -self.bounds if self.sides == 2 else np.full(len(upper), -np.inf)
        harmful = self.z < 0.0
        if harmful:
            # Later looks count: what reaches the boundary of harm there is more harmful.
            lower[self.place] = self.z
        else:
            upper, lower = upper[: self.place + 1], lower[: self.place + 1]
            upper[-1] = self.z
        information = self.information[: len(upper)]
        at_end = drift * np.sqrt(information[-1] / self.information[self.place])
        found = crossing_probabilities(information, upper, at_end, lower=lower)
        share = float(found.lower.sum() if harmful else found.upper.sum())
        return (1.0 - share, share) if harmful else (share, 1.0 - share)


def allow_for_looks(
    estimate: Estimate, ending: Ending, rule: Rule, confidence: float
) -> tuple[Estimate, float]:
    """Return an estimate with P values and limits that allow for looks, and a median-unbiased one.

    Parameters
    ----------
    estimate
        Of the look at which the trial ended.
    ending
        Where that was.
    rule
        The test that the looks hold.
    confidence
        Level of the limits.
    """
    value, se, z = estimate.estimate, estimate.se, ending.z
    if value is None or se is None:
        raise ValueError("there is no estimate to allow for the looks")
    # Limits are found as drifts of Z, and brought back to the scale of the estimate by its ratio to
    # Z, which for a t distribution is not its standard error.
    scale = (rule.better * value + rule.margin) / z if z else se
    rest = (1.0 - confidence) / 2.0

    def effect(level: float) -> float:
        return rule.better * (ending.drift(level) * scale - rule.margin)

    lower, upper = sorted((effect(rest), effect(1.0 - rest)))
    no_difference = rule.margin / scale
    p = 2.0 * min(ending.in_favour(no_difference), ending.against(no_difference))
    p_decision = p if rule.sides == 2 else ending.in_favour(0.0)
    found = replace(estimate, lower=lower, upper=upper, p=min(p, 1.0), p_decision=p_decision)
    return found, effect(0.5)
