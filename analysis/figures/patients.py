"""A figure of single patients: symptoms, app use and answers, day by day."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.plain_text import plain_text

PAIN, DISABILITY, STEPS, APP = "#c0392b", "#34495e", "#9bb7c4", "#1f6f8b"
COLUMNS = 3
_DRAWN = (
    "participants", "visits", "steps", "plans", "messages", "truth/participants", "truth/symptoms",
)  # fmt: skip
_STRIP = ("answered", "plan", "message")


@plain_text
def draw_patients(
    tables: Mapping[str, pa.Table], participants: Sequence[int | str], path: Path
) -> None:
    """Draw some participants of one trial, a panel each.

    Parameters
    ----------
    tables
        The trial's ``participants``, ``visits``, ``truth/participants`` and ``truth/symptoms``,
        and ``steps``, ``plans`` and ``messages`` where there are any, as
        :mod:`sim.tables.codebook` describes them.
    participants
        Who is drawn, as the tables call them.
    path
        Where to write; the ending chooses the format.
    """
    data = {name: _of(tables[name], participants) for name in _DRAWN if name in tables}
    columns = min(COLUMNS, len(participants))
    rows = -(-len(participants) // columns)
    figure = Figure(figsize=(5.2 * columns, 3.1 * rows), layout="constrained")
    last = float(data["truth/symptoms"]["day"].max())
    panels = figure.subfigures(rows, columns, squeeze=False).ravel()
    for panel, participant in zip(panels, participants, strict=False):
        state, steps, strip = panel.subplots(
            3, 1, sharex=True, height_ratios=(5.0, 2.0, 1.6), gridspec_kw={"hspace": 0.0}
        )
        mine = {name: rows_of[rows_of["participant"] == participant] for name, rows_of in
                data.items()}  # fmt: skip
        course = mine["truth/participants"]["course_class"].iloc[0]
        panel.suptitle(_title(mine["participants"].iloc[0], course), fontsize=9)
        _draw_state(state, mine["truth/symptoms"], mine["visits"])
        _draw_steps(steps, mine.get("steps"), mine.get("plans"))
        _draw_strip(strip, mine)
        strip.set_xlim(-7.0, last)
    handles = [line for line in panels[0].axes[0].get_lines() if line.get_label()[0] != "_"]
    names = [str(line.get_label()) for line in handles]
    figure.legend(handles, names, loc="outside lower center", ncols=len(handles), frameon=False)
    figure.savefig(path, dpi=110)


def _of(table: pa.Table, participants: Sequence[int | str]) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame.loc[frame["participant"].isin(participants)]


def _title(person: pd.Series, course: str) -> str:
    return (
        f"{person['participant']}: {person['sex']}, {person['age']:.0f} years, "
        f"episode {person['duration']}, {course}, {person['arm']}"
    )


def _draw_state(axes: Axes, symptoms: pd.DataFrame, visits: pd.DataFrame) -> None:
    """Draw pain on its 0 to 10 and disability on its 0 to 24, with the RMDQ scores given."""
    axes.plot(symptoms["day"], symptoms["pain"], color=PAIN, linewidth=0.7, label="pain (0-10)")
    axes.set_ylim(0.0, 10.0)
    axes.set_yticks([0, 5, 10])
    axes.tick_params(labelsize=7)
    right = axes.twinx()
    right.plot(symptoms["day"], symptoms["disability"], color=DISABILITY, linewidth=1.3)
    answered = visits.dropna(subset=["rmdq"])
    right.plot(
        answered["answered_after_days"], answered["rmdq"], "o", color=DISABILITY, markersize=4
    )
    right.set_ylim(0.0, 24.0)
    right.set_yticks([0, 12, 24])
    right.tick_params(labelsize=7)
    axes.plot([], [], color=DISABILITY, linewidth=1.3, label="disability (0-24)")
    axes.plot([], [], "o", color=DISABILITY, markersize=4, label="RMDQ answered")
    axes.plot([], [], color=STEPS, linewidth=1.5, label="steps recorded (thousands a day)")
    axes.plot([], [], color=APP, linewidth=1.5, label="step goal")


def _draw_steps(axes: Axes, steps: pd.DataFrame | None, plans: pd.DataFrame | None) -> None:
    axes.set_ylim(0.0, 15.0)
    axes.set_yticks([0, 10])
    axes.tick_params(labelsize=7)
    if steps is None or steps.empty:
        axes.text(0.5, 0.5, "no wristband", transform=axes.transAxes, ha="center", va="center",
                  fontsize=7, color="#999999")  # fmt: skip
        return
    axes.bar(steps["day"], steps["recorded_steps"] / 1000.0, width=1.0, color=STEPS)
    if plans is not None and len(plans):
        axes.step(plans["study_day"], plans["step_goal"] / 1000.0, where="post", color=APP,
                  linewidth=1.0)  # fmt: skip


def _draw_strip(axes: Axes, mine: Mapping[str, pd.DataFrame]) -> None:
    """Draw ticks for answers, plans and messages, each in its own row."""
    axes.set_ylim(-0.5, len(_STRIP) - 0.5)
    axes.set_yticks(range(len(_STRIP)), _STRIP, fontsize=6)
    axes.tick_params(labelsize=7)
    answered = mine["visits"]["answered_after_days"].dropna()
    axes.vlines(answered, -0.4, 0.4, color="black", linewidth=1.5)
    plans = mine.get("plans")
    if plans is not None and len(plans):
        axes.vlines(plans["study_day"], 0.6, 1.4, color=APP, linewidth=1.2)
    messages = mine.get("messages")
    if messages is not None and len(messages):
        axes.vlines(messages["day"], 1.6, 2.4, color="#e67e22", linewidth=0.5)
    axes.set_xticks(np.arange(0, 280, 91), ["0", "3 months", "6 months", "9 months"], fontsize=7)
