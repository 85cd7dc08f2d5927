"""A figure of how analyses perform: rejection, coverage and bias, with Monte Carlo errors."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    COLUMN,
    GREY,
    NORMAL,
    PAGE,
    SMALL,
    counted,
    in_style,
    legend_below,
    new_figure,
    set_title,
    styles,
    wrapped,
)
from analysis.report.numbers import fixed
from analysis.report.numbers import share as share_text

_Z = 1.959964


class _Measure(NamedTuple):
    name: str
    label: str
    at: float
    line: str
    is_share: bool


@in_style
def draw_performance(
    measures: pd.DataFrame,
    *,
    title: str = "",
    unit: str = "",
    alpha: float = 0.05,
    confidence: float = 0.95,
    width: float = PAGE,
) -> Drawn:
    """Draw how often each analysis rejects, how often its intervals hold the truth, and its bias.

    Parameters
    ----------
    measures
        Of one outcome, as :func:`analysis.replicates.performance.performance` returns them.
        Measures without a value, such as bias where no truth is known, have no panel.
    title
        Of what they are.
    unit
        Of the estimates.
    alpha, confidence
        Significance level of the test and level of the intervals, 0 to 1: lines.
    width
        Of the figure, in mm; at a column's the panels stand one above the other.
    """
    of_unit = f" ({unit})" if unit else ""
    share = partial(_Measure, is_share=True)
    asked = (
        share("power", "rejected in favour (share of trials)", alpha, f"alpha {alpha:g}"),
        share("coverage", "coverage (share of intervals)", confidence, f"level {confidence:g}"),
        _Measure("bias", f"bias{of_unit}", 0.0, "no bias", is_share=False),
    )
    there = measures[measures["value"].notna()]
    shown = [each for each in asked if (there["measure"] == each.name).any()]
    rows = list(dict.fromkeys(zip(measures["analysis"], measures["contrast"], strict=True)))
    visits = list(dict.fromkeys(measures["visit"]))
    several = len(set(measures["contrast"])) > 1
    names = [f"{analysis}, {contrast}" if several else str(analysis) for analysis, contrast in rows]
    beside = width > 1.5 * COLUMN
    each_row = max(5.0, 2.0 * len(visits))
    height = each_row * len(rows) + 16.0
    shape = (1, max(len(shown), 1)) if beside else (max(len(shown), 1), 1)
    figure = new_figure(width, height * shape[0])
    panels = figure.subplots(*shape, sharey=True, squeeze=False).ravel()
    look = dict(zip(visits, styles(len(visits) + 1)[1:], strict=True))
    for axes, measure in zip(panels, shown, strict=False):
        for at, visit in enumerate(visits):
            shift = (at - (len(visits) - 1) / 2.0) * 0.75 / max(len(visits), 1)
            mine = there[(there["measure"] == measure.name) & (there["visit"] == visit)]
            _draw_points(axes, mine, rows, shift, measure, look[visit], str(visit))
        axes.axvline(measure.at, color=GREY, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0)
        if measure.is_share:
            low, high = axes.get_xlim()
            axes.set_xlim(max(low, -0.03), min(high, 1.03))
        axes.set_xlabel(wrapped(measure.label, (0.7 / shape[1] + 0.02) * width, NORMAL))
        axes.set_yticks(range(len(rows)), [wrapped(name, 0.3 * width, SMALL) for name in names])
        axes.set_ylim(len(rows) - 0.45, -0.55)
        axes.tick_params(axis="y", length=0.0)
        for edge in np.arange(len(rows) - 1) + 0.5:
            axes.axhline(edge, color="#eeeeee", linewidth=0.5, zorder=-1)
    if not shown:
        panels[0].set_axis_off()
        panels[0].text(0.5, 0.5, "no measure has a value", ha="center", va="center")
    lines = ", ".join(measure.line for measure in shown)
    note = f"95% Monte Carlo intervals; dashed: {lines}" if shown else ""
    legend_below(figure, panels[0], width, note)
    if title:
        set_title(figure, title, width)
    return Drawn(figure, _in_words(there, shown, title))


def _draw_points(
    axes: Axes, mine: pd.DataFrame, rows: list[tuple[str, str]], shift: float, measure: _Measure,
    style: tuple[object, ...], label: str,
) -> None:  # fmt: skip
    colour, marker, _ = style
    value = mine["value"].to_numpy(float)
    places = [rows.index((a, c)) + shift for a, c in zip(mine["analysis"], mine["contrast"],
                                                         strict=True)]  # fmt: skip
    n = mine["n"].to_numpy(float)
    if measure.is_share:
        low, high = _wilson(value, n)
    else:
        error = np.nan_to_num(mine["mcse"].to_numpy(float))
        low, high = value - _Z * error, value + _Z * error
    reach = np.clip([value - low, high - value], 0.0, None)
    axes.errorbar(
        value, places, xerr=reach, fmt=str(marker), color=str(colour), elinewidth=0.8,
        capsize=0.0, label=label,
    )  # fmt: skip


def _wilson(value: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's 95% limits of shares (J Am Stat Assoc 1927;22:209)."""
    weight = 1.0 + _Z**2 / n
    centre = (value + _Z**2 / (2.0 * n)) / weight
    half = _Z * np.sqrt(value * (1.0 - value) / n + _Z**2 / (4.0 * n**2)) / weight
    return centre - half, centre + half


def _in_words(measures: pd.DataFrame, shown: list[_Measure], title: str) -> str:
    if not shown:
        return f"{title or 'Performance'}: no measure has a value."
    told = []
    first = measures[["analysis", "visit", "contrast"]].iloc[0]
    for measure in shown:
        mine = measures[measures["measure"] == measure.name]
        values = mine["value"]
        text = f"{measure.label} from {fixed(values.min(), 3)} to {fixed(values.max(), 3)}"
        own = mine[(mine[first.index] == first).all(axis=1)]
        if len(own):
            row = own.iloc[0]
            number = (
                share_text(round(row["value"] * row["n"]), int(row["n"])) if measure.is_share
                else f"{fixed(row['value'], 3)} (Monte Carlo error {fixed(row['mcse'], 3)})"
            )  # fmt: skip
            text += f", of {first['analysis']} at {first['visit']} {number}"
        told.append(text)
    visits = counted(measures["visit"].nunique(), "visit", "visits")
    analyses = counted(measures["analysis"].nunique(), "analysis", "analyses")
    return f"{title or 'Performance'}: {analyses} at {visits}. {'; '.join(told)}."
