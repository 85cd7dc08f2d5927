"""Minimization: probabilities by hand, balance of margins, the ratio."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.design.allocation import Minimization
from scenarios.loading.load import load_scenario
from sim.enrolment.minimization import Minimizer, factor_levels, probabilities_if_favoured
from sim.enrolment.randomization import SimpleRandomization
from sim.simulate import simulate

LEVELS = (2, 4, 3, 4)
N = 450


def method(imbalance="range", probability=0.8):
    return Minimization(
        kind="minimization",
        factors=("country", "clinician", "education", "duration"),
        imbalance=imbalance,
        probability=probability,
    )


def people(seed):
    rng = np.random.default_rng(seed)
    levels = np.stack([rng.integers(count, size=N) for count in LEVELS], axis=1)
    return levels, rng.random(N)


def worst_margin(levels, arms, ratio):
    """Return the largest difference of a margin's counts from the ratio, in participants."""
    share = ratio[1] / sum(ratio)
    return max(
        abs(arms[levels[:, factor] == level].sum() - share * (levels[:, factor] == level).sum())
        for factor, count in enumerate(LEVELS)
        for level in range(count)
    )


@pytest.mark.parametrize(
    ("ratio", "margins", "imbalance", "expected"),
    [
        ((1, 1), [[0, 0], [3, 3]], "range", 1 / 2),  # nobody is favoured
        ((1, 1), [[3, 2]], "range", 0.2),
        ((1, 1), [[2, 3]], "range", 0.8),
        ((1, 1), [[5, 2], [2, 3], [2, 3]], "range", 0.8),  # 4 + 0 + 0 against 2 + 2 + 2
        ((1, 1), [[5, 2], [2, 3], [2, 3]], "variance", 0.2),  # 16 + 0 + 0 against 4 + 4 + 4
        ((1, 2), [[0, 0]], "range", 0.1),  # 1 against 1/2
        ((1, 2), [[0, 1]], "range", 0.8),  # 1 - 1/2 against 1
        ((2, 1), [[1, 0]], "range", 0.2),  # 1 against 1 - 1/2, the smaller arm favoured
        ((2, 1), [[0, 0]], "range", 0.9),
    ],
)
def test_the_probability_of_control_by_hand(ratio, margins, imbalance, expected):
    found = Minimizer(method(imbalance), ratio, [], np.empty(0)).probabilities(margins)
    assert found == pytest.approx((expected, 1.0 - expected))


@pytest.mark.parametrize(
    ("ratio", "margins", "imbalance", "expected"),
    [
        ((1, 1, 1), [[1, 1, 1]], "range", [1 / 3, 1 / 3, 1 / 3]),  # nobody is favoured
        ((1, 1, 1), [[2, 1, 2]], "range", [0.1, 0.8, 0.1]),
        ((1, 1, 1), [[1, 1, 2]], "range", [0.45, 0.45, 0.1]),  # either of the first two
        ((1, 1, 1), [[0, 1, 2]], "variance", [0.8, 0.1, 0.1]),
        ((1, 1, 2), [[1, 1, 1]], "range", [0.2 / 3, 0.2 / 3, 2.6 / 3]),  # 1/2 is the lowest
    ],
)
def test_the_probabilities_of_three_arms_by_hand(ratio, margins, imbalance, expected):
    found = Minimizer(method(imbalance), ratio, [], np.empty(0)).probabilities(margins)
    assert found == pytest.approx(expected)


@given(
    ratio=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    probability=st.floats(0.51, 1.0),
)
def test_favoured_as_often_as_the_ratio_says_arms_are_given_so(ratio, probability):
    found = np.array(probabilities_if_favoured(ratio, probability))
    share = np.array(ratio) / sum(ratio)
    assert share @ found == pytest.approx(share)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert found.diagonal().min() == pytest.approx(probability)


@pytest.mark.parametrize("imbalance", ["range", "variance"])
@pytest.mark.parametrize("ratio", [(1, 1), (1, 2), (3, 2)])
def test_margins_are_balanced_better_than_by_coins_and_the_ratio_is_kept(imbalance, ratio):
    worst, simple, total = [], [], []
    for seed in range(30):
        levels, coins = people(seed)
        allocate = Minimizer(method(imbalance), ratio, levels.tolist(), coins)
        arms = np.array([allocate(row) for row in range(N)])
        toss = SimpleRandomization(ratio, coins)
        worst.append(worst_margin(levels, arms, ratio))
        simple.append(worst_margin(levels, np.array([toss(row) for row in range(N)]), ratio))
        total.append(arms.sum() - N * ratio[1] / sum(ratio))
    assert np.mean(simple) > 2 * max(worst)
    assert np.abs(total).max() <= 3  # by coins, its SD is about 10


def test_a_certain_coin_alternates_within_a_single_margin():
    only = Minimization(kind="minimization", factors=("sex",), imbalance="range", probability=1.0)
    allocate = Minimizer(only, (1, 1), [[0]] * 40, np.random.default_rng(1).random(40))
    arms = np.array([allocate(row) for row in range(40)]).reshape(-1, 2)
    assert (arms.sum(axis=1) == 1).all()
    assert 0 < arms[:, 0].sum() < 20


def test_levels_are_those_of_strata_and_traits():
    scenario = load_scenario("planned_2018", ["trial.sample_size=40"])
    cohort, strata = simulate(scenario, 0).cohort, scenario.trial.strata
    levels = np.array(factor_levels(("country", "duration"), scenario.trial, cohort))
    norway = [strata[stratum].levels["country"] == "norway" for stratum in cohort.stratum]
    assert len(set(levels[norway, 0])) == len(set(levels[np.logical_not(norway), 0])) == 1
    assert set(levels[norway, 0]) != set(levels[np.logical_not(norway), 0])
    assert np.array_equal(levels[:, 1], cohort.patients.values["duration"])
