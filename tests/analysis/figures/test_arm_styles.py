"""Arms in figures."""

import pytest

from analysis.figures.arm_styles import arm_styles
from scenarios.arms.declared import MOST


@pytest.mark.parametrize("arms", [2, 3, 4, MOST])
def test_no_two_arms_look_alike(arms):
    styles = arm_styles(arms)
    assert len(set(styles)) == len(styles) == arms


def test_few_arms_differ_in_all_three_ways():
    styles = arm_styles(5)
    assert all(len(set(column)) == 5 for column in zip(*styles, strict=True))
