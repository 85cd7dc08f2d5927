"""What a plan's test says of an estimate: its P value, and in whose favour it rejects.

With b = 1 where a higher value is better, -1 where a lower one is, and d the estimate, tests are of

=================  =====================  ==========================================
hypothesis         null                   rejected in favour of the intervention by
=================  =====================  ==========================================
two_sided          b d = 0                P of ``|b d|``, where b d > 0
superiority        b d <= 0               1-sided P of ``b d``
non_inferiority    b d <= -margin         1-sided P of ``b d + margin``
equivalence        ``|b d| >= margin``    the larger of two 1-sided P (Schuirmann 1987)
=================  =====================  ==========================================

The intervention is, of a contrast with declared weights, the arms whose weights are above 0. An
estimate is against the intervention where the same test, the other way round, rejects: limits of
confidence ``1 - 2 tail`` then lie wholly where the intervention is worse than it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from analysis.contrasts.labels import kind_of
from analysis.data.estimates import Estimate
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responses.ratios import LOG_ODDS_RATIO, RISK_DIFFERENCE
from scenarios.analyses.hypothesis import WITH_MARGIN, Hypothesis, sides
from scenarios.analyses.plan import AnalysisPlan
from scenarios.analyses.register import LOG_RATE_RATIO
from scenarios.design.outcomes import Outcomes

IN_FAVOUR, AGAINST, NEITHER = "in favour", "against", "neither"
BETWEEN_ARMS = (DIFFERENCE, LOG_ODDS_RATIO, RISK_DIFFERENCE, LOG_RATE_RATIO)
"""Kinds of contrasts that are larger where arms with weights above 0 have more of the outcome."""
NO_ANSWER = ""
"""Of a model that failed, or of a contrast whose direction is not known."""


class Decided(NamedTuple):
    """P value of a test, and in whose favour it rejects."""

    p: float | None
    decision: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A test of contrasts between the arms.

    Attributes
    ----------
    hypothesis
        What it is to show.
    alpha
        Its level: 2-sided for a 2-sided hypothesis, else of each 1-sided test.
    margin
        Above 0, on the scale of the contrast; 0 where the hypothesis has none.
    better
        1 where a higher contrast favours the intervention, -1 where a lower one does.
    """

    hypothesis: Hypothesis
    alpha: float
    margin: float
    better: float

    @property
    def sides(self) -> Literal[1, 2]:
        """On how many sides the null hypothesis can be rejected."""
        return sides(self.hypothesis)

    @property
    def tail(self) -> float:
        """Level of one side: the chance of a rejection in favour where the null holds."""
        return self.alpha / self.sides

    @property
    def nulls(self) -> tuple[float, float]:
        """Contrasts that limits are held against, the lower limit's and the upper one's."""
        if self.hypothesis == "equivalence":
            return -self.margin, self.margin
        null = 0.0 - self.better * self.margin
        return null, null

    def decide(self, estimate: Estimate) -> Decided:
        """Return what the test says of an estimate."""
        value, se = estimate.estimate, estimate.se
        if value is None or se is None or estimate.p is None:
            return Decided(None, NO_ANSWER)
        # A model's own P value, where there is no margin: it may be of another test than t.
        above, below = _tails(self.better * value, estimate.p)
        if self.hypothesis == "two_sided":
            p = estimate.p
            against = p < self.alpha and below < above
        elif self.hypothesis == "superiority":
            p, against = above, below < self.tail
        else:
            within = self._tail((self.better * value + self.margin) / se, estimate.df)
            beyond = self._tail((self.margin - self.better * value) / se, estimate.df)
            equivalent = self.hypothesis == "equivalence"
            p = max(within, beyond) if equivalent else within
            outside = min(1.0 - within, 1.0 - beyond) if equivalent else 1.0 - within
            against = outside < self.tail
        if against:
            return Decided(p, AGAINST)
        return Decided(p, IN_FAVOUR if p < self.alpha else NEITHER)

    def statistic(self, estimate: Estimate) -> float | None:
        """Return Z of the null hypothesis, positive in favour of the intervention.

        Of an estimate with a t distribution it is the normal score of its P value (Jennison and
        Turnbull 2000, section 3.8). None if there is no estimate.
        """
        if estimate.estimate is None or estimate.se is None:
            return None
        ratio = (self.better * estimate.estimate + self.margin) / estimate.se
        if estimate.df is None:
            return ratio
        # By logarithms: the tail of a large statistic is too small for a difference from 1.
        with np.errstate(divide="ignore"):
            tail = np.log(special.stdtr(estimate.df, -abs(ratio)))
        return float(-np.sign(ratio) * special.ndtri_exp(tail))

    @staticmethod
    def _tail(ratio: float, df: float | None) -> float:
        return float(special.ndtr(-ratio) if df is None else special.stdtr(df, -ratio))


