"""Minimization: the arm that balances the margins of prognostic factors better is favoured."""

from collections.abc import Sequence

import numpy as np

from scenarios.arms import ARM_CODES, CONTROL, INTERVENTION
from scenarios.design.allocation import Minimization
from scenarios.design.trial import Design
from sim.core.cohort import Cohort


def factor_levels(factors: Sequence[str], design: Design, cohort: Cohort) -> list[list[int]]:
    """Return the level of each factor of each row of a cohort: a list a row, a code a factor."""
    columns = []
    for factor in factors:
        if factor in design.factors:
            names = [stratum.levels[factor] for stratum in design.strata]
            codes = np.array([names.index(name) for name in names])[cohort.stratum]
        else:
            codes = cohort.patients.values[factor].astype(np.int64)
        columns.append(codes.tolist())
    return [list(row) for row in zip(*columns, strict=True)]


class Minimizer:
    """Allocates participants one after another by minimization.

    For the newcomer's level of each factor, an arm's imbalance is what the arms' counts, each
    divided by the arm's part of the ratio, would differ by if that arm were given: their
    difference or their variance, summed over factors (Pocock and Simon, Biometrics 1975;31:103).
    The arm with the smaller sum is favoured. With two arms whose parts of the ratio are a <= b, the
    smaller arm is given with probability p when it is favoured, and the larger arm with
    1 - a/b (1 - p) (the biased coin of Han, Enas and McEntegart, Statistics in Medicine
    2009;28:3329): were each arm favoured as often as the ratio says, so would it be given. Where
    neither is favoured, the ratio decides.

    Margins stay balanced, so the ratio holds over the trial. With an unequal one it does not hold
    at each place in the order: the first participant is more likely than the ratio says to be given
    the larger arm (Kuznetsova and Tymofyeyev, Statistics in Medicine 2012;31:701).

    Parameters
    ----------
    method
        Imbalance of a margin, and probability p.
    ratio
        Control to intervention.
    levels
        A list a row: the code of its level of each factor.
    draws
        (n,) uniforms, one of each person.
    """

    def __init__(
        self,
        method: Minimization,
        ratio: tuple[int, int],
        levels: Sequence[Sequence[int]],
        draws: np.ndarray,
    ) -> None:
        self._ratio, self._levels, self._draws = ratio, levels, draws.tolist()
        self._squared = method.imbalance == "variance"
        self._favoured = favoured_probabilities(ratio, method.probability)
        self._counts: list[dict[int, list[int]]] = [{} for _ in method.factors]

    def __call__(self, row: int) -> int:
        """Return the arm of the next participant."""
        margins = [
            counts.setdefault(level, [0, 0])
            for counts, level in zip(self._counts, self._levels[row], strict=True)
        ]
        arm = int(self._draws[row] >= self.control_probability(margins))
        for margin in margins:
            margin[arm] += 1
        return arm

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """Return the arms of the next participants, one after another."""
        return np.array([self(row) for row in rows.tolist()])

    def control_probability(self, margins: Sequence[Sequence[int]]) -> float:
        """Return the probability of control, given both arms' counts at the newcomer's levels."""
        control, intervention = (self._imbalance(margins, arm) for arm in ARM_CODES)
        if control < intervention:
            return self._favoured[CONTROL]
        if intervention < control:
            return 1.0 - self._favoured[INTERVENTION]
        return self._ratio[CONTROL] / sum(self._ratio)

    def _imbalance(self, margins: Sequence[Sequence[int]], arm: int) -> int:
        """Return the imbalance with a newcomer in an arm, on a scale of whole numbers.

        Counts over parts of the ratio, a and b, differ by (count b - count a) / (a b); two numbers'
        variance is half their squared difference. So factors that all sums share are left out,
        and ties are exact.
        """
        a, b = self._ratio
        apart = [
            (control + (arm == CONTROL)) * b - (intervention + (arm == INTERVENTION)) * a
            for control, intervention in margins
        ]
        return sum(d * d if self._squared else abs(d) for d in apart)


def favoured_probabilities(ratio: tuple[int, int], probability: float) -> tuple[float, float]:
    """Return the probability of each arm when it is favoured.

    >>> favoured_probabilities((1, 1), 0.8)
    (0.8, 0.8)
    >>> favoured_probabilities((1, 2), 0.8)
    (0.8, 0.9)
    """
    smaller = min(ratio)
    control, intervention = (1.0 - smaller / part * (1.0 - probability) for part in ratio)
    return control, intervention
