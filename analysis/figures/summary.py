"""A figure of a study: means by arm, and the differences of the primary analysis."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.figures.drawn import Drawn
from analysis.figures.means import draw_means_on
from analysis.figures.style import (
    COLUMN,
    MOST_TOLD,
    PAGE,
    PUBLISHED,
    SMALL,
    and_more,
    in_style,
    legend_below,
    new_figure,
    set_title,
    styles,
    wrapped,
)
from analysis.replicates.summary import StudySummary
from analysis.report.numbers import share, significant
from scenarios.analyses.register import primary_contrast

MOST_NAMED = 12
"""Contrasts that are named in full size."""


@in_style
def draw_study(summary: StudySummary, *, width: float = PAGE) -> Drawn:
    """Draw arm means over time and the distribution of the primary differences.

    Parameters
    ----------
    summary
        A study's summary.
    width
        Of the figure, in mm; at a column's the two stand one above the other.
    """
    beside = width > 1.5 * COLUMN
    contrasts = len(summary.contrasts)
    right_height = max(62.0, 2.6 * contrasts + 14.0)
    height = right_height if beside else 62.0 + right_height
    figure = new_figure(width, height)
    shape = (1, 2) if beside else (2, 1)
    means, differences = figure.subplots(*shape)
    panel = 0.38 * width if beside else 0.75 * width
    table = pd.DataFrame(summary.arm_means, columns=_COLUMNS)
    if len(table):
        draw_means_on(means, table, _labels(summary), panel)
        means.set_title("mean, and 95% range over trials", fontsize=SMALL)
    else:
        means.text(0.5, 0.5, "no means of a model", ha="center", transform=means.transAxes)
    means.set_ylabel(wrapped(summary.outcome_label, 55.0))
    _draw_differences(summary, differences, panel)
    legend_below(figure, means, width)
    set_title(figure, f"{summary.title} ({summary.replicates} simulated trials)", width)
    return Drawn(figure, _in_words(summary))


_COLUMNS = ["visit", "day", "arm", "mean", "lower", "upper", "published"]


def _draw_differences(summary: StudySummary, axes: Axes, width: float) -> None:
    axes.axvline(0.0, color="black", linewidth=0.6)
    compared = ""
    if len(summary.contrasts) == 1:
        compared = _draw_distribution(summary, axes)
    else:
        _draw_ranges(summary, axes, width)
    axes.set_xlabel(wrapped(f"{_effect(summary)} at {summary.power.visit}{compared}", width))


def _labels(summary: StudySummary) -> dict[str, str]:
    return dict(zip(summary.arms, summary.arm_labels, strict=True))


def _compared(summary: StudySummary, name: str) -> str:
    """Return what is compared, with the labels of arms where it is two of them."""
    labels, parts = _labels(summary), name.split(" - ")
    return " - ".join(labels[part] for part in parts) if set(parts) <= set(labels) else name


def _effect(summary: StudySummary) -> str:
    return f"{primary_contrast(summary.power.analysis)} by the primary analysis"


def _draw_distribution(summary: StudySummary, axes: Axes) -> str:
    """Draw the differences of one contrast; return what is compared."""
    (contrast,) = summary.contrasts
    if contrast.differences:
        colour = styles(2)[1].colour
        axes.hist(contrast.differences, bins="auto", color=colour, alpha=0.75, edgecolor="white",
                  linewidth=0.3)  # fmt: skip
    if contrast.published_difference is not None:
        axes.axvline(
            contrast.published_difference, color=PUBLISHED, linewidth=1.4, linestyle="--",
            label="published",
        )  # fmt: skip
        axes.legend(loc="best")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("trials")
    return f" ({_compared(summary, contrast.name or ' - '.join(reversed(summary.arms)))})"


def _draw_ranges(summary: StudySummary, axes: Axes, width: float) -> None:
    """Draw mean, quartiles and 95% range of each contrast's differences, the first on top."""
    _, *own = styles(len(summary.contrasts) + 1)
    names = [_compared(summary, contrast.name) for contrast in summary.contrasts]
    for y, (style, contrast) in enumerate(zip(own, summary.contrasts, strict=True)):
        values = np.array(contrast.differences)
        if len(values):
            low, first, third, high = np.quantile(values, [0.025, 0.25, 0.75, 0.975])
            axes.plot([low, high], [y, y], color=style.colour, linewidth=1.0)
            axes.plot([first, third], [y, y], color=style.colour, linewidth=4.0, alpha=0.5,
                      solid_capstyle="butt")  # fmt: skip
            axes.plot(values.mean(), y, color=style.colour, marker=style.marker)
        if contrast.published_difference is not None:
            axes.plot(contrast.published_difference, y, "x", color=PUBLISHED, markersize=6)
    size = SMALL if len(names) <= MOST_NAMED else SMALL - 1.0
    axes.set_yticks(
        range(len(names)), [wrapped(name, 0.45 * width, size) for name in names], fontsize=size
    )
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_title("mean, quartiles and 95% range over trials", fontsize=SMALL)


def _in_words(summary: StudySummary) -> str:
    told = []
    for contrast in summary.contrasts[:MOST_TOLD]:
        power = contrast.power
        rejected = round(power.rejected * power.replicates)
        name = f"{_compared(summary, contrast.name)}: " if contrast.name else ""
        if contrast.differences:
            low, high = np.quantile(contrast.differences, [0.025, 0.975])
            mean = significant(float(np.mean(contrast.differences)), 3)
            name += (
                f"mean estimate {mean} (95% of trials {significant(float(low), 3)} to "
                f"{significant(float(high), 3)}), "
            )
        told.append(f"{name}rejected in favour in {share(rejected, power.replicates)} of trials")
    return (
        f"{summary.title}, {summary.replicates} simulated trials: means of "
        f"{summary.outcome_label} by arm over the visits, and the primary analysis "
        f"({summary.power.analysis}) at {summary.power.visit}. {'; '.join(told)}"
        f"{and_more(len(summary.contrasts))}."
    )
