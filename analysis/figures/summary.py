"""Figures of a study."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.arm_styles import arm_styles
from analysis.figures.plain_text import plain_text
from analysis.replicates.summary import StudySummary

PUBLISHED = "#c0392b"
"""Colour of published numbers."""
MOST_IN_PANEL = 4
"""Arms of which a panel has room for the legend."""


@plain_text
def draw_study(summary: StudySummary, path: Path) -> None:
    """Draw arm means over time and the distribution of the primary differences.

    Parameters
    ----------
    summary
        A study's summary.
    path
        Where to write; the ending chooses the format.
    """
    beside = 0.0 if len(summary.arms) <= MOST_IN_PANEL else 5.0
    figure = Figure(figsize=(10.0 + beside, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_means(summary, left)
    _draw_differences(summary, right)
    figure.suptitle(f"{summary.title} ({summary.replicates} simulated trials)", fontsize=11)
    figure.savefig(path, dpi=150)


def _draw_means(summary: StudySummary, axes: Axes) -> None:
    visits = list(dict.fromkeys(row["visit"] for row in summary.arm_means))
    arms = len(summary.arms)
    apart = min(0.12, 0.7 / arms)
    for position, (style, arm) in enumerate(zip(arm_styles(arms), summary.arms, strict=True)):
        shift = (position - (arms - 1) / 2.0) * apart
        rows = [row for row in summary.arm_means if row["arm"] == arm]
        place = np.array([visits.index(row["visit"]) for row in rows]) + shift
        mean = np.array([row["mean"] for row in rows])
        reach = np.abs(np.array([[row["lower"], row["upper"]] for row in rows]).T - mean)
        axes.errorbar(
            place, mean, reach, color=style.colour, marker=style.marker, linestyle=style.line,
            capsize=3, label=f"{arm}, mean and 95% range over trials" if arms == 2 else arm,
        )  # fmt: skip
        known = [(x, row["published"]) for x, row in zip(place, rows, strict=True)]
        known = [(x, value) for x, value in known if value is not None]
        if known:
            x, value = zip(*known, strict=True)
            axes.plot(x, value, "x", color=PUBLISHED, markersize=9, markeredgewidth=2, zorder=5)
    if any(row["published"] is not None for row in summary.arm_means):
        axes.plot([], [], "x", color=PUBLISHED, label="published")
    axes.set_xticks(range(len(visits)), visits)
    axes.set_ylabel(summary.outcome_label)
    _draw_legend(axes, arms, "" if arms == 2 else "mean and 95% range over trials")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_differences(summary: StudySummary, axes: Axes) -> None:
    axes.axvline(0.0, color="black", linewidth=0.8)
    if len(summary.contrasts) == 1:
        compared = _draw_distribution(summary, axes)
    else:
        compared = ""
        _draw_ranges(summary, axes)
    axes.set_xlabel(f"Adjusted difference at {summary.power.visit}{compared}")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_distribution(summary: StudySummary, axes: Axes) -> str:
    """Draw the differences of one contrast; return what is compared."""
    (contrast,) = summary.contrasts
    if contrast.differences:
        colour = arm_styles(len(summary.arms))[1].colour
        axes.hist(contrast.differences, bins="auto", color=colour, alpha=0.75)
    if contrast.published_difference is not None:
        axes.axvline(contrast.published_difference, color=PUBLISHED, linewidth=2, label="published")
        axes.legend(frameon=False, fontsize=8)
    axes.set_ylabel("trials")
    return f" ({contrast.name or ' - '.join(reversed(summary.arms))})"


def _draw_ranges(summary: StudySummary, axes: Axes) -> None:
    """Draw mean, quartiles and 95% range of each contrast's differences, the first on top."""
    _, *styles = arm_styles(len(summary.contrasts) + 1)
    names = [contrast.name for contrast in summary.contrasts]
    for y, (style, contrast) in enumerate(zip(styles, summary.contrasts, strict=True)):
        values = np.array(contrast.differences)
        if len(values):
            low, first, third, high = np.quantile(values, [0.025, 0.25, 0.75, 0.975])
            axes.plot([low, high], [y, y], color=style.colour, linewidth=1.4)
            axes.plot([first, third], [y, y], color=style.colour, linewidth=5.0, alpha=0.5)
            axes.plot(values.mean(), y, color=style.colour, marker=style.marker)
        if contrast.published_difference is not None:
            axes.plot(contrast.published_difference, y, "x", color=PUBLISHED, markersize=9)
    axes.set_yticks(range(len(names)), names, fontsize=8 if len(names) <= 12 else 6)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_title("mean, quartiles and 95% range over trials", fontsize=8)


def _draw_legend(axes: Axes, arms: int, title: str) -> None:
    """Draw a legend in a panel, or beside it where many arms need room."""
    if arms <= MOST_IN_PANEL:
        axes.legend(frameon=False, fontsize=8, title=title or None, title_fontsize=8)
        return
    columns = -(-arms // 16)
    axes.legend(
        frameon=False, fontsize=7, title=title or None, title_fontsize=7, ncols=columns,
        loc="center left", bbox_to_anchor=(1.0, 0.5),
    )  # fmt: skip
