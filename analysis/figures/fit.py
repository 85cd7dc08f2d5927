"""Figures of how a scenario fits published numbers: validation and calibration."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.plain_text import plain_text

COLOURS = {"calibration": "#1f6f8b", "held-out": "#c0392b", "implied": "#9a9a9a"}
EDGE = 4.5
"""Largest |z| that is drawn where it is; farther ones stand at the edge as triangles."""
LINE = 0.3
"""Height of a line of text, in rows."""


@plain_text
def draw_calibration(parameters: pd.DataFrame, targets: pd.DataFrame, path: Path) -> None:
    """Draw priors and posteriors, and each target's z before and after.

    Parameters
    ----------
    parameters, targets
        The tables of :mod:`sim.study.calibration.report`.
    path
        Where to write; the ending chooses the format.
    """
    targets = targets.assign(group=groups(targets))
    sections = list(dict.fromkeys(targets["group"]))
    height = max(0.30 * len(parameters), 0.55 * len(sections)) + 1.6
    figure = Figure(figsize=(13.0, height), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.0, 1.1])
    _draw_parameters(parameters, left)
    for at, section in enumerate(sections):
        rows = targets[targets["group"] == section]
        for column, shift, colour, name in (
            ("z_before", 0.17, "#9a9a9a", "at the prior mean"),
            ("z", -0.17, COLOURS["calibration"], "fitted"),
        ):
            place = -at + shift + 0.22 * (_spread(len(rows)) - 0.5)
            _draw_z(right, rows[column].to_numpy(float), place, colour, name if at == 0 else "")
    _finish_z(right, sections, -np.arange(len(sections)))
    right.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.07), ncols=2)
    figure.savefig(path, dpi=150)


@plain_text
def draw_pseudo_trials(quantiles: Mapping[str, np.ndarray], path: Path) -> None:
    """Draw whether known parameters have uniform quantiles in their posteriors.

    Parameters
    ----------
    quantiles
        Title to (n, k): of n pseudo-trials and k parameters, 0 to 1.
    path
        Where to write; the ending chooses the format.
    """
    figure = Figure(figsize=(11.0, 4.2), layout="constrained")
    panels = figure.subplots(1, len(quantiles), sharey=True, squeeze=False)[0]
    for axes, (title, each) in zip(panels, quantiles.items(), strict=True):
        n = len(each)
        share = np.arange(1, n + 1) / n
        for column in each.T:
            ordered = np.sort(column)
            axes.plot(ordered, share - ordered, color=COLOURS["calibration"], lw=0.7, alpha=0.5)
        reach = 1.358 / np.sqrt(n)  # Kolmogorov's: the whole curve lies within it in 95%
        axes.axhspan(-reach, reach, color="#eef4f6", zorder=0)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set_title(f"{title}: {n} pseudo-trials", fontsize=10)
        axes.set_xlabel("quantile of the known parameter in its posterior")
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("share of pseudo-trials below it, less the quantile")
    figure.savefig(path, dpi=150)


@plain_text
def draw_validation(targets: pd.DataFrame, title: str, path: Path) -> None:
    """Draw the z of every target, and name those outside of their 95% range.

    Parameters
    ----------
    targets
        :meth:`analysis.replicates.validation.Validation.table`.
    title
        What was simulated.
    path
        Where to write; the ending chooses the format.
    """
    targets = targets[targets["z"].notna()]
    targets = targets.assign(group=groups(targets))
    names = list(dict.fromkeys(targets["group"]))
    outside = [
        targets[(targets["group"] == name) & ~targets["inside"].astype(bool)] for name in names
    ]
    heights = np.array([max(1.0, LINE * len(rows) + 0.25) for rows in outside])
    places = -(np.cumsum(heights) - heights / 2.0)
    figure = Figure(figsize=(13.0, 0.55 * heights.sum() + 1.6), layout="constrained")
    axes, texts = figure.subplots(1, 2, sharey=True, width_ratios=[2.0, 1.0])
    for name, place, missed in zip(names, places, outside, strict=True):
        rows = targets[targets["group"] == name]
        at = place + 0.7 * (_spread(len(rows)) - 0.5)
        for role, colour in COLOURS.items():
            mine = (rows["role"] == role).to_numpy()
            _draw_z(axes, rows["z"].to_numpy(float)[mine], at[mine], colour, "")
        _name(texts, missed, float(place))
    for role, colour in COLOURS.items():
        axes.plot([], [], "o", color=colour, label=f"{role} ({(targets['role'] == role).sum()})")
    _finish_z(axes, names, places)
    axes.set_ylim(-heights.sum(), 0.0)
    axes.set_title(title, fontsize=11)
    texts.set_title("outside their 95% range, with z", fontsize=10, loc="left")
    texts.set_axis_off()
    figure.legend(frameon=False, fontsize=9, loc="outside lower right", ncols=3)
    figure.savefig(path, dpi=150)


def _name(axes: Axes, missed: pd.DataFrame, place: float) -> None:
    """List targets beside the row in which they stand."""
    top = place + LINE * (len(missed) - 1) / 2.0
    for at, row in enumerate(missed.itertuples(index=False)):
        colour = COLOURS[str(row.role)]
        text = f"{float(str(row.z)):+.1f}  {row.label}"
        axes.text(0.0, top - LINE * at, text, fontsize=7.5, va="center", color=colour)


def groups(targets: pd.DataFrame) -> pd.Series:
    """Return the row of the figure in which each target stands: its section, or its outcome."""
    secondary = targets["section"].str.startswith("Secondary")
    outcome = targets["label"].str.replace(r" at (baseline|\d+ months).*", "", regex=True)
    return targets["section"].where(~secondary, outcome)


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


def _finish_z(axes: Axes, rows: list[str], places: np.ndarray) -> None:
    axes.axvspan(-1.96, 1.96, color="#eef4f6", zorder=0)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(places, rows)
    axes.set_xlim(-EDGE - 0.3, EDGE + 0.3)
    axes.set_xlabel("z = (published - simulated) / SD, band: 95%")
    axes.spines[["top", "right", "left"]].set_visible(False)


def _spread(n: int) -> np.ndarray:
    """Return n places between 0 and 1 that keep neighbours apart."""
    return np.asarray(np.arange(1, n + 1) * 0.6180339887498949 % 1.0)
