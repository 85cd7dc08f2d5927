"""A figure of power over a grid."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    COLUMN,
    NORMAL,
    PAGE,
    Style,
    in_style,
    legend_below,
    new_figure,
    reference_line,
    set_title,
    styles,
    wrapped,
)
from analysis.replicates.power import PowerCurve
from analysis.report.numbers import interval

WANTED = (0.8, 0.9)
"""Powers that trials are commonly planned for."""
_OFFSET = 2.4
"""Between series, mm: one does not hide another."""


@in_style
def draw_power(
    grid: Mapping[str, Any],
    *,
    labels: Mapping[str, str] | None = None,
    outcome: str = "",
    alpha: float | None = None,
    width: float = PAGE,
) -> Drawn:
    """Draw power with its Monte Carlo intervals, fitted curves with bands, and type I error.

    Parameters
    ----------
    grid
        ``scenario``, ``outcome``, ``visit``, ``replicates``; ``vary`` with the values of each key;
        ``cells`` with ``point``, ``analysis``, ``power`` and ``null`` each; ``curves``.
    labels
        What the keys are called; see :func:`scenarios.loading.labels.key_label`.
    outcome
        What the outcome is called; its name by default.
    alpha
        Significance level of the test, 0 to 1, at which a line is drawn; None for no line.
    width
        Of the figure, in mm.
    """
    analyses = list(dict.fromkeys(cell["analysis"] for cell in grid["cells"]))
    columns = min(len(analyses), 3 if width > 1.5 * COLUMN else 1)
    rows = -(-len(analyses) // columns)
    names = dict(labels or {})
    key = _along(grid["vary"])
    figure = new_figure(width, 70.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for axes, analysis in zip(panels, analyses, strict=False):
        cells = [cell for cell in grid["cells"] if cell["analysis"] == analysis]
        curves = [curve for curve in grid["curves"] if curve["analysis"] == analysis]
        _draw_panel(axes, key, _groups(cells, key), curves, names, width / columns)
        for power in WANTED:
            reference_line(axes, power, f"{power:g}")
        if alpha is not None:
            reference_line(axes, alpha, f"alpha {alpha:g}")
        axes.set_xlabel(wrapped(names.get(key, key), 0.75 * width / columns, NORMAL))
        if len(analyses) > 1:
            axes.set_title(analysis)
    for axes in panels[len(analyses) :]:
        axes.set_visible(False)
    for axes in panels[::columns]:
        axes.set_ylabel("share of trials that reject in favour")
    legend_below(figure, panels[0], width)
    measured = outcome or grid["outcome"]
    set_title(
        figure,
        f"{grid['scenario']}: {measured} at {grid['visit']}, {grid['replicates']} trials a cell, "
        "95% Monte Carlo intervals",
        width,
    )
    return Drawn(figure, _in_words(grid, measured, names, key))


def _along(vary: Mapping[str, list[Any]]) -> str:
    """Return the key on the horizontal axis: the first numeric one with a curve, else the first."""
    for key, values in vary.items():
        if len(values) > 1 and all(type(value) in {int, float} for value in values):
            return key
    return next(iter(vary), "")


def _groups(cells: Sequence[dict[str, Any]], key: str) -> dict[str, list[dict[str, Any]]]:
    """Return the cells of each series: those that differ in the key of the axis alone."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        held = {name: value for name, value in cell["point"].items() if name != key}
        groups.setdefault(_words(held), []).append(cell)
    return groups


