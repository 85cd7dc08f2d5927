"""Figures of how an app is used and how much people walk by week, in one trial or over many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas.api.typing import SeriesGroupBy

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    COLUMN,
    MOST_TOLD,
    PAGE,
    SMALL,
    Style,
    and_more,
    in_style,
    legend_below,
    new_figure,
    styles,
    wrapped,
)
from analysis.report.numbers import fixed

_WEEK = 7
_STEPS = "recorded steps"
USE = {
    "opened": ("-", "opened the app"),
    "planned": (":", "made a plan"),
    "with steps": ("--", "with recorded steps"),
}
"""Quantities of a study's summaries that are shares of those followed: line and words."""
_LEAST_DAYS = 4
"""Days of a week within follow-up from which the week counts."""


@in_style
def draw_app_use(
    app_weeks: pd.DataFrame,
    participants: pd.DataFrame,
    arms: Mapping[str, str],
    *,
    width: float = PAGE,
) -> Drawn:
    """Draw how many open the app and make a plan, and on how many days, by week.

    Parameters
    ----------
    app_weeks, participants
        Tables of one trial, as :mod:`sim.tables.codebook` describes them.
    arms
        Name of each arm to its label, the reference first.
    width
        Of the figure, in mm; at a column's the panels stand one above the other.
    """
    weeks = app_weeks[app_weeks["days"] >= _LEAST_DAYS]
    weeks = weeks.merge(participants[["participant", "arm"]], on="participant")
    left, right, figure = _two_panels(width)
    told = []
    users_of = _arms_with(weeks, arms)
    few = len(users_of) <= MOST_TOLD
    for style, arm, label in users_of:
        mine = weeks[weeks["arm"] == arm]
        by_week = mine.groupby("week")
        users = by_week["participant"].nunique()
        opened, planned = (
            mine[mine[what] > 0].groupby("week")["participant"].nunique().reindex(
                users.index, fill_value=0
            ) / users
            for what in ("opened", "plan")
        )  # fmt: skip
        _steps(left, 100.0 * opened, style, f"{label}: opened the app" if few else label)
        if few:
            left.plot(
                planned.index, 100.0 * planned, color=style.colour, linestyle=":",
                marker=style.marker, markersize=2.2, markevery=3, markerfacecolor="white",
                linewidth=0.7, label=f"{label}: made a plan",
            )  # fmt: skip
        among = mine[mine["opened"] > 0]
        _quartiles(right, among.groupby("week")["opened"], style, band=few)
        told.append(_opened_in_words(label, users, opened))
    left.set_ylim(0.0, 102.0)
    left.set_ylabel("% of those with the app")
    right.set_ylim(0.0, 7.2)
    right.set_ylabel(wrapped("days a week with the app opened, of those who did", 50.0))
    right.set_title("median and quartiles" if few else "median", fontsize=SMALL)
    if not few:
        left.set_title("opened the app", fontsize=SMALL)
    for axes in (left, right):
        axes.set_xlabel("weeks since installation")
    legend_below(figure, left, width)
    text = "; ".join(told[:MOST_TOLD]) + and_more(len(told)) if told else "nobody has the app"
    return Drawn(figure, f"Use of the app by week since installation: {text}.")


