import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from analysis.report.numbers import (
    figures,
    fixed,
    interval,
    p_value,
    percent,
    share,
    share_percent,
    signed,
)


@given(p=st.floats(0.0, 1.0), alpha=st.sampled_from([0.05, 0.025, 0.01, 0.1, 0.001]))
def test_a_p_value_shows_its_side_of_alpha_and_is_never_0_or_1(p, alpha):
    assume(p == alpha or abs(p - alpha) > 1e-12)
    text = p_value(p, alpha)
    shown = float(text.lstrip("<>"))
    assert 0.0 < shown < 1.0
    if text.startswith("<"):
        assert p < shown <= alpha
    elif text.startswith(">"):
        assert p > shown > alpha
    else:
        assert np.sign(shown - alpha) == np.sign(p - alpha)


@given(limit=st.floats(-50.0, 50.0), no_effect=st.sampled_from([0.0, 1.0]))
def test_a_limit_shows_its_side_of_no_effect(limit, no_effect):
    assume(limit == no_effect or abs(limit - no_effect) > 1e-10)
    shown = float(fixed(limit, 2, side_of=no_effect))
    assert np.sign(shown - no_effect) == np.sign(limit - no_effect)


@given(count=st.integers(0, 400), more=st.integers(0, 400))
def test_shares_have_wilsons_interval_checked_against_scipy(count, more):
    total = count + more
    assume(total)
    found = stats.binomtest(count, total).proportion_ci(method="wilson")
    shown = [float(text) for text in re.findall(r"[\d.]+", share(count, total))]
    assert shown == pytest.approx([count / total, found.low, found.high], abs=0.00051)
    assert shown[2] > shown[1]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (2.675, 2, "2.68"), (0.5, 0, "1"), (2.5, 0, "3"),
     (8.249999999999999, 1, "8.3"), (-0.001, 2, "0.00"), (np.inf, 2, "inf"), (np.nan, 2, "-"),
     (None, 2, "-")],
)  # fmt: skip
def test_halves_are_rounded_up_and_there_is_no_negative_zero(value, decimals, text):
    assert fixed(value, decimals) == text


def test_percentages_are_of_counts():
    assert [percent(29, 200), percent(1, 8, 1), percent(0, 0)] == ["15", "12.5", "-"]
    assert share_percent(2, 2) == "100.0% (34.2 to 100.0)"
    assert [share(0, 0), share_percent(0, 0)] == ["-", "-"]


def test_numbers_of_tables():
    assert [figures(12.25), figures(0.125), figures(np.nan)] == ["12.3", "0.13", "-"]
    assert [signed(0.0, 1), signed(-0.25, 1)] == ["+0.0", "-0.3"]
    assert interval(1.5, 1.0004, 2.0, no_effect=1.0) == "1.50 (1.0004 to 2.00)"
