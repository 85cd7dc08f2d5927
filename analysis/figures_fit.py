"""Figures of how a scenario fits published numbers: validation and calibration."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = {"calibration": "#1f6f8b", "held-out": "#c0392b", "implied": "#9a9a9a"}
EDGE = 4.5
"""Largest |z| that is drawn where it is; farther ones stand at the edge as triangles."""


def draw_calibration(parameters: pd.DataFrame, targets: pd.DataFrame, path: Path) -> None:
    """Draw priors and posteriors, and each target's z before and after.

    Parameters
    ----------
    parameters, targets
        The tables of :mod:`sim.study.calibration_report`.
    path
        Where to write; the ending chooses the format.
    """
    sections = list(dict.fromkeys(targets["section"]))
    height = max(0.30 * len(parameters), 0.55 * len(sections)) + 1.6
    figure = Figure(figsize=(13.0, height), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.0, 1.1])
    _draw_parameters(parameters, left)
    for at, section in enumerate(sections):
        rows = targets[targets["section"] == section]
        for column, shift, colour, name in (
            ("z_before", 0.17, "#9a9a9a", "at the prior mean"),
            ("z", -0.17, COLOURS["calibration"], "fitted"),
        ):
            place = -at + shift + 0.22 * (_spread(len(rows)) - 0.5)
            _draw_z(right, rows[column].to_numpy(float), place, colour, name if at == 0 else "")
    _finish_z(right, sections)
    right.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.07), ncols=2)
    figure.savefig(path, dpi=150)


def _draw_parameters(parameters: pd.DataFrame, axes: Axes) -> None:
    place = -np.arange(len(parameters))
    moved = parameters["moved"].to_numpy(float)
    reach = 1.96 * (parameters["posterior_sd"] / parameters["prior_sd"]).to_numpy(float)
    axes.hlines(place, -1.96, 1.96, color="#d5d5d5", linewidth=7, label="prior, 95%")
    axes.errorbar(
        moved, place, xerr=reach, fmt="o", color=COLOURS["calibration"], capsize=3, markersize=4,
        label="posterior, 95%",
    )  # fmt: skip
    names = [f"{row.key} ({row.identification})" for row in parameters.itertuples(index=False)]
    axes.set_yticks(place, names, fontsize=8)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_xlabel("prior SDs from the prior mean, on the transformed scale")
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.07), ncols=2)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_z(axes: Axes, z: np.ndarray, place: np.ndarray, colour: str, name: str) -> None:
    near = np.abs(z) <= EDGE
    axes.plot(z[near], place[near], "o", color=colour, markersize=4, alpha=0.75, label=name)
    for side, mark in ((-1.0, "<"), (1.0, ">")):
        far = ~near & (np.sign(z) == side)
        axes.plot(np.full(far.sum(), side * EDGE), place[far], mark, color=colour, markersize=6)


def _finish_z(axes: Axes, rows: list[str]) -> None:
    axes.axvspan(-1.96, 1.96, color="#eef4f6", zorder=0)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(-np.arange(len(rows)), rows)
    axes.set_xlim(-EDGE - 0.3, EDGE + 0.3)
    axes.set_xlabel("z = (published - simulated mean) / SD of one trial; the band holds 95%")
    axes.spines[["top", "right", "left"]].set_visible(False)


def _spread(n: int) -> np.ndarray:
    """Return n places between 0 and 1 that keep neighbours apart."""
    return np.modf(np.arange(1, n + 1) * 0.6180339887498949)[0]
