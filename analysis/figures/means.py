"""Means of an outcome over the visits, by arm: the trial's figure of its results."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    MOST_TOLD,
    PAGE,
    PUBLISHED,
    SMALL,
    Style,
    and_more,
    counted,
    draw_visits,
    in_style,
    legend_below,
    new_figure,
    set_title,
    styles,
    text_width,
    wrapped,
)
from analysis.report.numbers import significant
from scenarios.design.outcomes import Outcome

MOST_BANDS = 3
"""Arms whose bands can be told apart where they overlap; more have bars beside one another."""
MOST_TOGETHER = 6
"""Arms that share axes; of more, each has a panel in which the reference is drawn as well."""
PANEL = 42.0
"""Width of a panel of one arm, in mm, at least."""
SIMULATED = "line: mean over simulated trials; band or bar: 95% of the trials"


@in_style
def draw_means(
    means: pd.DataFrame, outcome: Outcome, arms: Mapping[str, str], *, width: float = PAGE
) -> Drawn:
    """Draw means by arm over all visits, and how many answered.

    Parameters
    ----------
    means
        As :func:`analysis.replicates.arm_means.arm_means` returns them.
    outcome
        Which they are of.
    arms
        Name of each arm to its label, the reference first.
    width
        Of the figure, in mm.
    """
    shown = {arm: label for arm, label in arms.items() if (means["arm"] == arm).any()}
    answered = means[means["answered"].notna()]
    together = len(shown) <= MOST_TOGETHER
    columns = 1 if together else max(1, int(width / PANEL))
    rows = 1 if together else -(-(len(shown) - 1) // columns)
    panel, line = 62.0 if together else 30.0, 3.2
    lines = len(shown) + 1 if len(answered) else 0
    measured = f"{axis_label(outcome)}; {outcome.direction}"
    figure = new_figure(width, rows * panel + 14.0 + line * (lines + 1 if lines else 0))
    grid = figure.add_gridspec(
        rows + bool(lines), columns, height_ratios=[panel] * rows + [line * lines] * bool(lines)
    )
    if together:
        first = figure.add_subplot(grid[0, 0])
        draw_means_on(first, means, shown, 0.75 * width)
        first.set_ylabel(wrapped(measured, panel))
    else:
        first = _draw_panels(figure, grid, means, shown, width)[0]
        figure.supylabel(measured, fontsize=SMALL)
    if lines:
        below = figure.add_subplot(grid[-1, :], sharex=first)
        _draw_counts(below, answered, shown, width)
        below.tick_params(labelbottom=not together)
    legend_below(figure, first, width, SIMULATED)
    set_title(figure, outcome.label, width)
    return Drawn(figure, _in_words(means, outcome, shown))


def _draw_panels(
    figure: Figure, grid: GridSpec, means: pd.DataFrame, arms: Mapping[str, str], width: float
) -> list[Axes]:
    """Draw each arm beside the reference in a panel of its own."""
    (reference, label), *others = arms.items()
    columns = grid.ncols
    each = width / columns
    panels: list[Axes] = []
    for number, (arm, title) in enumerate(others):
        row, column = divmod(number, columns)
        same = panels[0] if panels else None
        axes = figure.add_subplot(grid[row, column], sharex=same, sharey=same)
        panels.append(axes)
        pair = {reference: label, arm: "arm that the panel is named after"}
        draw_means_on(axes, means[means["arm"].isin(pair)], pair, 0.75 * each)
        axes.set_title(wrapped(title, 0.8 * each, SMALL), fontsize=SMALL)
        axes.tick_params(labelleft=column == 0)
        if number + columns < len(others):
            axes.set_xlabel("")
            axes.tick_params(labelbottom=False)
    return panels


def axis_label(outcome: Outcome) -> str:
    """Return what an outcome's axis is called.

    >>> axis_label(Outcome(name="pain", label="Pain", direction="lower is better"))
    'Pain, points'
    """
    return f"{outcome.label}, {'share' if outcome.kind == 'binary' else outcome.unit}"


def draw_means_on(axes: Axes, means: pd.DataFrame, arms: Mapping[str, str], width: float) -> None:
    """Draw means by arm on axes of which the horizontal one is of time, to scale.

    Parameters
    ----------
    axes
        Where to draw.
    means
        See :func:`draw_means`.
    arms
        Name of each arm to its label.
    width
        Of the axes, in mm.
    """
    days = dict(zip(means["visit"], means["day"], strict=True))
    reach = max(days.values(), default=0.0) - min(days.values(), default=0.0) or 1.0
    apart = min(0.012, 0.10 / max(len(arms), 1)) * reach
    for position, (style, (arm, label)) in enumerate(
        zip(styles(len(arms)), arms.items(), strict=True)
    ):
        rows = means[means["arm"] == arm].sort_values("day")
        shift = apart * (position - (len(arms) - 1) / 2.0)
        if len(arms) <= MOST_BANDS:
            axes.fill_between(
                rows["day"], rows["lower"], rows["upper"], color=style.colour, alpha=0.18,
                linewidth=0.0,
            )  # fmt: skip
            _draw_line(axes, rows["day"], rows["mean"], style, label)
            shift = 0.0
        else:
            spread = np.abs(rows[["lower", "upper"]].to_numpy(float).T - rows["mean"].to_numpy())
            axes.errorbar(
                rows["day"] + shift, rows["mean"], spread, color=style.colour,
                marker=style.marker, linestyle=style.line, elinewidth=0.6, label=label,
            )  # fmt: skip
        known = rows[rows["published"].notna()]
        axes.plot(
            known["day"] + shift, known["published"].astype(float), style.marker, color=PUBLISHED,
            markerfacecolor="none", markersize=6.0, markeredgewidth=0.9, zorder=5,
        )  # fmt: skip
    if means["published"].notna().any():
        axes.plot([], [], "o", color=PUBLISHED, markerfacecolor="none", markersize=6.0,
                  markeredgewidth=0.9, label="published, in the arm's shape")  # fmt: skip
    draw_visits(axes, days, width)


def _draw_line(axes: Axes, x: pd.Series, y: pd.Series, style: Style, label: str) -> None:
    axes.plot(
        x, y, color=style.colour, marker=style.marker, linestyle=style.line, label=label,
    )  # fmt: skip


def _draw_counts(axes: Axes, counted: pd.DataFrame, arms: Mapping[str, str], width: float) -> None:
    """Write how many answered under each visit, a line an arm."""
    places = {arm: -row for row, arm in enumerate(arms)}
    for row in counted[counted["arm"].isin(places)].to_dict("records"):
        axes.text(
            row["day"], places[row["arm"]], f"{row['answered']:.0f}", ha="center", va="center",
            fontsize=SMALL,
        )  # fmt: skip
    longest = 0.28 * width
    names = [label if text_width(label, SMALL) <= longest else wrapped(label, longest, SMALL)
             .split("\n")[0] + " ..." for label in arms.values()]  # fmt: skip
    axes.set_yticks(list(places.values()), names)
    axes.set_ylim(-len(arms) + 0.4, 0.6)
    axes.set_title("number answering (median over trials)", fontsize=SMALL)
    axes.tick_params(length=0.0)
    axes.spines[:].set_visible(False)


def _in_words(means: pd.DataFrame, outcome: Outcome, arms: Mapping[str, str]) -> str:
    if means.empty:
        return f"No mean of {outcome.label} was simulated."
    last = means[means["day"] == means["day"].max()]
    visit = str(last["visit"].iloc[0])
    by_arm = last.set_index("arm")
    told = []
    for arm, label in arms.items():
        if arm not in by_arm.index:
            continue
        row = by_arm.loc[arm]
        text = f"{label} {significant(row['mean'], 3)} (95% of trials {_limits(row)}"
        known = row["published"]
        told.append(
            f"{text})" if pd.isna(known) else f"{text}; published {significant(float(known), 3)})"
        )
    visits = counted(means["visit"].nunique(), "visit", "visits")
    return (
        f"Mean {outcome.label} by arm at {visits}, {outcome.direction}. At {visit}: "
        f"{'; '.join(told[:MOST_TOLD])}{and_more(len(told))}."
    )


def _limits(row: pd.Series) -> str:
    return f"{significant(row['lower'], 3)} to {significant(row['upper'], 3)}"
