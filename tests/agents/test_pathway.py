from typing import Any

import numpy as np
import pytest

from agents.pathway import BENEFIT_STATE, BenefitRules, benefit, follow_plan, plan_fit
from scenarios.loading.load import load_scenario

FULL = (1.0, 1.0, 1.0)


def after(
    days: int, *, exercised=True, walked=False, read=True, tools=0, fit=FULL, **changes: float
) -> Any:
    """Return a user who follows a plan for some days, doing the same every day."""
    scenario = load_scenario("selfback_2021")
    rules = BenefitRules.of(scenario.pathway.model_copy(update=changes), scenario.course)
    user = np.zeros(1, dtype=BENEFIT_STATE).view(np.recarray)[0]
    follow_plan(user, rules, *fit)
    for _ in range(days):
        benefit(user, rules, exercised, walked, read, tools, np.float32(0.0))
    return user


def test_a_plan_equal_to_the_need_fits_fully_and_a_distant_one_hardly():
    assert plan_fit(0.4, 0.4, 0.25) == 1.0
    assert plan_fit(0.0, 1.0, 0.25) == pytest.approx(np.exp(-8.0))


def test_without_doses_there_is_no_effect():
    user = after(200, exercised=False, read=False)
    assert user.capacity == user.beliefs == user.disability_relief == 0.0


@pytest.mark.parametrize(
    ("arrow", "state"),
    [("capacity_per_session", "capacity"), ("belief_per_message", "beliefs")],
)
def test_each_arrow_at_0_removes_its_own_state_only(arrow, state):
    user = after(50, **{arrow: 0.0})
    other = {"capacity": "beliefs", "beliefs": "capacity"}[state]
    assert user[state] == 0.0
    assert user[other] > 0.0


def test_tools_change_beliefs_by_their_own_arrow():
    used = after(50, exercised=False, read=False, tools=1)
    assert used.beliefs > 0.0
    assert used.capacity == 0.0
    assert after(50, exercised=False, read=False, tools=1, belief_per_tool=0.0).beliefs == 0.0


def test_states_stay_between_0_and_1():
    user = after(2000, walked=True)
    for state in (user.capacity, user.beliefs):
        assert 0.0 < state < 1.0


def test_a_better_fit_gains_more_only_as_far_as_effects_are_tailored():
    poor = (0.3, 0.3, 0.3)
    full, little = (after(30, fit=fit, tailoring_share=1.0).capacity for fit in (FULL, poor))
    assert full > little
    full, little = (after(30, fit=fit, tailoring_share=0.0).capacity for fit in (FULL, poor))
    assert full == little


def test_capacity_halves_in_its_half_life():
    scenario = load_scenario("selfback_2021", ["pathway.capacity_half_life=180.0"])
    rules = BenefitRules.of(scenario.pathway, scenario.course)
    user = np.zeros(1, dtype=BENEFIT_STATE).view(np.recarray)[0]
    user.capacity = 0.8
    for _ in range(180):
        benefit(user, rules, False, False, False, 0, np.float32(0.0))
    assert user.capacity == pytest.approx(0.4, rel=1e-5)


def test_disability_relief_settles_at_pain_and_belief_relief():
    scenario = load_scenario("selfback_2021")
    p, c = scenario.pathway, scenario.course
    user = after(3000)
    expected = (
        c.disability_from_pain * p.pain_from_capacity * user.capacity
        + p.disability_from_belief * user.beliefs
    )
    assert user.disability_relief == pytest.approx(expected, rel=1e-3)
