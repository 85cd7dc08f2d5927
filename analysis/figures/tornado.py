"""A tornado: how far each parameter, moved by itself, changes an effect."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    BLUE,
    COLUMN,
    GREY,
    MOST_TOLD,
    NORMAL,
    PAGE,
    SMALL,
    and_more,
    counted,
    in_style,
    legend_below,
    new_figure,
    set_title,
    wrapped,
)
from analysis.report.numbers import significant
from scenarios.printable import printable

_MOST = 20
"""Parameters that are drawn."""
_LOOK: Mapping[str, dict[str, Any]] = {
    "down": {"facecolor": "white", "edgecolor": GREY, "hatch": "/////", "linewidth": 0.5},
    "up": {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.5},
}
"""Of the bars, which are told apart without colour."""


@in_style
def draw_tornado(
    parameters: pd.DataFrame,
    *,
    title: str,
    unit: str,
    effect: float,
    replicates: int,
    most: int = _MOST,
    width: float = PAGE,
) -> Drawn:
    """Draw the changes of an effect as pairs of bars, with 95% Monte Carlo intervals.

    Parameters
    ----------
    parameters
        A row a parameter, the one on top first: ``key``; ``value``, ``down`` and ``up``, numbers or
        lists of them; and the changes ``effect_down`` and ``effect_up`` with their standard errors
        ``..._error``.
    title, unit
        What the changes are of, and in what they are measured.
    effect
        That is changed; on the upper axis changes are in per cent of its size.
    replicates
        Trials of each; intervals are of Student's t.
    most
        Parameters that are drawn, the first ones.
    width
        Of the figure, in mm.
    """
    shown = parameters.head(most)
    wide = width > 1.2 * COLUMN
    room = 0.42 * width
    names = [_named(row, room, wide=wide) for row in shown.to_dict("records")]
    lines = [name.count("\n") + 1 for name in names]
    tall = max(lines, default=1)
    figure = new_figure(width, 24.0 + len(shown) * max(5.5, 2.9 * tall))
    axes = figure.subplots()
    places = np.arange(len(shown), dtype=float)
    reach = float(stats.t.isf(0.025, max(replicates - 1, 1)))
    for side, shift in (("down", -0.19), ("up", 0.19)):
        change = shown[f"effect_{side}"].to_numpy(float)
        half = np.nan_to_num(reach * shown[f"effect_{side}_error"].to_numpy(float))
        axes.barh(places + shift, change, height=0.36, label=f"moved {side}", **_LOOK[side])
        axes.errorbar(change, places + shift, xerr=half, fmt="none", ecolor="black",
                      elinewidth=0.7, capsize=1.2)  # fmt: skip
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(places, names)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0.0)
    axes.grid(axis="x", color="#eeeeee", linewidth=0.5, zorder=-1)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(wrapped(f"change of the true effect ({unit})", 0.5 * width, NORMAL))
    if effect:
        size = abs(effect) / 100.0
        upper = axes.secondary_xaxis(
            "top", functions=(partial(_times, 1.0 / size), partial(_times, size))
        )
        told = f"% of the size of the effect, {significant(effect, 3)}"
        upper.set_xlabel(wrapped(told, 0.5 * width, NORMAL))
        upper.spines["top"].set_visible(False)
        upper.tick_params(length=0.0)
    if shown.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no parameter changes anything", ha="center", va="center",
                  transform=axes.transAxes)  # fmt: skip
    else:
        more = len(parameters) - len(shown)
        rest = f"; {counted(more, 'other changes', 'others change')} it less" if more else ""
        legend_below(figure, axes, width, f"95% Monte Carlo intervals, paired by trial{rest}")
    set_title(figure, title, width)
    return Drawn(figure, _in_words(parameters, title, unit, reach))


def _times(factor: float, values: Any) -> Any:
    return factor * values


def _named(row: Mapping[Any, Any], room: float, *, wide: bool) -> str:
    """Return what a parameter is called, with its values where there is room for them."""
    key = wrapped(printable(str(row["key"])), room, SMALL)
    if not wide:
        return key
    if isinstance(row["value"], list):
        return f"{key}\nlist of {len(row['value'])}"
    value, down, up = (significant(row[name], 3) for name in ("value", "down", "up"))
    return f"{key}\n{value}: {down} / {up}"


def _in_words(parameters: pd.DataFrame, title: str, unit: str, reach: float) -> str:
    if parameters.empty:
        return f"{title}: no parameter changes anything."
    told = []
    for row in parameters.head(MOST_TOLD).to_dict("records"):
        sides = []
        for side in ("down", "up"):
            change, half = row[f"effect_{side}"], reach * row[f"effect_{side}_error"]
            low, high = (significant(change + sign * half, 2) for sign in (-1.0, 1.0))
            sides.append(f"{side} {significant(change, 2)} ({low} to {high})")
        told.append(f"{row['key']}: {', '.join(sides)}")
    more = and_more(len(parameters))
    return (
        f"{title}, each parameter moved by itself, in {unit} with 95% Monte Carlo intervals: "
        f"{'; '.join(told)}{more}."
    )
