"""Power, intervals, performance and comparisons."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

from analysis.figures.designs import draw_comparison
from analysis.figures.performance import draw_performance
from analysis.figures.power import draw_power
from analysis.figures.style import COLUMN, PAGE
from analysis.figures.zip_plot import draw_zip
from analysis.replicates.paired_differences import Quantity, paired_differences
from analysis.replicates.performance import performance


def share(value, n=100):
    return {"power": value, "lower": value - 0.05, "upper": value + 0.04, "replicates": n}


def grid(methods=("x", "y")):
    cells = [
        {"point": {"trial.sample_size": size, "method": method}, "analysis": "t",
         "power": share(0.6 + size / 1000), "null": share(0.06)}
        for size in (100, 200) for method in methods
    ]  # fmt: skip
    return {
        "scenario": "knee", "outcome": "pain", "visit": "1 year", "replicates": 100,
        "vary": {"trial.sample_size": [100, 200], "method": list(methods)}, "cells": cells,
        "curves": [],
    }  # fmt: skip


def offsets(axes):
    return [container.lines[0].get_xdata().tolist() for container in axes.containers[:-1]]


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_series_with_the_same_power_do_not_hide_one_another(width):
    axes = draw_power(grid(), alpha=0.05, width=width).figure.axes[0]
    places = offsets(axes)
    assert len(places) == 4
    firsts = sorted(each[0] for each in places)
    assert min(np.diff(firsts)) > 0.0
    assert all(abs(each[0] - 100.0) < 10.0 for each in places)
    markers = {container.lines[0].get_marker() for container in axes.containers[:-1]}
    assert len(markers) == 2


def test_the_axis_has_the_label_and_lines_at_powers_and_alpha():
    labels = {"trial.sample_size": "randomized (people)", "method": "method of counting"}
    drawn = draw_power(grid(), labels=labels, outcome="Pain", alpha=0.05)
    axes = drawn.figure.axes[0]
    assert axes.get_xlabel() == "randomized (people)"
    assert [text.get_text() for text in axes.texts] == ["0.8", "0.9", "alpha 0.05"]
    _, named = axes.get_legend_handles_labels()
    assert "method of counting = x" in named
    assert "trial.sample_size" not in drawn.alt
    assert "0.800 (0.750 to 0.840)" in drawn.alt


def test_a_grid_of_one_cell_is_drawn():
    one = grid(("x",)) | {"vary": {}}
    one["cells"] = [{**one["cells"][0], "point": {}, "null": None}]
    assert "at the most" not in draw_power(one).alt


def test_the_zip_has_the_coverage_that_was_counted(intervals):
    drawn = draw_zip(intervals, 5.0, title="t test", unit="points")
    axes = drawn.figure.axes[0]
    held, missed = (c for c in axes.collections if isinstance(c, LineCollection))
    assert len(held.get_segments()) == 360
    assert len(missed.get_segments()) == 40
    assert min(segment[0][1] for segment in missed.get_segments()) > 90.0
    assert "90.0% (86.7 to 92.6)" in drawn.alt
    assert "360 hold it" in drawn.alt


def test_a_truth_of_each_replicate_moves_its_interval(intervals):
    own = pd.Series(5.0, index=intervals.index)
    own[::10] += 6.0
    assert "400 hold it" in draw_zip(intervals, own).alt


def test_an_interval_without_an_end_and_failed_fits_are_no_obstacle(intervals):
    table = intervals.copy()
    table.loc[0, "lower"] = -np.inf
    table.loc[1, ["estimate", "se", "lower", "upper"]] = np.nan
    assert "of 399 simulated trials" in draw_zip(table, 5.0).alt


def test_without_any_interval_there_is_no_zip(intervals):
    with pytest.raises(ValueError, match="no replicate"):
        draw_zip(intervals.assign(se=np.nan), 5.0)


def estimates(intervals):
    return intervals.assign(
        analysis="t test", outcome="score", visit="1 year", contrast="difference", converged=True,
        decision="in favour",
    )  # fmt: skip


def test_performance_has_a_panel_a_measure_that_is_known(intervals):
    known = performance(estimates(intervals), 5.0)
    drawn = draw_performance(known, title="Score", unit="marks")
    labels = [axes.get_xlabel().replace("\n", " ") for axes in drawn.figure.axes]
    assert labels == [
        "rejected in favour (share of trials)", "coverage (share of intervals)", "bias (marks)",
    ]  # fmt: skip
    assert "0.900 (0.867 to 0.926)" in drawn.alt
    unknown = draw_performance(performance(estimates(intervals)))
    assert len(unknown.figure.axes) == 1


def test_failures_only_have_no_bias(intervals):
    failed = estimates(intervals).assign(
        estimate=np.nan, se=np.nan, lower=np.nan, upper=np.nan, converged=False, decision="",
    )  # fmt: skip
    drawn = draw_performance(performance(failed, 5.0))
    assert "bias" not in drawn.alt


def differences():
    values = pd.DataFrame(
        [
            (trial, quantity, a, a + more * (trial - 0.5))
            for trial in range(4)
            for quantity, a, more in (("cost", 9.0, 0.0), ("effect", 1.0, 2.0), ("bias", 0.0, 1.0))
        ],
        columns=["replicate", "quantity", "A", "B"],
    )
    return paired_differences(values, ["A", "B"])


@pytest.mark.parametrize("width", [COLUMN, PAGE])
def test_a_comparison_is_by_unit_and_without_what_is_the_same(width):
    quantities = {
        "effect": Quantity("marks", "higher is better"), "bias": Quantity("marks"),
        "cost": Quantity("hours", "lower is better"),
    }  # fmt: skip
    labels = {"A": "A: plain", "B": "B: other"}
    drawn = draw_comparison(differences(), labels, quantities, width=width)
    (axes,) = drawn.figure.axes
    assert axes.get_xlabel() == "difference (marks)"
    ticks = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert ticks == ["effect (higher: better)", "bias"]
    assert "the same in every trial of all designs: cost" in drawn.figure.get_supxlabel()
    assert "1 quantity is the same in all trials" in drawn.alt
    assert "effect of B: other: 2" in drawn.alt


def test_designs_that_differ_in_nothing_are_told_to():
    alike = differences()
    alike = alike[alike["quantity"] == "cost"]
    drawn = draw_comparison(alike, {"A": "A", "B": "B"})
    assert "No quantity differs" in drawn.alt
