"""Reasons for withdrawing: stated frequencies, odds from what happened, nothing without an app."""

import numpy as np
import pytest

from agents.reasons import (
    Leavers,
    balancing_weights,
    probabilities,
    reason_odds,
    withdrawal_reasons,
)
from scenarios.design.followup import ArmFollowUp, ReasonOdds

N = 20_000
ARM = ArmFollowUp(
    response=(0.8,),
    withdrawal=(0.1,),
    withdrawal_reasons={"unknown": 10.0, "technical": 4.0, "surgery": 2.0, "work": 4.0},
)
RULES = {
    "technical": ReasonOdds(needs_app=True, if_stopped=1.0),
    "surgery": ReasonOdds(per_pain=0.5),
    "work": ReasonOdds(traits={"employment": 1.0}),
}


@pytest.fixture(scope="module")
def leavers():
    rng = np.random.default_rng(3)
    has_app = rng.random(N) < 0.9
    return Leavers(
        has_app=has_app,
        stopped=has_app & (rng.random(N) < 0.3),
        more_pain=rng.normal(-1.0, 2.0, N),
        scores={"employment": rng.standard_normal(N)},
    )


def told(leavers, rules):
    odds = reason_odds(ARM, rules, leavers)
    weights = balancing_weights(ARM, odds)
    return withdrawal_reasons(ARM, weights, odds, np.random.default_rng(4).random(N))


@pytest.mark.parametrize("rules", [{}, RULES])
def test_reasons_come_with_their_frequency(leavers, rules):
    reasons = told(leavers, rules)
    total = sum(ARM.withdrawal_reasons.values())
    for name, weight in ARM.withdrawal_reasons.items():
        share = weight / total
        error = np.sqrt(share * (1 - share) / N)
        assert abs((reasons == name).mean() - share) < 4.5 * error


def test_nobody_without_an_app_has_a_problem_with_it(leavers):
    assert (told(leavers, {}) == "technical")[~leavers.has_app].any()
    assert not (told(leavers, RULES) == "technical")[~leavers.has_app].any()


def test_who_has_pain_has_surgery_and_who_works_has_no_time_for_a_trial(leavers):
    reasons = told(leavers, RULES)
    for name, cause in (("surgery", leavers.more_pain), ("work", leavers.scores["employment"])):
        of, others = cause[reasons == name], cause[reasons != name]
        error = np.sqrt(of.var() / len(of) + others.var() / len(others))
        assert of.mean() - others.mean() > 4.5 * error


def test_without_rules_the_reason_is_that_of_the_frequencies_alone(leavers):
    uniforms = np.random.default_rng(5).random(N)
    odds = reason_odds(ARM, {"surgery": ReasonOdds()}, leavers)
    reasons = withdrawal_reasons(ARM, balancing_weights(ARM, odds), odds, uniforms)
    edges = np.cumsum(list(ARM.withdrawal_reasons.values()))
    place = np.searchsorted(edges, uniforms * edges[-1], side="right")
    assert (reasons == np.array(list(ARM.withdrawal_reasons), dtype=object)[place]).all()


def test_weights_are_those_of_the_closed_form_if_an_app_is_all_that_matters(leavers):
    odds = reason_odds(ARM, {"technical": ReasonOdds(needs_app=True)}, leavers)
    chance = probabilities(balancing_weights(ARM, odds), odds)
    with_app = leavers.has_app.mean()
    assert chance[leavers.has_app, 1] == pytest.approx(0.2 / with_app)
    assert chance[~leavers.has_app, 0] == pytest.approx(10 / 16)


def test_a_reason_that_too_few_can_give_has_as_many_as_there_are(leavers):
    few = Leavers(
        has_app=np.arange(N) < 0.1 * N,
        stopped=np.zeros(N, dtype=bool),
        more_pain=leavers.more_pain,
        scores=leavers.scores,
    )
    reasons = told(few, {"technical": ReasonOdds(needs_app=True)})
    assert (reasons[few.has_app] == "technical").mean() > 0.9
    assert not (reasons[~few.has_app] == "technical").any()
