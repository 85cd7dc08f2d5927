"""Several sequential tests of no loss against a loss of a margin, with one verdict.

- *Fail* as soon as one test fails. Each has an equal part of the probability of false alarms, so
  that all together keep it (Bonferroni), whatever they have to do with one another.
- *Pass* once all tests pass on the same observations. If one measure has lost its margin, all pass
  at most as often as its own test does: the power needs no part.
- No pass before failures that occur in a stated share of the observations, each of which then loses
  a multiple of the margin, have had the chance to show themselves with the power stated.
- No pass after an observation that loses more than the margin and is far from the others, or with
  a variance far above that of the first observations (:mod:`.spread`): such a test is inconclusive
  unless it fails. With normal observations of one variance that withholds a pass with at most a
  stated probability.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from analysis.sequential.probability_ratio import Decision, ProbabilityRatioTest, Verdict
from analysis.sequential.spread import largest_apart, later_variance


@dataclass(frozen=True, slots=True)
class JointDecision:
    """What the tests say together after n observations of each measure.

    Attributes
    ----------
    verdict
        See the module.
    n
        Observations.
    decisions
        Name of a test to what it says by itself.
    strays
        Names of the tests whose observations spread too far for a pass.
    more
        About how many observations more lead to a verdict; 0 where there is one, or where none
        would.
    """

    verdict: Verdict
    n: int
    decisions: dict[str, Decision]
    strays: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class JointTest:
    """Decides between no loss and a loss of a margin in any of several measures.

    Attributes
    ----------
    margins
        Name of a test to its margin, above 0, in the unit of its measure.
    alpha
        Probability, at most, of ``"fail"`` where nothing is lost; 0 to 0.5.
    beta
        Probability, at most, of ``"pass"`` where any test's margin is lost; 0 to 0.5.
    first, between, most
        Observations before the first look, from one to the next, and at the last.
    rare
        Share of the observations from which failures are noticed with probability 1 - ``beta``,
        above 0 and below 1.
    withheld
        Probability, at most, that the spread of normal observations withholds a pass.
    """

    margins: Mapping[str, float]
    alpha: float
    beta: float
    first: int
    between: int
    most: int
    rare: float
    withheld: float

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of observations after which one looks."""
        return (*range(self.first, self.most, self.between), self.most)

    @property
    def fewest(self) -> int:
        """Observations before which there is no pass."""
        return max(self.first, ceil(log(self.beta) / log(1.0 - self.rare)))

    def test(self, name: str) -> ProbabilityRatioTest:
        """Return one of the tests."""
        tests = len(self.margins)
        return ProbabilityRatioTest(self.margins[name], self.alpha, self.beta, self.first, tests)

    def decide(self, losses: Mapping[str, np.ndarray]) -> JointDecision:
        """Return the verdict at a look.

        Parameters
        ----------
        losses
            Name of each test to its (n,) observations, in the order in which they came.
        """
        decisions = {name: self.test(name).decide(losses[name]) for name in self.margins}
        (n,) = {one.n for one in decisions.values()}
        verdicts = {one.verdict for one in decisions.values()}
        if "fail" in verdicts:
            return JointDecision("fail", n, decisions, (), 0)
        strays = tuple(name for name in self.margins if self._strays(name, losses[name]))
        if verdicts == {"pass"} and n >= self.fewest and not strays:
            return JointDecision("pass", n, decisions, (), 0)
        more = max(self.fewest - n, *(one.more for one in decisions.values()))
        if strays and verdicts == {"pass"}:
            more = 0
        return JointDecision("inconclusive", n, decisions, strays, more)

    def _strays(self, name: str, losses: np.ndarray) -> bool:
        """Return whether the spread was too large at this look or at one before it.

        A look counts from the first on that could lead to a pass: where the spread has once been
        too large, more observations of the usual kind do not make it good.
        """
        looks = [look for look in self.looks if look >= self.fewest]
        rate = self.withheld / (len(self.margins) * len(looks) * 2)
        return any(
            losses[:look].max() >= self.margins[name]
            and min(later_variance(losses[:look], self.first), largest_apart(losses[:look])) <= rate
            for look in looks
            if look <= len(losses)
        )
