from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.instruments.eq_5d import DIMENSIONS, answer_dimensions, index
from scenarios.loading.load import load_scenario

EQ_5D = load_scenario("selfback_2021").instruments.eq_5d


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ("11111", 1.0),
        ("55555", -0.624),
        ("33333", 0.592),  # 1 - .114 - (.053 + .063 + .048 + .062 + .068)
        ("21111", 0.863),  # 1 - .8227 (.053 + .114)
        ("11121", 0.859),  # 1 - .8011 (.062 + .114)
        ("11114", 0.671),  # 1 - .114 - .4907 * .367 - .5093 * .068
        ("22222", 0.648),  # no problem at all with probability .000241
        ("44444", 0.223),
        ("51111", 0.475),  # 1 - .114 - .411
    ],
)
def test_states_calculated_by_hand(state, value):
    levels = np.array([[int(level) for level in state]])
    assert index(levels)[0] == pytest.approx(value, abs=1e-9)


@given(st.tuples(*[st.integers(1, 5)] * 5))
def test_the_index_is_the_expected_value_over_states_of_three_levels(state):
    best = (0.1773, 0.1673, 0.1978, 0.1989, 0.2066)
    worst = (0.0721, 0.2431, 0.3284, 0.3995, 0.4907)
    second = (0.053, 0.063, 0.048, 0.062, 0.068)
    third = (0.411, 0.192, 0.144, 0.396, 0.367)
    expected = 0.0
    for levels in product((1, 2, 3), repeat=5):
        chance, value = 1.0, 1.0
        for d, (five, three) in enumerate(zip(state, levels, strict=True)):
            shares = {
                1: (1.0, 0.0, 0.0),
                2: (best[d], 1.0 - best[d], 0.0),
                3: (0.0, 1.0, 0.0),
                4: (0.0, 1.0 - worst[d], worst[d]),
                5: (0.0, 0.0, 1.0),
            }[five]
            chance *= shares[three - 1]
            value -= (0.0, second[d], third[d])[three - 1]
        expected += chance * (value - 0.114 * (levels != (1, 1, 1, 1, 1)))
    assert index(np.array([state]))[0] == pytest.approx(expected, abs=0.0005 + 1e-12)


@given(st.tuples(*[st.integers(1, 5)] * 5), st.integers(0, 4))
def test_a_worse_level_never_raises_the_index(state, dimension):
    worse = list(state)
    worse[dimension] = min(worse[dimension] + 1, 5)
    here, there = index(np.array([state, worse]))
    assert there <= here


def people(n, seed=0):
    rng = np.random.default_rng(seed)
    causes = {
        "disability": rng.uniform(0.0, 24.0, n),
        "pain": rng.uniform(0.0, 10.0, n),
        "depression": rng.standard_normal(n),
        "stress": rng.standard_normal(n),
    }
    return causes, rng.standard_normal((n, 5)), rng.standard_normal((n, 5))


def test_levels_are_an_ordered_probit_on_the_causes():
    n = 40_000
    _, leaning, chance = people(n)
    causes = {"disability": np.full(n, 10.0), "pain": np.full(n, 5.0),
              "depression": np.full(n, 0.5), "stress": np.full(n, -0.5)}  # fmt: skip
    levels = answer_dimensions(EQ_5D, causes, leaning, chance)
    for column, name in enumerate(DIMENSIONS):
        d = getattr(EQ_5D, name)
        mean = 10.0 * d.per_disability + 5.0 * d.per_pain
        mean += 0.5 * d.per_depression - 0.5 * d.per_stress
        latent = mean + np.random.default_rng(1).standard_normal(n)
        for level, threshold in enumerate(d.thresholds, start=2):
            share, expected = (levels[:, column] >= level).mean(), (latent >= threshold).mean()
            # Two samples of n: the variance of the difference is at most 2 p (1 - p) / n.
            error = np.sqrt(2.0 * max(expected * (1.0 - expected), 1.0 / n) / n)
            assert abs(share - expected) < 4.5 * error


@pytest.mark.parametrize("cause", ["disability", "pain", "depression", "stress"])
def test_more_of_a_cause_never_lowers_a_level(cause):
    causes, leaning, chance = people(2000)
    before = answer_dimensions(EQ_5D, causes, leaning, chance)
    after = answer_dimensions(EQ_5D, causes | {cause: causes[cause] + 1.0}, leaning, chance)
    assert (after >= before).all()
    assert (after > before).any()
    assert set(np.unique(after)) <= {1, 2, 3, 4, 5}
