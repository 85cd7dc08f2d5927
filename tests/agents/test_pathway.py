from typing import Any

import numpy as np
import pytest

from agents.pathway import (
    BENEFIT_STATE,
    BenefitRules,
    benefit,
    felt_pain,
    follow_plan,
    plan_fit,
    steps_dose,
)
from scenarios.loading.load import load_scenario

FULL = (1.0, 1.0, 1.0)


def after(
    days: int,
    *,
    exercised=True,
    walked=0.0,
    read=True,
    tools=0,
    fit=FULL,
    overload=0.0,
    hurt=0.5,
    **changes: float,
) -> Any:
    """Return a user who follows a plan for some days, doing the same every day."""
    scenario = load_scenario("selfback_2021")
    rules = BenefitRules.of(scenario.pathway.model_copy(update=changes), scenario.course)
    user = np.zeros(1, dtype=BENEFIT_STATE).view(np.recarray)[0]
    follow_plan(user, rules, *fit, overload)
    for _ in range(days):
        benefit(user, rules, exercised, walked, 0.0, read, tools, np.float32(0.0), np.float32(hurt))
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
    user = after(2000, walked=1.0)
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
        benefit(user, rules, False, 0.0, 0.0, False, 0, np.float32(0.0), np.float32(1.0))
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


def rules(**changes: float) -> BenefitRules:
    scenario = load_scenario("selfback_2021")
    return BenefitRules.of(scenario.pathway.model_copy(update=changes), scenario.course)


def test_without_a_scale_a_day_counts_as_the_goal_is_met():
    flag = rules(steps_scale=0.0)
    assert steps_dose(flag, 4000.0, 6000.0, 4000.0, met=True) == 1.0
    assert steps_dose(flag, 9000.0, 9000.0, 4000.0, met=False) == 0.0


def test_steps_count_above_ones_own_less_and_less_and_only_if_walked_for_the_goal():
    dose = rules(steps_scale=2000.0)
    doses = [steps_dose(dose, 5000.0, steps, 5000.0, met=True) for steps in (5e3, 6e3, 7e3, 9e3)]
    assert doses[0] == 0.0
    gains = np.diff(doses) / [1.0, 1.0, 2.0]
    assert (np.diff(gains) < 0.0).all()
    assert gains[-1] > 0.0
    assert doses[2] == pytest.approx(1.0 - np.exp(-1.0))
    # A goal of one step is met on any day and changes nothing; nor do steps below one's own level.
    assert steps_dose(dose, 9000.0, 9000.0, 5000.0, met=True) == 0.0
    assert steps_dose(dose, 2000.0, 4000.0, 5000.0, met=True) == 0.0


def test_a_load_far_above_what_can_be_done_brings_a_flare_that_fades():
    changes = {"flare_per_overload": 0.5, "flare_from": 0.2, "flare_height": 3.0}
    spared = after(1, overload=0.2, hurt=0.0, **changes)
    unhurt = after(1, overload=0.6, hurt=0.21, **changes)
    hurt = after(1, overload=0.6, hurt=0.19, **changes)
    assert (spared.flare, unhurt.flare, hurt.flare) == (0.0, 0.0, 3.0)
    assert after(1, exercised=False, overload=0.6, hurt=0.0, **changes).flare == 0.0
    faded = rules(flare_days=3.0)
    for _ in range(3):
        benefit(hurt, faded, False, 0.0, 0.0, False, 0, np.float32(0.0), np.float32(0.0))
    assert hurt.flare == pytest.approx(3.0 / np.e, rel=1e-5)


def test_a_flare_raises_pain_up_to_ten_and_changes_no_pain_above():
    pathway = rules(pain_from_capacity=0.0)
    felt = felt_pain(pathway, np.array([2.0, 9.0, 10.5]), np.zeros(3), np.array([3.0, 3.0, 0.0]))
    assert felt.tolist() == [5.0, 10.0, 10.5]