def primary_rule(plan: AnalysisPlan, outcomes: Outcomes) -> Rule:
    """Return the test of the primary difference.

    Parameters
    ----------
    plan
        The plan.
    outcomes
        As the scenario declares them.
    """
    better = outcomes[plan.primary_outcome].towards_better
    return Rule(plan.hypothesis, plan.alpha, plan.margin, better)


def rule_of(plan: AnalysisPlan, outcomes: Outcomes, outcome: str, contrast: str) -> Rule | None:
    """Return the test of a contrast; None where its direction is not known.

    The primary outcome is tested as the plan says, by any analysis and at any visit, but for a
    margin, which is one of differences alone. All else is tested on both sides, with the level of
    the confidence limits that a 1-sided plan has.

    Parameters
    ----------
    plan, outcomes
        As for :func:`primary_rule`.
    outcome, contrast
        What is compared, and on which scale.
    """
    direction = _better_contrast(outcomes, outcome, contrast)
    if direction is None:
        return None
    suits = kind_of(contrast) == DIFFERENCE or plan.hypothesis not in WITH_MARGIN
    if outcome == plan.primary_outcome and suits:
        return primary_rule(plan, outcomes)
    return Rule(*other_test(plan.hypothesis, plan.alpha), direction)


def other_test(hypothesis: Hypothesis, alpha: float) -> tuple[Hypothesis, float, float]:
    """Return hypothesis, level and margin of what is not the primary difference of a plan.

    Parameters
    ----------
    hypothesis, alpha
        Of the plan.
    """
    return "two_sided", alpha * (2.0 / sides(hypothesis)), 0.0


def _better_contrast(outcomes: Outcomes, outcome: str, contrast: str) -> float | None:
    """Return 1 where a higher contrast favours the intervention, -1 where a lower one does."""
    if kind_of(contrast) not in BETWEEN_ARMS:
        return None
    # What is no outcome is a response, an improvement whichever way its outcome improves.
    return outcomes[outcome].towards_better if outcome in outcomes else 1.0


def decided(
    estimates: Sequence[Estimate], plan: AnalysisPlan, outcomes: Outcomes
) -> list[Estimate]:
    """Return estimates with the P value and the decision of the plan's tests."""
    rules: dict[tuple[str, str], Rule | None] = {}
    found = []
    for each in estimates:
        key = each.outcome, each.contrast
        if key not in rules:
            rules[key] = rule_of(plan, outcomes, *key)
        rule = rules[key]
        if rule is None or not each.converged:
            found.append(each)
            continue
        p, decision = rule.decide(each)
        found.append(replace(each, p_decision=p, decision=decision))
    return found


def _tails(favour: float, p: float) -> tuple[float, float]:
    """Return the upper and lower tail of a 2-sided P value, of an estimate with some sign."""
    small, large = p / 2.0, 1.0 - p / 2.0
    return (small, large) if favour > 0.0 else (large, small)
