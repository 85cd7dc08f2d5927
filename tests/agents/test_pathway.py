import numpy as np
import pytest

from agents.pathway import Benefit, Dose, plan_fit
from scenarios.loading.load import load_scenario

ROWS, ALL = np.arange(3), slice(0, 3)
ONE, NONE = np.ones(3), np.zeros(3)


def after(
    days: int, exercised=ONE, walked=NONE, read=ONE, tools=NONE, fit=None, **changes: float
) -> Benefit:
    scenario = load_scenario("selfback_2021")
    pathway = scenario.pathway.model_copy(update=changes)
    benefit = Benefit(pathway, scenario.course, 3)
    benefit.follow(ROWS, np.ones((3, 3)) if fit is None else fit)
    for _ in range(days):
        benefit.advance(ALL, NONE, Dose(exercised, walked, read, tools))
    return benefit


def test_a_plan_equal_to_the_need_fits_fully_and_a_distant_one_hardly():
    fit = plan_fit(np.array([[0.4, 0.0]]), np.array([[0.4, 1.0]]), 0.25)
    assert fit[0, 0] == 1.0
    assert fit[0, 1] == pytest.approx(np.exp(-8.0))


def test_without_doses_there_is_no_effect():
    benefit = after(200, exercised=NONE, read=NONE)
    assert not benefit.capacity.any()
    assert not benefit.beliefs.any()
    assert not benefit.disability_relief.any()


@pytest.mark.parametrize(
    ("arrow", "state"),
    [("capacity_per_session", "capacity"), ("belief_per_message", "beliefs")],
)
def test_each_arrow_at_0_removes_its_own_state_only(arrow, state):
    benefit = after(50, **{arrow: 0.0})
    other = {"capacity": "beliefs", "beliefs": "capacity"}[state]
    assert not getattr(benefit, state).any()
    assert (getattr(benefit, other) > 0).all()


def test_tools_change_beliefs_by_their_own_arrow():
    used = after(50, exercised=NONE, read=NONE, tools=ONE)
    assert (used.beliefs > 0).all()
    assert not used.capacity.any()
    assert not after(50, exercised=NONE, read=NONE, tools=ONE, belief_per_tool=0.0).beliefs.any()


def test_states_stay_between_0_and_1():
    benefit = after(2000, walked=ONE)
    for state in (benefit.capacity, benefit.beliefs):
        assert (state > 0).all()
        assert (state < 1).all()


def test_a_better_fit_gains_more_only_as_far_as_effects_are_tailored():
    poor = np.full((3, 3), 0.3)
    assert (
        after(30, tailoring_share=1.0).capacity > after(30, fit=poor, tailoring_share=1.0).capacity
    ).all()
    same = after(30, tailoring_share=0.0).capacity
    assert np.array_equal(same, after(30, fit=poor, tailoring_share=0.0).capacity)


def test_capacity_halves_in_its_half_life():
    scenario = load_scenario("selfback_2021", ["pathway.capacity_half_life=180.0"])
    benefit = Benefit(scenario.pathway, scenario.course, 3)
    benefit.capacity[:] = 0.8
    for _ in range(180):
        benefit.advance(ALL, NONE, Dose(NONE, NONE, NONE, NONE))
    assert benefit.capacity == pytest.approx(0.4, rel=1e-5)


def test_disability_relief_settles_at_pain_and_belief_relief():
    scenario = load_scenario("selfback_2021")
    p, c = scenario.pathway, scenario.course
    benefit = after(3000)
    expected = (
        c.disability_from_pain * p.pain_from_capacity * benefit.capacity
        + p.disability_from_belief * benefit.beliefs
    )
    assert benefit.disability_relief == pytest.approx(expected, rel=1e-3)
