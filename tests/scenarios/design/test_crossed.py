from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.contrasts.declared import against_reference, weights_matrix
from analysis.multiplicity.joint import joint_contrasts
from scenarios.arms.crossed import Crossed, crossed

LETTERS = "ABCDEFG"


def matrix(design: Crossed, order: int = 2) -> np.ndarray:
    return np.array([design.weights(effect) for effect in design.effects(order)])


def f_test_power(effect, n_per_arm, sd, weights, df) -> float:
    """Power of the 2-sided test of a contrast at .05, a non-central F of 1 and df."""
    k = weights.shape[1]
    joint = joint_contrasts(np.zeros(k), np.eye(k) * sd**2 / n_per_arm, weights, df)
    return float(stats.ncf.sf(stats.f.isf(0.05, 1, df), 1, df, (effect / joint.se[0]) ** 2))


def test_published_power_of_a_main_effect_of_five_components():
    """FACT1: the R package MOST; all 16 effects up to order 2 are fitted, intercept included."""
    weights = matrix(crossed(LETTERS[:5]))
    assert len(weights) == 15
    power = f_test_power(3.0, 300 / 32, 10.0, weights[:1], 300 - 1 - len(weights))
    assert power == pytest.approx(0.7354321, abs=1e-6)


def test_published_power_of_a_main_effect_with_the_baseline_as_covariate():
    """FACT2: the same with a baseline of correlation .6."""
    weights = matrix(crossed(LETTERS[:5]), 1)[:1]
    power = f_test_power(3.0, 300 / 32, 10.0 * np.sqrt(1 - 0.6**2), weights, 300 - 17)
    assert power == pytest.approx(0.8991267, abs=1e-6)


def test_published_power_of_a_difference_of_two_arms():
    """FACT3: the R package Superpower; means 24 and 26.2, SD 6.4."""
    weights = weights_matrix(against_reference(["cheerful", "sad"]))
    found = {n: 100 * f_test_power(2.2, n, 6.4, weights, 2 * n - 2)
             for n in (100, 150, 175, 178, 179, 180)}  # fmt: skip
    published = {100: 67.6857, 150: 84.3127, 175: 89.3735, 180: 90.1886}
    assert {n: found[n] for n in published} == pytest.approx(published, abs=1e-3)
    assert found[178] < 90.0 <= found[179]


@given(st.integers(1, 5), st.lists(st.floats(0, 10), min_size=32, max_size=32))
def test_weights_are_twice_the_coefficients_of_effect_coding(k, numbers):
    """Another route: least squares on the products of codes 1 and -1."""
    names = LETTERS[:k]
    design = crossed(names)
    assert design.words == {}
    assert design.resolution is None
    means = np.array(numbers[: 2**k])
    effects = [each for size in range(1, k + 1) for each in combinations(names, size)]
    assert list(design.effects(k)) == effects
    codes = np.array([[1.0, *(np.prod([1 if c in arm else -1 for c in each]) for each in effects)]
                      for arm in design.arms])  # fmt: skip
    coefficients = np.linalg.solve(codes, means)[1:]
    assert matrix(design, k) @ means == pytest.approx(2 * coefficients, abs=1e-9)


def test_an_interaction_is_half_the_difference_of_differences():
    design = crossed(["app", "band"])
    assert [sorted(arm) for arm in design.arms] == [[], ["band"], ["app"], ["app", "band"]]
    effects = matrix(design) @ np.array([1.0, 2.0, 3.0, 7.0])
    assert effects.tolist() == [(2 + 5) / 2, (1 + 4) / 2, (5 - 2) / 2]


def test_a_half_fraction_of_five_has_resolution_5_and_its_aliases():
    """The fraction of Box, Hunter and Hunter with E = ABCD, in which here I = -ABCDE."""
    design = crossed("ABCDE", ["ABCDE"])
    assert len(design.arms) == 16
    assert design.arms[0] == frozenset()
    assert dict(design.words) == {tuple("ABCDE"): -1}
    assert design.resolution == 5
    assert design.aliases("AB") == {tuple("CDE"): -1}
    assert len(design.effects(2)) == 15
    assert design.effects(5) == design.effects(2)


def test_a_quarter_fraction_of_five_has_the_published_aliases():
    """2^(5-2) with D = AB and E = AC (Box, Hunter and Hunter, table 6.6): I = ABD = ACE = BCDE."""
    design = crossed("ABCDE", ["ABD", "ACE"])
    assert dict(design.words) == {tuple("ABD"): -1, tuple("ACE"): -1, tuple("BCDE"): 1}
    assert design.resolution == 3
    assert design.aliases("A") == {("B", "D"): -1, ("C", "E"): -1, tuple("ABCDE"): 1}
    assert [" x ".join(each) for each in design.effects()] == [*"ABCDE", "B x C", "B x E"]


def test_what_weights_estimate_is_the_effect_and_its_aliases_with_their_signs():
    """Means of all 32 arms from known effects; the fraction sees 8 of them."""
    rng = np.random.default_rng(3)
    effects = [each for size in range(1, 6) for each in combinations("ABCDE", size)]
    true = dict(zip(effects, rng.normal(size=len(effects)), strict=True))
    design = crossed("ABCDE", ["ABD", "ACE"])
    seen = np.array([sum(value / 2 * np.prod([1 if c in arm else -1 for c in each])
                         for each, value in true.items()) for arm in design.arms])  # fmt: skip
    for effect in design.effects():
        expected = true[effect] + sum(s * true[a] for a, s in design.aliases(effect).items())
        assert np.dot(design.weights(effect), seen) == pytest.approx(expected)


def test_weights_of_a_fraction_are_orthogonal_and_sum_to_0():
    weights = matrix(crossed("ABCDE", ["ABD", "ACE"]))
    assert weights.sum(axis=1) == pytest.approx(0.0)
    assert weights @ weights.T == pytest.approx(np.eye(7) * 0.5)
