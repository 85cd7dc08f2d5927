"""Arms in figures."""

import pytest

from analysis.figures.style import styles
from scenarios.arms.declared import MOST


@pytest.mark.parametrize("arms", [2, 3, 4, MOST])
def test_no_two_arms_look_alike(arms):
    found = styles(arms)
    assert len(set(found)) == len(found) == arms


def test_few_arms_differ_in_all_three_ways():
    found = styles(5)
    assert all(len(set(column)) == 5 for column in zip(*found, strict=True))
