import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.instruments.item_scale import ItemScale
from agents.instruments.questionnaires import QUESTIONNAIRES, item_scale
from scenarios.loading.load import load_scenario

INSTRUMENTS = load_scenario("selfback_2021").instruments
SCALES = {name: item_scale(name, getattr(INSTRUMENTS, name)) for name in QUESTIONNAIRES}
each_scale = pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)


def draws(scale, people, seed=0):
    rng = np.random.default_rng(seed)
    leaning, chance = rng.standard_normal((2, people, len(scale.difficulties)), dtype=np.float32)
    return leaning, chance


def between(scale, low, high, points):
    first, last = scale.total_range
    return first + (last - first) * np.linspace(low, high, points)


def test_one_item_follows_the_normal_ogive():
    # Yes where location - difficulty reaches 1/2, so P(yes) = Phi(1) = 0.8413 at 1.5 + difficulty.
    scale = ItemScale((0.7,), 0, 1, spread=1.0, stability=0.5)
    assert scale.expected_total(np.array([2.2, 1.2])) == pytest.approx([0.841345, 0.5], abs=1e-6)


@each_scale
def test_the_expected_total_is_the_state_away_from_the_ends(scale):
    states = between(scale, 0.02, 0.98, 97)
    expected = scale.expected_total(scale.locations(states))
    assert np.abs(expected - states).max() < 1e-3


@each_scale
def test_beyond_the_ends_totals_still_follow_the_state_and_stay_in_range(scale):
    states = between(scale, -0.3, 1.3, 1601)
    expected = scale.expected_total(scale.locations(states))
    assert (np.diff(scale.locations(states)) > 0).all()
    assert (np.diff(expected) >= 0).all()
    low, high = scale.total_range
    assert expected.min() >= low
    assert expected.max() <= high
    # Smooth: the slope, 1 inside and 0 far out, changes little from one step to the next.
    assert np.abs(np.diff(expected, 2)).max() < 0.1 * np.diff(states)[0]


@each_scale
def test_mean_totals_of_many_people_are_their_state(scale):
    people = 4000
    leaning, chance = draws(scale, people)
    for state in between(scale, 0.05, 0.95, 7):
        totals = scale.score(scale.fill_in(np.full(people, state), leaning, chance))
        assert abs(totals.mean() - state) < 4 * totals.std() / np.sqrt(people)


@each_scale
def test_answers_are_whole_numbers_in_range(scale):
    leaning, chance = draws(scale, 500)
    answers = scale.fill_in(between(scale, -0.5, 1.5, 500), leaning, chance)
    assert np.array_equal(answers, np.round(answers))
    assert answers.min() == scale.lowest
    assert answers.max() == scale.highest


@given(seed=st.integers(0, 1000), state=st.floats(-0.3, 1.3), more=st.floats(0.0, 0.5))
def test_with_the_same_draws_a_higher_state_never_lowers_an_item(seed, state, more):
    for scale in SCALES.values():
        leaning, chance = draws(scale, 20, seed)
        low, high = (
            scale.fill_in(np.repeat(between(scale, at, at, 1), 20), leaning, chance)
            for at in (state, state + more)
        )
        for item in range(len(scale.difficulties)):
            sign = -1.0 if item in scale.reversed_items else 1.0
            assert (sign * (high - low)[:, item] >= 0).all()


@each_scale
def test_a_row_does_not_depend_on_how_many_there_are(scale):
    leaning, chance = draws(scale, 101)
    states = between(scale, 0.0, 1.0, 101)
    whole = scale.fill_in(states, leaning, chance)
    for few in (1, 3, 50):
        assert np.array_equal(whole[:few], scale.fill_in(states[:few], leaning[:few], chance[:few]))


def test_fully_stable_answers_are_repeated_exactly():
    scale = ItemScale((0.0, 0.5), 0, 6, spread=1.0, stability=1.0)
    leaning, chance = draws(scale, 50)
    states = np.linspace(1.0, 11.0, 50)
    again = scale.fill_in(states, leaning, -chance)
    assert np.array_equal(scale.fill_in(states, leaning, chance), again)
    assert not np.array_equal(again, scale.fill_in(states, -leaning, chance))


@each_scale
def test_the_variance_between_occasions_is_the_passing_share(scale):
    # Far from the ends two answers of a person differ by the passing part, and by rounding, whose
    # variance is 1/12.
    people = 20_000
    wide = ItemScale((0.0,), -1000, 1000, scale.spread, scale.stability)
    leaning, chance = draws(wide, people)
    _, again = draws(wide, people, seed=1)
    states = np.random.default_rng(2).uniform(-5.0, 5.0, people)
    change = wide.fill_in(states, leaning, chance) - wide.fill_in(states, leaning, again)
    passing = scale.spread**2 * (1.0 - scale.stability)
    # Sampling error of a variance: sqrt(2 / n) of it; 4 standard errors.
    assert change.var() / 2.0 == pytest.approx(passing + 1 / 12, rel=4 * np.sqrt(2 / people) + 0.01)


def test_reversed_items_are_stored_as_given_and_scored_the_other_way():
    scale = SCALES["bipq"]
    low, high = (
        scale.fill_in(np.full(1, state), *np.zeros((2, 1, 8), dtype=np.float32))[0]
        for state in (-40.0, 120.0)
    )
    assert low.tolist() == [0, 0, 10, 10, 0, 0, 10, 0]
    assert high.tolist() == [10, 10, 0, 0, 10, 10, 0, 10]
    assert scale.score(np.array([low, high])).tolist() == [0.0, 80.0]
    # Items 3, 4 and 7 count as 7, 6 and 3.
    assert scale.score(np.arange(1.0, 9.0)[None]).tolist() == [38.0]


def test_scoring_does_not_change_the_answers():
    answers = np.arange(1.0, 9.0)[None]
    SCALES["bipq"].score(answers)
    assert answers.tolist() == [[1, 2, 3, 4, 5, 6, 7, 8]]


def test_a_missing_answer_leaves_the_total_missing():
    answers = np.ones((2, 24))
    answers[1, 5] = np.nan
    totals = SCALES["rmdq"].score(answers)
    assert totals[0] == 24
    assert np.isnan(totals[1])
