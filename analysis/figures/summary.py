"""Figures of a study."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.plain_text import plain_text
from analysis.replicates.summary import StudySummary

COLOURS = ("#7a7a7a", "#1f6f8b")
"""Of the arms, the reference first."""


@plain_text
def draw_study(summary: StudySummary, path: Path) -> None:
    """Draw arm means over time and the distribution of the primary difference.

    Parameters
    ----------
    summary
        A study's summary.
    path
        Where to write; the ending chooses the format.
    """
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_means(summary, left)
    _draw_differences(summary, right)
    figure.suptitle(f"{summary.title} ({summary.replicates} simulated trials)", fontsize=11)
    figure.savefig(path, dpi=150)


def _draw_means(summary: StudySummary, axes: Axes) -> None:
    visits = list(dict.fromkeys(row["visit"] for row in summary.arm_means))
    for shift, colour, arm in zip((-0.06, 0.06), COLOURS, summary.arms, strict=True):
        rows = [row for row in summary.arm_means if row["arm"] == arm]
        place = np.array([visits.index(row["visit"]) for row in rows]) + shift
        mean = np.array([row["mean"] for row in rows])
        reach = np.abs(np.array([[row["lower"], row["upper"]] for row in rows]).T - mean)
        axes.errorbar(
            place, mean, reach, color=colour, marker="o", capsize=3,
            label=f"{arm}, mean and 95% range over trials",
        )  # fmt: skip
        known = [(x, row["published"]) for x, row in zip(place, rows, strict=True)]
        known = [(x, value) for x, value in known if value is not None]
        if known:
            x, value = zip(*known, strict=True)
            axes.plot(x, value, "x", color="#c0392b", markersize=9, markeredgewidth=2, zorder=5)
    if any(row["published"] is not None for row in summary.arm_means):
        axes.plot([], [], "x", color="#c0392b", label="published")
    axes.set_xticks(range(len(visits)), visits)
    axes.set_ylabel(summary.outcome_label)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_differences(summary: StudySummary, axes: Axes) -> None:
    control, treated = summary.arms
    if summary.differences:
        axes.hist(summary.differences, bins="auto", color=COLOURS[-1], alpha=0.75)
    axes.axvline(0.0, color="black", linewidth=0.8)
    if summary.published_difference is not None:
        axes.axvline(summary.published_difference, color="#c0392b", linewidth=2, label="published")
        axes.legend(frameon=False, fontsize=8)
    axes.set_xlabel(f"Adjusted difference at {summary.power.visit} ({treated} - {control})")
    axes.set_ylabel("trials")
    axes.spines[["top", "right"]].set_visible(False)
