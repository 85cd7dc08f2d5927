from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contrasts.shapley import added_first, added_last, main_effects, shapley
from scenarios.arms.crossed import crossed

values = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.floats(-10, 10), min_size=2**n, max_size=2**n).map(np.array)
)


@given(values)
def test_parts_are_what_is_added_on_average_over_all_orders(value):
    """Another route: the definition, order by order."""
    n = len(value).bit_length() - 1
    found = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        there = 0
        for component in order:
            found[component] += value[there | 1 << component] - value[there]
            there |= 1 << component
    assert shapley(value) == pytest.approx(found / len(orders), abs=1e-9)
    assert shapley(value).sum() == pytest.approx(value[-1] - value[0], abs=1e-9)


@given(values)
def test_a_component_that_adds_nothing_has_no_part_whatever_the_others_do(value):
    doubled = np.concatenate([value, value])  # the last component changes nothing
    for measure in (shapley, main_effects, added_first, added_last):
        assert measure(doubled)[-1] == 0.0
    assert shapley(doubled)[:-1] == pytest.approx(shapley(value), abs=1e-9)


@given(st.lists(st.floats(-10, 10), min_size=8, max_size=8).map(np.array))
def test_main_effects_are_those_of_a_factorial(value):
    design = crossed("cba")  # whose arms are in the order of the codes, the last changing fastest
    weights = np.array([design.weights(name) for name in "abc"])
    assert main_effects(value) == pytest.approx(weights @ value, abs=1e-9)


def test_values_that_are_not_of_all_subsets_are_refused():
    for size in (0, 1, 3):
        with pytest.raises(ValueError, match=f"{size} values are not those of all subsets"):
            shapley(np.zeros(size))
