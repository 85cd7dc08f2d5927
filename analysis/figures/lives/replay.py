"""A figure of one participant in every arm, the courses overlaid."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa

from analysis.figures.drawn import Drawn
from analysis.figures.lives.days import draw_disability, draw_pain, draw_ticks, draw_weekly_steps
from analysis.figures.lives.patients import events, rows_of
from analysis.figures.style import (
    PAGE,
    draw_visits,
    in_style,
    legend_below,
    new_figure,
    set_title,
    styles,
)


@in_style
def draw_replay(
    tables: Mapping[str, pa.Table],
    courses: Mapping[str, str],
    arms: Sequence[str],
    days: Mapping[str, float],
    *,
    title: str = "",
    width: float = PAGE,
) -> Drawn:
    """Draw a participant's courses in the arms over one another, on common random numbers.

    Parameters
    ----------
    tables
        As of one trial with a participant for each course; see
        :func:`analysis.figures.lives.patients.draw_patients`.
    courses
        What the tables call each course, to the name of its arm; the first is as allocated.
    arms
        Names of all arms, the reference first: an arm looks as in other figures.
    days
        Visit to its day since randomization, the first one included.
    title
        Who it is.
    width
        Of the figure, in mm.
    """
    data = rows_of(tables, list(courses))
    look = dict(zip(arms, styles(len(arms)), strict=True))
    rows = 3 * len(courses)
    figure = new_figure(width, 84.0 + 2.6 * rows)
    pain, disability, steps, strip = figure.subplots(
        4, 1, sharex=True, height_ratios=(24.0, 28.0, 16.0, 2.6 * rows + 2.0)
    )
    ticks: dict[str, pd.Series] = {}
    colours: dict[str, str] = {}
    allocated = next(iter(courses))
    # The reference lies under the others, and is seen on both sides of them where all are alike.
    in_order = sorted(courses.items(), key=lambda each: list(arms).index(each[1]))
    for at, (course, arm) in enumerate(in_order):
        thick = 1.0 + 1.4 * (len(courses) - 1 - at) / max(len(courses) - 1, 1)
        label = f"{arm}, as allocated" if course == allocated else arm
        mine = {name: each[each["participant"] == course] for name, each in data.items()}
        style = look[arm]
        draw_pain(pain, mine["truth/symptoms"], style, label, thick)
        draw_disability(disability, mine["truth/symptoms"], mine["visits"], style, label, thick)
        if "steps" in mine:
            draw_weekly_steps(steps, mine["steps"], style, label, thick)
        for name, when in events(mine).items():
            ticks[f"{name}, {arm}"] = when
            colours[f"{name}, {arm}"] = style.colour
    pain.set_ylabel("pain\n(0-10)")
    disability.set_ylabel("disability (0-24),\nRMDQ answered")
    steps.set_ylabel("steps, 1000\na day, weekly")
    steps.set_ylim(bottom=0.0)
    shown = {name: when for name, when in ticks.items() if len(when)}
    draw_ticks(strip, shown, colours)
    draw_visits(strip, days, 0.78 * width)
    strip.set_xlim(-7.0, max(days.values()) + 7.0)
    legend_below(figure, disability, width)
    if title:
        set_title(figure, title, width)
    return Drawn(figure, _in_words(data, courses, title))


def _in_words(data: Mapping[str, pd.DataFrame], courses: Mapping[str, str], title: str) -> str:
    symptoms = data["truth/symptoms"]
    told = []
    for course, arm in courses.items():
        mine = symptoms[symptoms["participant"] == course].sort_values("day")
        if mine.empty:
            continue
        last = mine.iloc[-1]
        told.append(
            f"in {arm} disability is {last['disability']:.1f} and pain {last['pain']:.1f} on day "
            f"{last['day']:.0f}"
        )
    return (
        f"{title + ': ' if title else ''}one simulated participant in {len(courses)} arms on "
        f"common random numbers, day by day; {'; '.join(told)}."
    )
