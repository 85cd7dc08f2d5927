"""A zip plot: the confidence intervals of all replicates, those farthest from the truth on top.

Morris, White and Crowther (2019), Statistics in Medicine 38:2074-2102, section 6.
"""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    GREY,
    NORMAL,
    PAGE,
    VERMILLION,
    counted,
    in_style,
    legend_below,
    new_figure,
    set_title,
    wrapped,
)
from analysis.report.numbers import share_percent

MOST_LINES = 2000
"""Intervals that are drawn as lines; more are a bitmap within the figure, which stays small."""


@in_style
def draw_zip(
    estimates: pd.DataFrame,
    truth: pd.Series | float,
    *,
    title: str = "",
    unit: str = "",
    confidence: float = 0.95,
    width: float = PAGE,
) -> Drawn:
    """Draw the intervals of one analysis against the truth.

    Each is at the centile of its distance from the truth in standard errors: where the intervals
    are right, those above the centile of the confidence level miss the truth.

    Parameters
    ----------
    estimates
        A row a replicate: ``estimate``, ``se``, ``lower`` and ``upper``, missing where the fit
        failed.
    truth
        What is estimated: one value, or one for each row on the index of `estimates`.
    title
        Which analysis it is, of what.
    unit
        Of the estimates.
    confidence
        Level of the intervals, 0 to 1.
    width
        Of the figure, in mm.

    Raises
    ------
    ValueError
        If no row has an interval and a true value.
    """
    table = estimates[["estimate", "se", "lower", "upper"]].astype(float).assign(truth=truth)
    table = table.dropna()
    table = table[table["se"] > 0.0]
    if table.empty:
        raise ValueError("no replicate has an interval and a true value")
    table["far"] = ((table["estimate"] - table["truth"]) / table["se"]).abs()
    table = table.sort_values("far", kind="stable")
    n = len(table)
    centile = 100.0 * (np.arange(n) + 0.5) / n
    lower, upper = (
        (table[side] - table["truth"]).to_numpy().clip(-1e9, 1e9) for side in ("lower", "upper")
    )
    holds = (lower <= 0.0) & (upper >= 0.0)
    count = int(holds.sum())
    figure = new_figure(width, 82.0)
    axes = figure.subplots()
    for mine, colour, thick, label in (
        (holds, "#8fb3c9", 0.6, "interval holds the truth"),
        (~holds, VERMILLION, 0.9, "interval misses it"),
    ):
        ends = [[(a, y), (b, y)] for a, b, y in zip(lower[mine], upper[mine], centile[mine],
                                                    strict=True)]  # fmt: skip
        axes.add_collection(
            LineCollection(ends, colors=colour, linewidths=thick, rasterized=n > MOST_LINES,
                           linestyles="-" if colour != VERMILLION else (0, (2, 0.7)))
        )  # fmt: skip
        axes.plot([], [], color=colour, label=f"{label} ({mine.sum()})",
                  linestyle="-" if colour != VERMILLION else (0, (2, 0.7)))  # fmt: skip
    finite = np.concatenate([lower[np.abs(lower) < 1e9], upper[np.abs(upper) < 1e9], [0.0]])
    reach = 1.04 * float(np.abs(finite).max()) or 1.0
    axes.set_xlim(-reach, reach)
    axes.set_ylim(0.0, 100.0)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.axhline(100.0 * confidence, color=GREY, linewidth=0.7, linestyle=(0, (4, 2)))
    marks = [0, 25, 50, 75, round(100.0 * confidence, 1), 100]
    axes.set_yticks(marks, [f"{mark:g}" for mark in marks])
    axes.set_ylabel("centile of the distance from the truth in standard errors")
    axes.set_xlabel(wrapped(f"interval less the true value{f' ({unit})' if unit else ''}",
                            0.8 * width, NORMAL))  # fmt: skip
    covers = f"coverage {share_percent(count, n)}, {count} of {n} intervals"
    axes.set_title(wrapped(f"{covers} (95% Monte Carlo interval in brackets)", 0.85 * width))
    legend_below(figure, axes, width)
    if title:
        set_title(figure, title, width)
    return Drawn(
        figure,
        f"{title + ': ' if title else ''}{100.0 * confidence:g}% confidence intervals of "
        f"{counted(n, 'simulated trial', 'simulated trials')} against the true "
        f"value. {count} hold it, a coverage of {share_percent(count, n)} (95% Monte Carlo "
        "interval in brackets).",
    )
