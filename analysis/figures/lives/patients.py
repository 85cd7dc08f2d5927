"""A figure of single patients: symptoms, app use and answers, day by day."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa
from matplotlib.axes import Axes

from analysis.figures.drawn import Drawn
from analysis.figures.lives.days import draw_disability, draw_pain, draw_ticks
from analysis.figures.style import (
    BLUE,
    COLUMN,
    GREY,
    PAGE,
    SMALL,
    VERMILLION,
    Style,
    draw_visits,
    in_style,
    new_figure,
    wrapped,
)

PAIN = Style(VERMILLION, "o", "-")
DISABILITY = Style("#1c2a35", "o", "-")
STEPS = "#9bb7c4"
DRAWN = (
    "participants", "visits", "steps", "plans", "messages", "truth/participants", "truth/symptoms",
)  # fmt: skip
"""Tables that figures of single patients are made of, where there are any of them."""
_LEGEND = (
    ("pain (0-10, left)", {"color": VERMILLION, "linewidth": 0.7}),
    ("disability (0-24, right)", {"color": DISABILITY.colour, "linewidth": 1.1}),
    ("RMDQ answered", {"color": DISABILITY.colour, "marker": "o", "linestyle": ""}),
    ("steps recorded (thousands a day)", {"color": STEPS, "linewidth": 2.5}),
    ("step goal", {"color": BLUE, "linewidth": 0.9}),
)


@in_style
def draw_patients(
    tables: Mapping[str, pa.Table],
    participants: Sequence[int | str],
    days: Mapping[str, float],
    *,
    width: float = PAGE,
) -> Drawn:
    """Draw some participants of one trial, a panel each.

    Parameters
    ----------
    tables
        The trial's ``participants``, ``visits``, ``truth/participants`` and ``truth/symptoms``,
        and ``steps``, ``plans`` and ``messages`` where there are any, as
        :mod:`sim.tables.codebook` describes them.
    participants
        Who is drawn, as the tables call them.
    days
        Visit to its day since randomization, the first one included.
    width
        Of the figure, in mm.
    """
    data = rows_of(tables, participants)
    columns = min(3 if width > 1.5 * COLUMN else 1, len(participants))
    rows = -(-len(participants) // columns)
    figure = new_figure(width, 43.0 * rows + 14.0 + 10.0 * (columns == 1))
    panels = figure.subfigures(rows, columns, squeeze=False).ravel()
    last, under = max(days.values()), ""
    for panel, participant in zip(panels, participants, strict=False):
        state, steps, strip = panel.subplots(
            3, 1, sharex=True, height_ratios=(4.4, 1.8, 2.6), gridspec_kw={"hspace": 0.0}
        )
        mine = {name: each[each["participant"] == participant] for name, each in data.items()}
        course = mine["truth/participants"]["course_class"].iloc[0]
        title = _title(mine["participants"].iloc[0], course)
        panel.suptitle(wrapped(title, width / columns - 4.0, SMALL), fontsize=SMALL)
        _draw_state(state, mine)
        _draw_steps(steps, mine.get("steps"), mine.get("plans"))
        draw_ticks(strip, events(mine), {"answered": "black", "plan": BLUE})
        draw_visits(strip, days, width / columns - 22.0)
        strip.set_xlim(-7.0, last + 7.0)
        under = strip.get_xlabel()
        strip.set_xlabel("")
        for axes in (state, steps):
            axes.tick_params(axis="x", length=0.0)
    handles = [panels[0].axes[0].plot([], [], label=name, **look)[0] for name, look in _LEGEND]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        title=f"horizontal: {under}",
        ncols=len(handles) if columns == 3 else 2,
    )
    return Drawn(figure, _in_words(data, participants))


def rows_of(
    tables: Mapping[str, pa.Table], participants: Sequence[int | str]
) -> dict[str, pd.DataFrame]:
    """Return the rows of some participants, of the tables that are drawn."""
    found = {}
    for name in DRAWN:
        if name in tables:
            frame: pd.DataFrame = tables[name].to_pandas()
            found[name] = frame.loc[frame["participant"].isin(participants)]
    return found


def events(mine: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Return the days of a participant's answers, plans and messages."""
    nothing = pd.Series(dtype=float)
    plans, messages = mine.get("plans"), mine.get("messages")
    return {
        "answered": mine["visits"]["answered_after_days"].dropna(),
        "plan": nothing if plans is None else plans["study_day"],
        "message": nothing if messages is None else messages["day"],
    }


def _title(person: pd.Series, course: str) -> str:
    return (
        f"{person['participant']}: {person['sex']}, {person['age']:.0f} years, "
        f"episode {person['duration']}, {course}, {person['arm']}"
    )


def _draw_state(axes: Axes, mine: Mapping[str, pd.DataFrame]) -> None:
    """Draw pain on its 0 to 10 and disability on its 0 to 24, with the RMDQ scores given."""
    symptoms = mine["truth/symptoms"]
    draw_pain(axes, symptoms, PAIN, "")
    right = axes.twinx()
    draw_disability(right, symptoms, mine["visits"], DISABILITY, "")
    right.spines["right"].set_visible(True)


def _draw_steps(axes: Axes, steps: pd.DataFrame | None, plans: pd.DataFrame | None) -> None:
    axes.set_ylim(0.0, 15.0)
    axes.set_yticks([0, 10])
    if steps is None or steps.empty:
        axes.text(0.5, 0.5, "no wristband", transform=axes.transAxes, ha="center", va="center",
                  fontsize=SMALL, color=GREY)  # fmt: skip
        return
    axes.fill_between(steps["day"], 0.0, steps["recorded_steps"] / 1000.0, step="mid",
                      color=STEPS, linewidth=0.0)  # fmt: skip
    if plans is not None and len(plans):
        axes.step(plans["study_day"], plans["step_goal"] / 1000.0, where="post", color=BLUE,
                  linewidth=0.8)  # fmt: skip


def _in_words(data: Mapping[str, pd.DataFrame], participants: Sequence[int | str]) -> str:
    people = data["participants"]
    arms = ", ".join(f"{count} in {arm}" for arm, count in people["arm"].value_counts().items())
    answered = data["visits"].groupby("participant")["answered_after_days"].count()
    return (
        f"{len(participants)} simulated participants day by day ({arms}): pain, disability, steps, "
        f"and when they answered, were given a plan or a message. They answered "
        f"{answered.median():g} questionnaires each (median), baseline included."
    )
