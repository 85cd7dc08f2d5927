import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.loading.keys import Place, place_at
from scenarios.loading.layers import merge
from scenarios.loading.provenance import parameters_of
from scenarios.moved import (
    FISHER,
    ODDS,
    PARTS,
    VALUE,
    WHOLE,
    LeftOut,
    Move,
    can_move,
    is_numeric,
    moved,
    moves_of,
    scale_of,
)

KNEE = merge("knee_koos")
SHARES = st.floats(0.01, 0.9)


def moves(merged=KNEE, share=0.1):
    chosen = [(p, each) for p, each in parameters_of(merged).items() if can_move(p, each)]
    found = list(moves_of(merged, chosen, share))
    assert len(found) == len(chosen)
    return {each.key if isinstance(each, LeftOut) else each.parameter.key: each for each in found}


@pytest.mark.parametrize(
    ("key", "scale", "down", "up"),
    [
        ("course.effect_size", VALUE, 7.2, 8.8),
        ("course.prognosis.bmi", VALUE, -0.9, -1.1),  # down is nearer to none
        ("recruitment.reached_per_call", ODDS, 0.9 / 1.9, 1.1 / 2.1),
        ("population.correlations.kl_grade.age", FISHER, 0.271578884703, 0.327898323127),
        ("recruitment.call_attempts", WHOLE, 3, 5),
        ("trial.sample_size", WHOLE, 198, 242),
        ("course.sd", VALUE, [15.3, 17.1, 18.0, 18.0], [18.7, 20.9, 22.0, 22.0]),
    ],
)
def test_a_value_is_moved_on_the_scale_that_its_bounds_ask_for(key, scale, down, up):
    each = moves()[key]
    assert isinstance(each, Move)
    assert each.scale == scale
    assert each.down == pytest.approx(down)
    assert each.up == pytest.approx(up)
    assert type(each.down) is type(each.parameter.value)


def test_a_correlation_in_a_matrix_is_moved_as_others_are():
    each = moves()["course.correlation"]
    assert each.scale == FISHER
    ((up,),) = each.up
    assert math.atanh(up) == pytest.approx(1.1 * math.atanh(0.55))


def test_proportions_of_a_whole_still_sum_to_it():
    each = moves()["population.margins.kl_grade.shares"]
    assert each.scale == PARTS
    *others, last = each.up
    assert sum(each.up) == pytest.approx(1.0, abs=1e-9)
    assert last / (1.0 - last) == pytest.approx(1.1 * 0.2 / 0.8)
    assert others[0] / others[1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("staff.day_start", "says when"),
        ("followup.dropout", "is 0"),
        ("trial.strata[0].share", "not allowed if moved: trial.strata: shares sum to 0.975"),
        ("arms[0].share", "not allowed if moved: arms[0].share = 0 is not allowed"),
    ],
)
def test_what_cannot_be_moved_is_left_out_with_the_reason(key, reason):
    each = moves()[key]
    assert isinstance(each, LeftOut)
    assert each.reason.startswith(reason)


def test_the_scenarios_differ_in_what_is_moved_and_nothing_else():
    each = moves()["course.effect_size"]
    down, up = (one.model_dump(mode="json") for one in each.scenarios)
    assert (down["course"].pop("effect_size"), up["course"].pop("effect_size")) == (7.2, 8.8)
    assert down == up


def test_texts_switches_and_the_seed_are_not_moved():
    keys = {each.key for p, each in parameters_of(KNEE).items() if can_move(p, each)}
    assert keys.isdisjoint({"seed", "trial.opens", "course.model", "trial.visits[0].name"})
    assert not any(map(is_numeric, (True, "1", [], [1, "2"], [True])))


@given(value=st.floats(1e-6, 1.0 - 1e-6), share=SHARES)
def test_odds_stay_within_their_bounds_and_go_both_ways(value, share):
    place = place_at(("recruitment", "reached_per_call"), {})
    assert scale_of(place) == ODDS
    down, up = (moved(value, place, 1.0 + sign * share) for sign in (-1, 1))
    assert 0.0 < down < value < up < 1.0


@given(value=st.floats(-0.999, 0.999).filter(lambda x: abs(x) > 1e-6), share=SHARES)
def test_correlations_keep_their_sign(value, share):
    place = place_at(("population", "correlations", "a", "b"), {})
    assert scale_of(place) == FISHER
    down, up = (moved(value, place, 1.0 + sign * share) for sign in (-1, 1))
    assert abs(down) < abs(value) < abs(up) < 1.0
    assert down * value > 0.0 < up * value


@given(value=st.integers(-50, 50).filter(bool), share=SHARES)
def test_whole_numbers_move_by_at_least_one(value, share):
    down, up = (moved(value, Place(int, ""), 1.0 + sign * share) for sign in (-1, 1))
    assert isinstance(down, int)
    assert isinstance(up, int)
    assert abs(down) <= abs(value) - 1
    assert abs(up) >= abs(value) + 1


@pytest.mark.slow
def test_every_assumption_of_the_trial_is_moved_or_told_why():
    found = moves(merge("selfback_2021"), 0.05)
    assert all(each.reason for each in found.values() if isinstance(each, LeftOut))
    for key, each in found.items():
        if isinstance(each, Move):
            assert each.down != each.parameter.value != each.up, key


def test_a_value_that_hardly_moves_is_told_as_such():
    left = moves(share=1e-12)["course.sd"]
    assert left.reason == "does not change if moved by 1e-12 of its value, which is too little"
