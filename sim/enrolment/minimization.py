"""Minimization: the arm that balances the margins of prognostic factors better is favoured."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import lcm

import numpy as np

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
    divided by the arm's share, would differ by if that arm were given: their range or their
    variance, summed over factors (Pocock and Simon, Biometrics 1975;31:103). The arm with the
    smallest sum is favoured, see :func:`probabilities_if_favoured`. Of arms with equal sums each is
    favoured as often as its share says; where all are, the shares decide.

    Margins stay balanced, so the shares hold over the trial. Unequal ones do not hold at each place
    in the order: the first participant is more likely than they say to be given the largest arm
    (Kuznetsova and Tymofyeyev, Statistics in Medicine 2012;31:701).

    Once an arm is closed the others are balanced among themselves, by the same rule.

    Parameters
    ----------
    method
        Imbalance of a margin, and probability of the favoured arm.
    ratio
        Share of each arm, in the order of their codes.
    levels
        A list a row: the code of its level of each factor.
    draws
        (n,) uniforms, one of each person.
    """

    def __init__(
        self,
        method: Minimization,
        ratio: tuple[int, ...],
        levels: Sequence[Sequence[int]],
        draws: np.ndarray,
    ) -> None:
        self._levels, self._draws = levels, draws.tolist()
        self._squared = method.imbalance == "variance"
        self._probability = method.probability
        self._counts: list[dict[int, list[int]]] = [{} for _ in method.factors]
        self._open = list(range(len(ratio)))
        self._balance(ratio)

    def _balance(self, ratio: tuple[int, ...]) -> None:
        """Balance the open arms, whose shares these are."""
        self._ratio = ratio
        self._if_favoured = probabilities_if_favoured(ratio, self._probability)
        # Counts over shares on a scale of whole numbers, so that ties are exact.
        self._units = [lcm(*ratio) // share for share in ratio]

    def __call__(self, row: int) -> int:
        """Return the arm of the next participant."""
        margins = [
            counts.setdefault(level, [0] * len(self._ratio))
            for counts, level in zip(self._counts, self._levels[row], strict=True)
        ]
        up_to = list(accumulate(self.probabilities(margins)))
        place = bisect_right(up_to[:-1], self._draws[row])
        for margin in margins:
            margin[place] += 1
        return self._open[place]

    def close(self, arm: int) -> None:
        """Balance the other arms among themselves from now on."""
        place = self._open.index(arm)
        for counts in self._counts:
            for margin in counts.values():
                del margin[place]
        del self._open[place]
        self._balance(self._ratio[:place] + self._ratio[place + 1 :])

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """Return the arms of the next participants, one after another."""
        return np.array([self(row) for row in rows.tolist()])

    def probabilities(self, margins: Sequence[Sequence[int]]) -> tuple[float, ...]:
        """Return the probability of each open arm, given their counts at the newcomer's levels."""
        sums = [self._imbalance(margins, arm) for arm in range(len(self._ratio))]
        favoured = [arm for arm, found in enumerate(sums) if found == min(sums)]
        if len(favoured) == 1:
            return self._if_favoured[favoured[0]]
        if len(favoured) == len(sums):
            return tuple(share / sum(self._ratio) for share in self._ratio)
        total = sum(self._ratio[arm] for arm in favoured)
        return tuple(
            sum(self._ratio[arm] / total * self._if_favoured[arm][code] for arm in favoured)
            for code in range(len(sums))
        )

    def _imbalance(self, margins: Sequence[Sequence[int]], newcomer: int) -> int:
        """Return the imbalance with a newcomer in an arm, up to a factor that all sums share."""
        found = 0
        for counts in margins:
            scaled = [
                (count + (arm == newcomer)) * self._units[arm] for arm, count in enumerate(counts)
            ]
            if self._squared:
                found += len(scaled) * sum(each * each for each in scaled) - sum(scaled) ** 2
            else:
                found += max(scaled) - min(scaled)
        return found


def probabilities_if_favoured(
    ratio: Sequence[int], probability: float
) -> tuple[tuple[float, ...], ...]:
    """Return the probabilities of all arms where one of them is favoured, a row each.

    The smallest arm is given with the stated probability p when it is favoured. With shares r that
    sum to R, the smallest s, arm j is given with r_j (1 - p) / (R - s) when another is favoured:
    were each arm favoured as often as the shares say, so would it be given (the biased coin of Han,
    Enas and McEntegart, Statistics in Medicine 2009;28:3329).

    Parameters
    ----------
    ratio
        Share of each arm.
    probability
        p, above 0.5 and at most 1.

    >>> probabilities_if_favoured((1, 1), 0.75)
    ((0.75, 0.25), (0.25, 0.75))
    >>> probabilities_if_favoured((1, 1, 2), 0.75)[2]
    (0.08333333333333333, 0.08333333333333333, 0.8333333333333334)
    """
    rest = (1.0 - probability) / (sum(ratio) - min(ratio))
    return tuple(
        tuple(
            share * rest if code != favoured else 1.0 - (sum(ratio) - share) * rest
            for code, share in enumerate(ratio)
        )
        for favoured in range(len(ratio))
    )