def _draw_panel(
    axes: Axes,
    key: str,
    groups: Mapping[str, list[dict[str, Any]]],
    curves: list[dict[str, Any]],
    names: Mapping[str, str],
    width: float,
) -> None:
    cells = [cell for members in groups.values() for cell in members]
    values = [cell["point"].get(key, "") for cell in cells]
    numeric = all(type(value) in {int, float} for value in values)
    marks = list(dict.fromkeys(str(value) for value in values))
    every = np.array(values if numeric else range(len(marks)), float)
    reach = float(np.ptp(every)) or 1.0
    tested = any(cell["null"] is not None for cell in cells)
    apart = np.diff(np.unique(every)).min() if len(np.unique(every)) > 1 else 1.0
    step = min(_OFFSET * reach / (0.75 * width), 0.7 * apart / len(groups))
    for number, (style, (label, members)) in enumerate(
        zip(styles(len(groups) + 1)[1:], groups.items(), strict=True)
    ):
        given = [cell["point"].get(key, "") for cell in members]
        x = np.array(given if numeric else [marks.index(str(value)) for value in given], float)
        shift = step * (number - (len(groups) - 1) / 2.0)
        told = _words({names.get(k, k): v for k, v in _held(members[0], key).items()})
        shares = [cell["power"] for cell in members]
        _points(axes, x + shift, shares, style, told or "power", filled=True)
        nulls = [cell["null"] for cell in members if cell["null"] is not None]
        if len(nulls) == len(members):
            _points(axes, x + shift + step / 2.0, nulls, style, "", filled=False)
        for curve in curves:
            if _words(curve["held"]) == label:
                _curve(axes, curve, x, style)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlim(every.min() - 0.08 * reach, every.max() + 0.08 * reach)
    if not numeric:
        axes.set_xticks(range(len(marks)), marks)
    elif len(marks) <= 6:
        axes.set_xticks(np.unique(every))
    if tested:
        label = "type I error" + (", in the shape of its series" if len(groups) > 1 else "")
        style = styles(2)[1] if len(groups) == 1 else Style("black", "o", "-")
        axes.errorbar([], [], [], fmt=style.marker, color=style.colour, elinewidth=0.8,
                      markerfacecolor="white", label=label)  # fmt: skip


def _held(cell: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in cell["point"].items() if name != key}


def _points(
    axes: Axes, x: np.ndarray, shares: list[dict[str, Any]], style: Style, label: str,
    *, filled: bool,
) -> None:  # fmt: skip
    value, lower, upper = (
        np.array([share[name] for share in shares]) for name in ("power", "lower", "upper")
    )
    reach = np.clip([value - lower, upper - value], 0.0, None)
    axes.errorbar(
        x, value, reach, fmt=style.marker, color=style.colour, elinewidth=0.8,
        markerfacecolor=style.colour if filled else "white", label=label or None,
    )  # fmt: skip


def _curve(axes: Axes, curve: dict[str, Any], x: np.ndarray, style: Style) -> None:
    fitted = PowerCurve(
        curve["scale"] == "square root",
        np.array(curve["coefficients"]),
        np.array(curve["covariance"]),
    )
    grid = np.linspace(x.min(), x.max(), 120)
    power, lower, upper = fitted.band(grid)
    axes.plot(grid, power, color=style.colour, linestyle=style.line)
    axes.fill_between(grid, lower, upper, color=style.colour, alpha=0.15, linewidth=0.0)


def _words(held: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in held.items())


def _in_words(grid: Mapping[str, Any], outcome: str, names: Mapping[str, str], key: str) -> str:
    cells = sorted(grid["cells"], key=lambda cell: cell["power"]["power"])
    if not cells:
        return f"{grid['scenario']}: no cell of the grid was simulated."
    varied = ", ".join(names.get(each, each) for each in grid["vary"])
    varied = f" over {varied}" if varied else ""
    least, most = cells[0], cells[-1]
    text = (
        f"{grid['scenario']}: power for {outcome} at {grid['visit']}{varied}, "
        f"{grid['replicates']} trials a cell. It is {_share(least['power'])}"
        f"{_at(least, key, names)}"
    )
    if len(cells) > 1:
        text += f" at the least and {_share(most['power'])}{_at(most, key, names)} at the most"
    nulls = [cell["null"] for cell in cells if cell["null"] is not None]
    if nulls:
        errors = [null["power"] for null in nulls]
        text += f"; type I error is from {min(errors):.3f} to {max(errors):.3f}"
    return f"{text}."


def _share(share: Mapping[str, float]) -> str:
    return interval(share["power"], share["lower"], share["upper"], 3)


def _at(cell: Mapping[str, Any], key: str, names: Mapping[str, str]) -> str:
    where = [str(cell["point"][key])] if key in cell["point"] else []
    held = _words({names.get(name, name): value for name, value in _held(cell, key).items()})
    told = ", ".join([*where, *([held] if held else []), cell["analysis"]])
    return f" ({told})"
