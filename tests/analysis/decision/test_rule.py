from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.data.estimates import failed_estimate, normal_estimate, student_estimate
from analysis.decision.rule import AGAINST, IN_FAVOUR, NEITHER, Rule, decided, rule_of
from scenarios.loading.load import load_scenario

LABEL = ("clda", "rmdq", "3 months", "difference")
HYPOTHESES = ("two_sided", "superiority", "non_inferiority", "equivalence")


@pytest.fixture(scope="module")
def shipped():
    return load_scenario("selfback_2021")


def rule(hypothesis, better=1.0):
    margin = 0.0 if hypothesis in ("two_sided", "superiority") else 2.0
    return Rule(hypothesis, 0.05 if hypothesis == "two_sided" else 0.025, margin, better)


def estimate(value, se=1.0, df=np.inf):
    return student_estimate(LABEL, value, se, df, 100, 0.95)


@pytest.mark.parametrize(
    ("outcome", "contrast", "better"),
    [
        ("rmdq", "difference", -1.0), ("pseq", "difference", 1.0),
        # Response is an improvement, whichever way the outcome improves.
        ("rmdq improved by 4", "log odds ratio", 1.0),
        ("pseq improved by 8", "risk difference", 1.0),
    ],
)  # fmt: skip
def test_directions_are_those_of_the_outcomes(shipped, outcome, contrast, better):
    assert rule_of(shipped.analysis, shipped.scales, outcome, contrast).better == better


def test_what_is_not_between_the_arms_is_not_tested(shipped):
    within = "log odds ratio, intervention to control at the first visit"
    assert rule_of(shipped.analysis, shipped.scales, "rmdq improved by 4", within) is None


@pytest.mark.parametrize(
    ("hypothesis", "value", "decision"),
    [
        ("two_sided", 2.0, IN_FAVOUR), ("two_sided", -2.0, AGAINST), ("two_sided", 1.9, NEITHER),
        ("superiority", 2.0, IN_FAVOUR), ("superiority", -2.0, AGAINST),
        ("superiority", -1.9, NEITHER),
        ("non_inferiority", 0.0, IN_FAVOUR), ("non_inferiority", -0.1, NEITHER),
        ("non_inferiority", -3.9, NEITHER), ("non_inferiority", -4.0, AGAINST),
        ("equivalence", 0.0, IN_FAVOUR), ("equivalence", 0.1, NEITHER),
        ("equivalence", -0.1, NEITHER), ("equivalence", 4.0, AGAINST),
        ("equivalence", -4.0, AGAINST),
    ],
)  # fmt: skip
def test_decisions_worked_by_hand(hypothesis, value, decision):
    assert rule(hypothesis).decide(estimate(value)).decision == decision
    # What is better when it is lower is the mirror image.
    assert rule(hypothesis, -1.0).decide(estimate(-value)).decision == decision


@given(
    hypothesis=st.sampled_from(HYPOTHESES), value=st.floats(-8.0, 8.0), se=st.floats(0.2, 3.0),
    df=st.sampled_from([3.0, 30.0, np.inf]), side=st.sampled_from([-1.0, 1.0]),
)  # fmt: skip
def test_decisions_agree_with_the_confidence_limits(hypothesis, value, se, df, side):
    """Limits of confidence 1 - alpha, or 1 - 2 alpha for tests of one side, tell the same."""
    test, found = rule(hypothesis, side), estimate(value, se, df)
    lower, upper = sorted((side * found.lower, side * found.upper))
    margin = test.margin
    shown = {
        "two_sided": (lower > 0.0, upper < 0.0),
        "superiority": (lower > 0.0, upper < 0.0),
        "non_inferiority": (lower > -margin, upper < -margin),
        "equivalence": (lower > -margin and upper < margin, upper < -margin or lower > margin),
    }[hypothesis]
    edges = np.abs([lower, upper, lower + margin, upper + margin, lower - margin, upper - margin])
    if edges.min() > 1e-9:
        decision = test.decide(found).decision
        assert (decision == IN_FAVOUR, decision == AGAINST) == shown


