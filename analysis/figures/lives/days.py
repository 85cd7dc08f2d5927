"""Lives day by day: what figures of single participants draw, on axes of days."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.style import GREY, SMALL, Style

PAIN_RANGE, DISABILITY_RANGE = (0.0, 10.0), (0.0, 24.0)
_WEEK = 7


def draw_pain(
    axes: Axes, symptoms: pd.DataFrame, style: Style, label: str, thick: float = 1.0
) -> None:
    """Draw the pain of every day, on its scale from 0 to 10; some lines thicker than others."""
    axes.plot(symptoms["day"], symptoms["pain"], color=style.colour, linestyle=style.line,
              linewidth=0.6 * thick, label=label)  # fmt: skip
    axes.set_ylim(*PAIN_RANGE)
    axes.set_yticks([0, 5, 10])


def draw_disability(
    axes: Axes,
    symptoms: pd.DataFrame,
    visits: pd.DataFrame,
    style: Style,
    label: str,
    thick: float = 1.0,
) -> None:
    """Draw the disability of every day, on its scale from 0 to 24, and the scores given."""
    axes.plot(symptoms["day"], symptoms["disability"], color=style.colour, linestyle=style.line,
              linewidth=1.1 * thick, label=label)  # fmt: skip
    answered = visits.dropna(subset=["rmdq"])
    axes.plot(answered["answered_after_days"], answered["rmdq"], style.marker, color=style.colour,
              markersize=2.2 + 1.3 * thick, markeredgecolor="white",
              markeredgewidth=0.3)  # fmt: skip
    axes.set_ylim(*DISABILITY_RANGE)
    axes.set_yticks([0, 12, 24])


def draw_weekly_steps(
    axes: Axes, steps: pd.DataFrame, style: Style, label: str, thick: float = 1.0
) -> None:
    """Draw the mean of the recorded steps of every week, in thousands a day."""
    recorded = steps.dropna(subset=["recorded_steps"])
    if recorded.empty:
        return
    by_week = recorded.groupby(recorded["day"] // _WEEK)["recorded_steps"].mean() / 1000.0
    axes.plot(_WEEK * (by_week.index + 0.5), by_week, color=style.colour, linestyle=style.line,
              marker=style.marker, markersize=1.0 + thick, linewidth=0.9 * thick,
              label=label)  # fmt: skip


def draw_ticks(axes: Axes, at: Mapping[str, pd.Series], colours: Mapping[str, str]) -> None:
    """Draw a row of ticks for each kind of event, the first at the bottom.

    Parameters
    ----------
    axes
        Where to draw.
    at
        Name of a row to the days of its events.
    colours
        Of the rows; grey where nothing is said.
    """
    for row, (name, days) in enumerate(at.items()):
        if len(days):
            axes.vlines(days, row - 0.36, row + 0.36, color=colours.get(name, GREY), linewidth=0.7)
    axes.set_ylim(-0.6, len(at) - 0.4)
    axes.set_yticks(range(len(at)), list(at), fontsize=SMALL - 1.0)
    axes.tick_params(axis="y", length=0.0)
