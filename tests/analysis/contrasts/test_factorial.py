from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.contrasts.declared import against_reference, weights_matrix
from analysis.contrasts.factorial import Factorial, factorial, fraction, full_factorial
from analysis.multiplicity.joint import joint_contrasts
from scenarios.errors import InputError

LETTERS = "ABCDEFG"


def f_test_power(effect, n_per_arm, sd, weights, df) -> float:
    """Power of the 2-sided test of a contrast at .05, a non-central F of 1 and df."""
    k = weights.shape[1]
    joint = joint_contrasts(np.zeros(k), np.eye(k) * sd**2 / n_per_arm, weights, df)
    return float(stats.ncf.sf(stats.f.isf(0.05, 1, df), 1, df, (effect / joint.se[0]) ** 2))


def test_published_power_of_a_main_effect_of_five_components():
    """FACT1: the R package MOST; all 16 effects up to order 2 are fitted, intercept included."""
    design = factorial(full_factorial(LETTERS[:5]))
    effects = design.contrasts(2)
    assert len(effects) == 15
    weights = weights_matrix(effects[:1])
    power = f_test_power(3.0, 300 / 32, 10.0, weights, 300 - 1 - len(effects))
    assert power == pytest.approx(0.7354321, abs=1e-6)


def test_published_power_of_a_main_effect_with_the_baseline_as_covariate():
    """FACT2: the same with a baseline of correlation .6."""
    weights = weights_matrix(factorial(full_factorial(LETTERS[:5])).contrasts(1)[:1])
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


@given(st.integers(1, 5), st.randoms(use_true_random=False))
def test_contrasts_are_twice_the_coefficients_of_effect_coding(k, random):
    """Another route: least squares on the products of codes 1 and -1."""
    names = LETTERS[:k]
    arms = list(full_factorial(names))
    random.shuffle(arms)
    design = factorial(arms, names)
    assert design.words == {}
    assert design.resolution is None
    means = np.array([random.uniform(0, 10) for _ in arms])
    found = design.contrasts(k)
    effects = [each for size in range(1, k + 1) for each in combinations(names, size)]
    assert [each.name for each in found] == [" x ".join(each) for each in effects]
    codes = np.array([[1.0, *(np.prod([1 if c in arm else -1 for c in each]) for each in effects)]
                      for arm in arms])  # fmt: skip
    coefficients = np.linalg.solve(codes, means)[1:]
    assert weights_matrix(found) @ means == pytest.approx(2 * coefficients)


def test_an_interaction_is_half_the_difference_of_differences():
    design = factorial([[], ["app"], ["band"], ["app", "band"]], ["app", "band"])
    means = np.array([1.0, 3.0, 2.0, 7.0])
    effects = weights_matrix(design.contrasts()) @ means
    assert effects.tolist() == [(2 + 5) / 2, (1 + 4) / 2, (5 - 2) / 2]


def test_a_half_fraction_of_five_has_resolution_5_and_its_aliases():
    """The fraction of Box, Hunter and Hunter with E = ABCD, in which here I = -ABCDE."""
    design = factorial(fraction("ABCD", {"E": "ABCD"}))
    assert len(design.arms) == 16
    assert frozenset() in design.arms
    assert dict(design.words) == {tuple("ABCDE"): -1}
    assert design.resolution == 5
    assert design.aliases(("A", "B")) == {tuple("CDE"): -1}
    assert len(design.contrasts(2)) == 15
    assert design.contrasts(5) == design.contrasts(2)


def test_a_quarter_fraction_of_five_has_the_published_aliases():
    """2^(5-2) with D = AB and E = AC (Box, Hunter and Hunter, table 6.6): I = ABD = ACE = BCDE."""
    arms = fraction("ABC", {"D": "AB", "E": "AC"})
    design = factorial(arms, "ABCDE")
    assert dict(design.words) == {tuple("ABD"): -1, tuple("ACE"): -1, tuple("BCDE"): 1}
    assert design.resolution == 3
    assert design.aliases(("A",)) == {("B", "D"): -1, ("C", "E"): -1, tuple("ABCDE"): 1}
    assert [each.name for each in design.contrasts()] == [*"ABCDE", "B x C", "B x E"]


