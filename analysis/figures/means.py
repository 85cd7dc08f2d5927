"""Means of an outcome over the visits, by arm: the trial's figure of its results."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

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
    counted = means[means["answered"].notna()]
    rows = len(shown) if len(counted) else 0
    panel, line = 62.0, 3.2
    figure = new_figure(width, panel + 14.0 + line * (rows + 2 if rows else 0))
    if rows:
        axes, below = figure.subplots(
            2, 1, sharex=True, height_ratios=[panel, line * (rows + 1)],
        )  # fmt: skip
        _draw_counts(below, counted, shown, width)
    else:
        axes = figure.subplots()
    draw_means_on(axes, means, shown, 0.75 * width)
    axes.tick_params(labelbottom=True)
    axes.set_ylabel(wrapped(f"{axis_label(outcome)}; {outcome.direction}", panel))
    legend_below(figure, axes, width, SIMULATED)
    set_title(figure, outcome.label, width)
    return Drawn(figure, _in_words(means, outcome, shown))


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
    axes.tick_params(length=0.0, labelbottom=False)
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