@pytest.mark.parametrize("df", [np.inf, 20.0])
def test_p_values_are_those_of_scipy(df):
    t = stats.t(df) if np.isfinite(df) else stats.norm()
    found = estimate(-0.5, 0.8, df)
    assert rule("two_sided").decide(found).p == pytest.approx(2.0 * t.sf(0.625))
    assert rule("superiority").decide(found).p == pytest.approx(t.sf(-0.625))
    assert rule("non_inferiority").decide(found).p == pytest.approx(t.sf(1.5 / 0.8))
    assert rule("equivalence").decide(found).p == pytest.approx(t.sf(1.5 / 0.8))
    assert rule("equivalence").decide(estimate(0.7, 0.8, df)).p == pytest.approx(t.sf(1.3 / 0.8))
    z = rule("non_inferiority").statistic(found)
    assert stats.norm.sf(z) == pytest.approx(t.sf(1.5 / 0.8))


def closed_form(hypothesis, effect, se):
    """Power of a Z test, from the normal distribution alone."""
    z = stats.norm.isf(0.025)
    if hypothesis == "equivalence":
        within = stats.norm.cdf((2.0 - effect) / se - z) - stats.norm.cdf((-2.0 - effect) / se + z)
        return max(within, 0.0)
    margin = 2.0 if hypothesis == "non_inferiority" else 0.0
    return stats.norm.sf(z - (effect + margin) / se)


@pytest.mark.parametrize("hypothesis", HYPOTHESES)
@pytest.mark.parametrize("effect", [-2.0, 0.0, 1.0])
def test_power_is_that_of_the_closed_form(hypothesis, effect):
    """Exact: the estimates are the quantiles of their distribution, not draws from it."""
    n, se = 4001, 0.5
    values = effect + se * stats.norm.ppf((np.arange(n) + 0.5) / n)
    test = rule(hypothesis)
    shown = [test.decide(normal_estimate(LABEL, v, se, 9, 0.95)).decision for v in values]
    share = np.mean([each == IN_FAVOUR for each in shown])
    assert share == pytest.approx(closed_form(hypothesis, effect, se), abs=1.0 / n)


@pytest.mark.parametrize("hypothesis", ["non_inferiority", "equivalence"])
def test_at_the_margin_alpha_of_the_trials_show_what_is_not_so(hypothesis):
    assert closed_form(hypothesis, -2.0, 0.5) == pytest.approx(0.025, abs=1e-8)


def test_a_model_that_has_a_p_value_of_its_own_keeps_it():
    own = replace(estimate(1.0), p=0.04)
    assert rule("two_sided").decide(own) == (0.04, IN_FAVOUR)
    assert rule("superiority").decide(own) == (0.02, IN_FAVOUR)
    assert rule("superiority", -1.0).decide(own).p == pytest.approx(0.98)


def test_only_the_primary_difference_has_the_margin():
    scenario = load_scenario(
        "planned_2018",
        ["analysis.hypothesis=non_inferiority", "analysis.margin=2", "analysis.alpha=0.025"],
    )
    plan, scales = scenario.analysis, scenario.scales
    primary = rule_of(plan, scales, "rmdq", "difference")
    assert (primary.hypothesis, primary.margin, primary.better) == ("non_inferiority", 2.0, -1.0)
    other = rule_of(plan, scales, "pseq", "difference")
    assert (other.hypothesis, other.alpha, other.better) == ("two_sided", 0.05, 1.0)
    assert rule_of(plan, scales, "rmdq", "something else") is None


def test_every_estimate_gets_its_decision(shipped):
    rows = [
        estimate(-3.0),
        replace(estimate(3.0), outcome="pseq"),
        replace(estimate(-3.0), outcome="rmdq improved by 4", contrast="log odds ratio"),
        replace(estimate(3.0), contrast="ratio"),
        failed_estimate(LABEL, 9, "no"),
    ]
    found = decided(rows, shipped.analysis, shipped.scales)
    assert [row.decision for row in found] == [IN_FAVOUR, IN_FAVOUR, AGAINST, "", ""]
    assert [row.p_decision is None for row in found] == [False, False, False, True, True]
