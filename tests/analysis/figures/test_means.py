"""Means over the visits."""

import numpy as np
import pandas as pd
import pytest

from analysis.figures.means import draw_means
from analysis.figures.style import COLUMN, PAGE
from analysis.replicates.arm_means import arm_means
from scenarios.targets import Target

from .conftest import DAYS

ARMS = {"a": "Care", "b": "Care and more"}


def target(arm, value, visit="1 year"):
    select = {"quantity": "mean", "outcome": "score", "visit": visit, "arm": arm}
    return Target(
        section="s", label="l", value=value, source="t", role="implied", table="summaries",
        select=select,
    )  # fmt: skip


def test_means_are_over_trials_with_answers_and_published_ones(summaries):
    found = arm_means(summaries, "score", DAYS, [target("a", 7.0), target("all", 6.0, "baseline")])
    assert list(found["visit"]) == ["baseline"] * 2 + ["2 weeks"] * 2 + ["1 year"] * 2
    assert list(found["day"]) == [0.0, 0.0, 14.0, 14.0, 365.0, 365.0]
    assert set(found["arm"]) == {"a", "b"}
    np.testing.assert_allclose(found["mean"], 2.0)
    np.testing.assert_allclose(found["lower"], np.quantile([1.0, 3.0], 0.025))
    np.testing.assert_allclose(found["answered"], np.median([11.0, 23.0]))
    known = {(r["visit"], r["arm"]): r["published"] for r in found.to_dict("records")}
    assert known["baseline", "a"] == known["baseline", "b"] == 6.0
    assert known["1 year", "a"] == 7.0
    assert np.isnan(known["1 year", "b"])


def test_an_outcome_of_nobody_has_no_rows(summaries):
    assert arm_means(summaries, "another", DAYS).empty


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_the_time_axis_is_to_scale_and_answers_are_under_it(summaries, outcome, width):
    drawn = draw_means(arm_means(summaries, "score", DAYS), outcome, ARMS, width=width)
    axes, below = drawn.figure.axes
    assert axes.lines[0].get_xdata().tolist() == [0.0, 14.0, 365.0]
    assert axes.get_xticks()[-1] == pytest.approx(365.0, abs=1.0)
    assert axes.get_ylabel().replace("\n", " ") == "Score, marks; higher is better"
    assert [text.get_text() for text in below.texts].count("17") == 6
    assert "Care 2 (" in drawn.alt
    assert "Care and more 2 (" in drawn.alt


def test_arms_are_told_apart_without_colour(summaries, outcome):
    drawn = draw_means(arm_means(summaries, "score", DAYS), outcome, ARMS)
    lines = [line for line in drawn.figure.axes[0].lines if len(line.get_xdata())]
    assert len({line.get_marker() for line in lines}) == 2
    assert len({line.get_linestyle() for line in lines}) == 2


def test_published_points_stand_where_they_were_measured(summaries, outcome):
    means = arm_means(summaries, "score", DAYS, [target("b", 7.0)])
    axes = draw_means(means, outcome, ARMS).figure.axes[0]
    points = [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert points == [(365.0, 7.0)]


def test_of_many_arms_each_has_a_panel_with_the_reference(summaries, outcome):
    alike = [summaries.assign(arm=summaries["arm"].replace("b", name)) for name in "bcdefgh"]
    means = arm_means(pd.concat(alike).drop_duplicates(), "score", DAYS)
    arms = {name: f"Arm {name}" for name in "abcdefgh"}
    *panels, below = draw_means(means, outcome, arms).figure.axes
    assert [axes.get_title("left") for axes in panels] == [f"Arm {name}" for name in "bcdefgh"]
    for axes in panels:
        assert len([line for line in axes.lines if len(line.get_xdata()) == len(DAYS)]) == 2
    assert len(below.get_yticks()) == 8
