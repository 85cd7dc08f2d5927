"""A figure that compares designs: a forest plot of paired differences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    COLUMN,
    NORMAL,
    PAGE,
    SMALL,
    counted,
    in_style,
    new_figure,
    set_title,
    styles,
    wrapped,
)
from analysis.replicates.paired_differences import Quantity
from analysis.report.numbers import significant

_Z = 1.959964
_ROW, _HEAD = 4.2, 11.5
"""Height of a row, and of what else a panel has, mm."""


@in_style
def draw_comparison(
    differences: pd.DataFrame,
    labels: Mapping[str, str],
    quantities: Mapping[str, Quantity] | None = None,
    *,
    width: float = PAGE,
) -> Drawn:
    """Draw differences from the reference as a forest plot, an axis a unit.

    A quantity that differs in no trial of any design is named in a note instead.

    Parameters
    ----------
    differences
        As :func:`analysis.replicates.paired_differences.paired_differences` returns them.
    labels
        Of the designs.
    quantities
        What each quantity is measured in; one of which nothing is said has an axis of its own.
    width
        Of the figure, in mm.
    """
    known = dict(quantities or {})
    alike, absent, shown = _sorted_out(differences)
    panels: dict[str, list[str]] = {}
    for name in shown:
        panels.setdefault(known.get(name, Quantity()).unit or f"({name})", []).append(name)
    designs = list(dict.fromkeys(differences["design"]))
    heights = [_HEAD + _ROW * len(names) * len(designs) for names in panels.values()] or [12.0]
    title = _title(differences, labels)
    notes = _notes(alike, absent)
    lines = sum(wrapped(note, 0.96 * width, SMALL).count("\n") + 1 for note in notes)
    figure = new_figure(width, sum(heights) + 3.2 * lines)
    axes_of = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
    for axes, (unit, names) in zip(axes_of, panels.items(), strict=False):
        rows = differences[differences["quantity"].isin(names)]
        _draw_panel(axes, rows, names, designs, known, unit, width)
    if not panels:
        axes_of[0].set_axis_off()
        axes_of[0].text(0.5, 0.5, "no quantity differs", ha="center", va="center")
    set_title(figure, title, width)
    figure.supxlabel(
        "\n".join(wrapped(note, 0.96 * width, SMALL) for note in notes), fontsize=SMALL, x=0.01,
        ha="left",
    )  # fmt: skip
    return Drawn(figure, _in_words(differences[differences["quantity"].isin(shown)], labels, known,
                                   alike))  # fmt: skip


def _sorted_out(differences: pd.DataFrame) -> tuple[list[str], list[str], list[str]]:
    """Return the quantities that are alike in all designs, those without numbers, and the rest."""
    alike, absent, shown = [], [], []
    for name, rows in differences.groupby("quantity", sort=False):
        value, error = rows["difference"], rows["mcse"]
        if value.isna().all():
            absent.append(str(name))
        elif (value.dropna() == 0.0).all() and not (error > 0.0).any():
            alike.append(str(name))
        else:
            shown.append(str(name))
    return alike, absent, shown


def _title(differences: pd.DataFrame, labels: Mapping[str, str]) -> str:
    there = set(differences["design"])
    others = "; ".join(label for letter, label in labels.items() if letter in there)
    return f"{others}, minus {labels[str(differences['reference'].iloc[0])]}"


def _notes(alike: Sequence[str], absent: Sequence[str]) -> list[str]:
    notes = ["thick: 95% Monte Carlo interval, paired; thin: without pairing"]
    if alike:
        notes.append(f"the same in every trial of all designs: {'; '.join(alike)}")
    if absent:
        notes.append(f"no pair of trials has: {'; '.join(absent)}")
    return notes


def _draw_panel(
    axes: Axes,
    rows: pd.DataFrame,
    names: Sequence[str],
    designs: Sequence[str],
    known: Mapping[str, Quantity],
    unit: str,
    width: float,
) -> None:
    several = len(designs) > 1
    look = dict(zip(designs, styles(len(designs) + 1)[1:], strict=True))
    ticks, places = [], []
    for at, name in enumerate(names):
        better = known.get(name, Quantity()).better
        for within, design in enumerate(designs):
            y = -(at * len(designs) + within)
            own = rows[(rows["quantity"] == name) & (rows["design"] == design)]
            if own.empty:
                continue
            row = own.iloc[0]
            value, style = float(row["difference"]), look[design]
            for error, thick in ((row["mcse_unpaired"], 0.7), (row["mcse"], 2.6)):
                reach = _Z * float(error) if np.isfinite(error) else 0.0
                axes.plot([value - reach, value + reach], [y, y], color=style.colour,
                          linewidth=thick, solid_capstyle="butt")  # fmt: skip
            axes.plot(value, y, style.marker, color=style.colour, markersize=4.0)
            if width > 1.2 * COLUMN:
                axes.annotate(
                    _numbers(row), (1.0, y), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", va="center", fontsize=SMALL,
                    annotation_clip=False,
                )  # fmt: skip
            says = f" ({better.split(' ')[0]}: better)" if better else ""
            label = wrapped(f"{name}{says}", 0.38 * width, SMALL) if within == 0 else ""
            ticks.append(f"{label}  {design}" if several else label)
            places.append(y)
    axes.axvline(0.0, color="black", linewidth=0.6, zorder=0)
    axes.set_yticks(places, ticks)
    axes.set_ylim(-(len(names) * len(designs)) + 0.3, 0.7)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(wrapped(f"difference ({unit.strip('()')})", 0.5 * width, NORMAL))
    axes.tick_params(axis="y", length=0.0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#eeeeee", linewidth=0.5, zorder=-1)


def _numbers(row: pd.Series) -> str:
    value, error = float(row["difference"]), float(row["mcse"])
    if not np.isfinite(error):
        return significant(value, 3)
    low, high = (significant(value + side * _Z * error, 3) for side in (-1.0, 1.0))
    return f"{significant(value, 3)} ({low} to {high})"


def _in_words(
    rows: pd.DataFrame,
    labels: Mapping[str, str],
    known: Mapping[str, Quantity],
    alike: Sequence[str],
) -> str:
    if rows.empty:
        return "No quantity differs between the designs."
    reference = labels[str(rows["reference"].iloc[0])]
    first = str(rows["quantity"].iloc[0])
    told = [
        f"{first} of {labels[str(row['design'])]}: {_numbers(row)} "
        f"{known.get(first, Quantity('')).unit}".rstrip()
        for _, row in rows[rows["quantity"] == first].iterrows()
    ]
    beyond = [
        f"{row['quantity']} ({row['design']})"
        for _, row in rows.iterrows()
        if abs(row["difference"]) > _Z * row["mcse"]
    ]
    surely = ", ".join(beyond) or "none"
    text = (
        f"Differences from {reference}, with 95% Monte Carlo intervals: {'; '.join(told)}. "
        f"Intervals without 0: {surely}"
    )
    same = counted(len(alike), "quantity is", "quantities are")
    return f"{text}; {same} the same in all trials." if alike else f"{text}."
