"""What a plan's test shows, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.data.estimates import Estimate
from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER
from analysis.report.numbers import p_value
from scenarios.analyses.hypothesis import Hypothesis
from scenarios.analyses.plan import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases that follow 'trials that'.

    Attributes
    ----------
    in_favour, against
        What a trial finds that rejects in favour of the intervention, or against it.
    null
        Which rejections are a type I error, and of what.
    """

    in_favour: str
    against: str
    null: str


def words_of(plans: Sequence[AnalysisPlan]) -> Words:
    """Return the words for some plans; if their tests differ, those that fit all."""
    tests = {(plan.hypothesis, plan.alpha, plan.margin) for plan in plans}
    if len(tests) > 1:
        return Words(
            "reject in favour of the intervention by their plan's test",
            "reject against it",
            "rejections of a true null hypothesis",
        )
    return test_words(*next(iter(tests)), "")


def test_words(hypothesis: Hypothesis, alpha: float, margin: float, unit: str) -> Words:
    """Return the words for a test.

    Parameters
    ----------
    hypothesis, alpha, margin
        Of the plan.
    unit
        Of the margin; '' where it has none, or the test has no margin.
    """
    of = f"{margin:g} {unit}".strip()
    if hypothesis == "two_sided":
        return Words(
            f"find the intervention better, 2-sided P < {alpha:g}",
            "find it worse",
            "rejections on either side where there is no effect",
        )
    if hypothesis == "superiority":
        return Words(
            f"find the intervention better, 1-sided P < {alpha:g}",
            "would find it worse by the same test the other way round",
            "rejections in favour where there is no effect",
        )
    if hypothesis == "non_inferiority":
        return Words(
            f"find the intervention not inferior by the margin of {of}, 1-sided P < {alpha:g}",
            "find it inferior by more than the margin",
            "findings of non-inferiority where the intervention is worse by the margin",
        )
    return Words(
        f"find the arms equivalent within the margin of {of}, both 1-sided P < {alpha:g}",
        "find a difference beyond the margin",
        "findings of equivalence where the intervention is worse by the margin",
    )


INTERVENTION = "the intervention"
"""What is compared with the reference, in sentences about two arms."""
_FINDINGS = {
    "two_sided": {
        IN_FAVOUR: "finds the intervention better",
        AGAINST: "finds the intervention worse",
        NEITHER: "shows no difference",
    },
    "superiority": {
        IN_FAVOUR: "finds the intervention better",
        AGAINST: "does not find the intervention better: the same test the other way round finds "
        "it worse",
        NEITHER: "does not find the intervention better",
    },
    "non_inferiority": {
        IN_FAVOUR: "shows non-inferiority",
        AGAINST: "shows that the intervention is inferior by more than the margin",
        NEITHER: "does not show non-inferiority",
    },
    "equivalence": {
        IN_FAVOUR: "shows equivalence",
        AGAINST: "shows a difference beyond the margin",
        NEITHER: "does not show equivalence",
    },
}


def verdict(
    plan: AnalysisPlan,
    estimate: Estimate,
    compared: str = "",
    treated: str = INTERVENTION,
    unit: str = "points",
) -> str:
    """Return in a sentence what the primary analysis of a trial finds, '' without an estimate.

    Parameters
    ----------
    plan, estimate
        The analysis, and its estimate.
    compared
        What is compared, of several contrasts.
    treated
        What the estimate speaks for where it is in favour.
    unit
        Of the margin.
    """
    if estimate.decision not in _FINDINGS[plan.hypothesis]:
        return ""
    p = p_value(estimate.p_decision, plan.alpha)
    terms = [f"{p_kind(plan.hypothesis)} {p}", f"alpha {plan.alpha:g}".replace(" 0.", " .")]
    if plan.margin:
        terms.insert(0, f"margin {plan.margin:g} {unit}".strip())
    finding = _FINDINGS[plan.hypothesis][estimate.decision].replace(INTERVENTION, treated)
    begins = f"{compared}: the" if compared else "The"
    return f"{begins} primary analysis {finding} ({', '.join(terms)})."


def p_kind(hypothesis: Hypothesis) -> str:
    """Return what a test's P value is called."""
    if hypothesis == "equivalence":
        return "larger 1-sided P"
    return "2-sided P" if hypothesis == "two_sided" else "1-sided P"