def test_what_a_contrast_estimates_is_the_effect_and_its_aliases_with_their_signs():
    """Means of all 32 arms from known effects; the fraction sees 8 of them."""
    rng = np.random.default_rng(3)
    whole = factorial(full_factorial("ABCDE"))
    effects = [each for size in range(1, 6) for each in combinations("ABCDE", size)]
    true = dict(zip(effects, rng.normal(size=len(effects)), strict=True))
    mean = {arm: sum(value / 2 * np.prod([1 if c in arm else -1 for c in each])
                     for each, value in true.items()) for arm in whole.arms}  # fmt: skip
    design = factorial(fraction("ABC", {"D": "AB", "E": "AC"}), "ABCDE")
    seen = np.array([mean[arm] for arm in design.arms])
    for each in design.contrasts():
        effect = tuple(each.name.split(" x "))
        expected = true[effect] + sum(s * true[a] for a, s in design.aliases(effect).items())
        assert np.dot(each.weights, seen) == pytest.approx(expected)


def test_contrasts_of_a_fraction_are_orthogonal_and_sum_to_0():
    weights = weights_matrix(factorial(fraction("ABC", {"D": "AB", "E": "AC"})).contrasts())
    assert weights.sum(axis=1) == pytest.approx(0.0)
    assert weights @ weights.T == pytest.approx(np.eye(7) * 0.5)


@pytest.mark.parametrize(
    ("arms", "components", "message"),
    [
        (
            [[], ["A"], ["B"]],
            None,
            (
                "arms: 3 of the 4 combinations of A, B are no full factorial and no regular "
                "fraction, in which every other effect has as many arms with as without: must be "
                "all of them, or the arms of a fraction"
            ),
        ),
        ([[], ["A"], ["A"]], None, "arms: two have A: must be different"),
        ([[], []], ["A"], "arms: two have no component: must be different"),
        (
            [["A"], ["A", "B"]],
            None,
            "arms: every arm has 'A': it has no effect to estimate, leave it out of the factorial",
        ),
        (
            [[], ["A"]],
            ["A", "B"],
            "arms: no arm has 'B': it has no effect to estimate, leave it out of the factorial",
        ),
        (
            [[], ["A", "B"]],
            None,
            (
                "arms: 'A' and 'B' always go together, or one without the other: no main effect is "
                "told from the other's, must be one component"
            ),
        ),
        ([[], ["apq"]], ["app"], "arms: 'apq' is no component: did you mean 'app'?"),
        ([[]], None, "arms: 0 components are not allowed: must be 1 to 10"),
        ([], None, "arms: 0 components are not allowed: must be 1 to 10"),
    ],
)
def test_arms_that_are_no_factorial_are_said_in_one_line(arms, components, message):
    with pytest.raises(InputError) as error:
        factorial(arms, components)
    assert str(error.value) == message


def half() -> Factorial:
    return factorial(fraction("AB", {"C": "AB"}))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: half().contrast(()), "effects: '' is not allowed: must name one component at"),
        (lambda: half().contrast(("D",)), "effects: 'D' is no component: must be among A, B, C"),
        (lambda: half().contrast(tuple("CBA")), "effects: 'A x B x C' is not allowed: it is the"),
        (lambda: half().contrasts(0), "order: 0 is not allowed: must be 1 to 3"),
        (lambda: half().contrasts(4), "order: 4 is not allowed: must be 1 to 3"),
        (lambda: fraction("AB", {"C": "A"}), "generators.C: 1 components are too few: must be 2"),
        (lambda: fraction("AB", {"B": "AB"}), "generators.B: 'B' is among the components that"),
        (lambda: fraction("AB", {"C": "AX"}), "generators.C: 'X' is no crossed component"),
        (lambda: full_factorial("AA"), "components: component 'A' stands more than once"),
        (lambda: full_factorial(""), "components: 0 components are not allowed: must be 1 to 10"),
    ],
)
def test_effects_that_there_are_not_are_said_in_one_line(ask, message):
    with pytest.raises(InputError) as error:
        ask()
    assert str(error.value).startswith(message)