@in_style
def draw_steps(
    steps: pd.DataFrame,
    participants: pd.DataFrame,
    arms: Mapping[str, str],
    *,
    width: float = PAGE,
) -> Drawn:
    """Draw recorded steps a day and how many have any, by week since randomization.

    Parameters
    ----------
    steps, participants
        Tables of one trial, as :mod:`sim.tables.codebook` describes them.
    arms
        Name of each arm to its label, the reference first.
    width
        Of the figure, in mm; at a column's the panels stand one above the other.
    """
    days = steps.merge(participants[["participant", "arm"]], on="participant")
    days = days.assign(week=days["day"] // _WEEK)
    left, right, figure = _two_panels(width)
    told = []
    recorded = _arms_with(days, arms)
    few = len(recorded) <= MOST_TOLD
    for style, arm, label in recorded:
        mine = days[(days["arm"] == arm) & days["recorded_steps"].notna()]
        means = mine.groupby(["week", "participant"], as_index=False)["recorded_steps"].mean()
        _quartiles(left, means.groupby("week")["recorded_steps"], style, label, band=few)
        ever = participants[participants["arm"] == arm]["participant"].nunique()
        wearing = 100.0 * means.groupby("week")["participant"].nunique() / ever
        _steps(right, wearing, style, label)
        if len(means):
            middle = float(means["recorded_steps"].median())
            told.append(
                f"{label} median {fixed(middle, 0)} steps a day, recorded in week "
                f"{int(wearing.idxmax())} by {fixed(float(wearing.max()), 0)}% at the most and in "
                f"week {int(wearing.index[-1])} by {fixed(float(wearing.iloc[-1]), 0)}%"
            )
    left.set_ylim(bottom=0.0)
    left.set_ylabel("recorded steps a day")
    left.set_title(
        f"{'median and quartiles' if few else 'median'} of participants' means", fontsize=SMALL
    )
    right.set_ylim(0.0, 102.0)
    right.set_ylabel("% of the arm with recorded steps")
    for axes in (left, right):
        axes.set_xlabel("weeks since randomization")
    legend_below(figure, left, width)
    text = "; ".join(told[:MOST_TOLD]) + and_more(len(told)) if told else "nobody has any"
    return Drawn(figure, f"Recorded steps by week: {text}.")


@in_style
def draw_use_over_trials(
    summaries: pd.DataFrame, arms: Mapping[str, str], *, width: float = PAGE
) -> Drawn:
    """Draw how many use the app and the wristband, and recorded steps, over many trials.

    Parameters
    ----------
    summaries
        The table of a study; see :func:`sim.tables.app_summaries.use_summaries` for its quantities.
    arms
        Name of each arm to its label, the reference first.
    width
        Of the figure, in mm; at a column's the panels stand one above the other.
    """
    found = summaries[summaries["quantity"].isin([*USE, _STEPS])]
    found = found.assign(week=found["visit"].astype(str).str.removeprefix("week ").astype(int))
    left, right, figure = _two_panels(width)
    told = []
    shown = _arms_with(found, arms)
    few = len(shown) <= MOST_TOLD
    for style, arm, label in shown:
        mine = found[found["arm"] == arm]
        for quantity, (line, what) in USE.items():
            weeks = mine[mine["quantity"] == quantity].groupby("week")["value"]
            if not len(weeks) or not (few or quantity == "opened"):
                continue
            name = f"{label}: {what}" if few else label
            mean = _over_trials(left, weeks, style, line, name, scale=100.0, band=few)
            told.append(
                f"{name} {fixed(float(mean.iloc[0]), 0)}% in week {mean.index[0]} and "
                f"{fixed(float(mean.iloc[-1]), 0)}% in week {mean.index[-1]}"
            )
        walked = mine[mine["quantity"] == _STEPS].groupby("week")["value"]
        if len(walked):
            mean = _over_trials(right, walked, style, USE["with steps"][0], band=True)
            told.append(
                f"{label} {fixed(float(mean.iloc[0]), 0)} recorded steps a day in week "
                f"{mean.index[0]} and {fixed(float(mean.iloc[-1]), 0)} in week {mean.index[-1]}"
            )
    left.set_ylim(0.0, 102.0)
    left.set_ylabel("% of those still followed")
    right.set_ylim(bottom=0.0)
    right.set_ylabel(wrapped("recorded steps a day, of those with any", 50.0))
    for axes in (left, right):
        axes.set_xlabel("weeks since installation")
        axes.set_title("mean and 95% range of the trials", fontsize=SMALL)
    legend_below(figure, left, width)
    text = "; ".join(told) if few else "; ".join(told[:MOST_TOLD]) + and_more(len(told))
    text = text or "nobody has either"
    return Drawn(figure, f"Use of app and wristband by week, means over trials: {text}.")


def _two_panels(width: float) -> tuple[Axes, Axes, Figure]:
    beside = width > 1.5 * COLUMN
    figure = new_figure(width, 58.0 if beside else 108.0)
    left, right = figure.subplots(*((1, 2) if beside else (2, 1)))
    return left, right, figure


def _arms_with(rows: pd.DataFrame, arms: Mapping[str, str]) -> list[tuple[Style, str, str]]:
    """Return style, name and label of the arms that have rows; an arm looks as in other figures."""
    look = zip(styles(len(arms)), arms.items(), strict=True)
    return [(style, arm, label) for style, (arm, label) in look if (rows["arm"] == arm).any()]


def _steps(axes: Axes, values: pd.Series, style: Style, label: str) -> None:
    axes.plot(values.index, values, color=style.colour, linestyle=style.line,
              marker=style.marker, markersize=2.5, markevery=3, label=label)  # fmt: skip


def _quartiles(axes: Axes, weeks: "SeriesGroupBy[Any, Any]", style: Style, label: str = "", *,
               band: bool) -> None:  # fmt: skip
    first, middle, third = (weeks.quantile(each) for each in (0.25, 0.5, 0.75))
    if band:
        axes.fill_between(middle.index, first, third, color=style.colour, alpha=0.15, linewidth=0.0)
    _steps(axes, middle, style, label)


def _over_trials(
    axes: Axes, weeks: "SeriesGroupBy[Any, Any]", style: Style, line: str, label: str = "", *,
    band: bool, scale: float = 1.0,
) -> pd.Series:  # fmt: skip
    """Draw the mean over trials by week, and the range of 95% of them; return the mean."""
    mean = scale * weeks.mean()
    axes.plot(mean.index, mean, color=style.colour, linestyle=line, label=label,
              marker=style.marker, markersize=2.5)  # fmt: skip
    if band:
        low, high = (scale * weeks.quantile(each) for each in (0.025, 0.975))
        axes.fill_between(mean.index, low, high, color=style.colour, alpha=0.15, linewidth=0.0)
    return mean


def _opened_in_words(label: str, users: pd.Series, opened: pd.Series) -> str:
    weeks = [week for week in (0, 11) if week in opened.index] + [opened.index[-1]]
    shares = ", ".join(
        f"{fixed(100.0 * float(opened[week]), 0)}% in week {int(week) + 1}"
        for week in dict.fromkeys(weeks)
    )
    return f"{label}, {int(np.max(users))} with the app, opened by {shares}"
