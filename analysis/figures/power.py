"""A figure of power over a grid."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.designs import COLOURS
from analysis.figures.plain_text import plain_text
from analysis.replicates.power import PowerCurve

COLUMNS = 3


@plain_text
def draw_power(grid: Mapping[str, Any], path: Path) -> None:
    """Draw power with its Monte Carlo intervals, fitted curves with bands, and type I error.

    Parameters
    ----------
    grid
        ``scenario``, ``outcome``, ``visit``, ``replicates``; ``vary`` with the values of each key;
        ``cells`` with ``point``, ``analysis``, ``power`` and ``null`` each; ``curves``.
    path
        Where to write; the ending chooses the format.
    """
    analyses = list(dict.fromkeys(cell["analysis"] for cell in grid["cells"]))
    columns = min(len(analyses), COLUMNS)
    rows = -(-len(analyses) // columns)
    figure = Figure(figsize=(1.0 + 5.0 * columns, 0.8 + 4.0 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    key = _along(grid["vary"])
    for axes, analysis in zip(panels, analyses, strict=False):
        cells = [cell for cell in grid["cells"] if cell["analysis"] == analysis]
        curves = [curve for curve in grid["curves"] if curve["analysis"] == analysis]
        _draw_panel(axes, key, cells, curves)
        axes.set_title(analysis, fontsize=10)
    for axes in panels[len(analyses) :]:
        axes.set_visible(False)
    figure.suptitle(
        f"{grid['scenario']}: {grid['outcome']} at {grid['visit']}, "
        f"{grid['replicates']} trials a cell, 95% Monte Carlo intervals",
        fontsize=10,
    )
    figure.savefig(path, dpi=140)


def _along(vary: Mapping[str, list[Any]]) -> str:
    """Return the key on the horizontal axis: the first numeric one with a curve, else the first."""
    for key, values in vary.items():
        if len(values) > 1 and all(type(value) in {int, float} for value in values):
            return key
    return next(iter(vary), "")


def _draw_panel(
    axes: Axes, key: str, cells: list[dict[str, Any]], curves: list[dict[str, Any]]
) -> None:
    groups: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        held = {name: value for name, value in cell["point"].items() if name != key}
        groups.setdefault(_words(held), []).append(cell)
    values = [cell["point"].get(key, "") for cell in cells]
    numeric = all(type(value) in {int, float} for value in values)
    marks = list(dict.fromkeys(str(value) for value in values))
    for number, (label, members) in enumerate(groups.items()):
        colour = COLOURS[number % len(COLOURS)]
        given = [cell["point"].get(key, "") for cell in members]
        x = np.array(given if numeric else [marks.index(str(value)) for value in given], float)
        _points(axes, x, [cell["power"] for cell in members], colour, "o", label or "power")
        if members[0]["null"] is not None:
            _points(axes, x, [cell["null"] for cell in members], colour, "s", "")
        for curve in curves:
            if _words(curve["held"]) == label:
                _curve(axes, curve, x, colour)
    axes.set_ylim(0.0, 1.0)
    if not numeric:
        axes.set_xticks(range(len(marks)), marks)
    axes.set_xlabel(key)
    axes.set_ylabel("share of trials that reject in favour")
    if any(cell["null"] is not None for cell in cells):
        axes.plot([], [], "s", color="#555555", markersize=4, markerfacecolor="white",
                  label="type I error")  # fmt: skip
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _points(
    axes: Axes, x: np.ndarray, shares: list[dict[str, Any]], colour: str, mark: str, label: str
) -> None:
    value, lower, upper = (
        np.array([share[name] for share in shares]) for name in ("power", "lower", "upper")
    )
    reach = np.clip([value - lower, upper - value], 0.0, None)
    axes.errorbar(
        x, value, reach, fmt=mark, color=colour, markersize=4, capsize=2, linewidth=1.0,
        markerfacecolor=colour if mark == "o" else "white", label=label or None,
    )  # fmt: skip


def _curve(axes: Axes, curve: dict[str, Any], x: np.ndarray, colour: str) -> None:
    fitted = PowerCurve(
        curve["scale"] == "square root",
        np.array(curve["coefficients"]),
        np.array(curve["covariance"]),
    )
    grid = np.linspace(x.min(), x.max(), 200)
    power, lower, upper = fitted.band(grid)
    axes.plot(grid, power, color=colour, linewidth=1.2)
    axes.fill_between(grid, lower, upper, color=colour, alpha=0.2, linewidth=0.0)


def _words(held: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in held.items())


@plain_text
def draw_search(answer: Mapping[str, Any], curve: PowerCurve, target: float, path: Path) -> None:
    """Draw the steps of a search for a sample size, the curve through them and the answer.

    Parameters
    ----------
    answer
        ``size``, ``lower``, ``upper``, ``verified`` and ``rounds`` with ``size``, ``trials`` and
        ``rejected`` each.
    curve
        Power by sample size.
    target
        The power wanted.
    path
        Where to write; the ending chooses the format.
    """
    steps = np.array([[s["size"], s["trials"], s["rejected"]] for s in answer["rounds"]], float)
    sizes = np.unique(steps[:, 0])
    trials, rejected = (
        np.array([steps[steps[:, 0] == size, column].sum() for size in sizes]) for column in (1, 2)
    )
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.scatter(
        sizes, rejected / trials, s=0.15 * trials + 4.0, color="#9bb7c4", edgecolor=COLOURS[0],
        label="trials of the search (area: how many)",
    )  # fmt: skip
    grid = np.linspace(min(sizes.min(), answer["lower"]), max(sizes.max(), answer["upper"]), 200)
    power, lower, upper = curve.band(grid)
    axes.plot(grid, power, color=COLOURS[0], linewidth=1.2)
    axes.fill_between(grid, lower, upper, color=COLOURS[0], alpha=0.2, linewidth=0.0)
    axes.axhline(target, color="black", linewidth=0.7)
    axes.plot([answer["lower"], answer["upper"]], [target, target], color="black", linewidth=3.0,
              solid_capstyle="butt", label="size, 95% interval")  # fmt: skip
    checked = answer["verified"]
    _points(axes, np.array([answer["size"]]), [checked], COLOURS[1], "o", "fresh seed")
    axes.set_xlabel("trial.sample_size")
    axes.set_ylabel("share of trials that reject in favour")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=140)
