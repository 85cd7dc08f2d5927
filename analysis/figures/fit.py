"""Figures of how a scenario fits published numbers: validation and calibration."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    BAND,
    BLUE,
    COLUMN,
    FAINT,
    GREY,
    PAGE,
    SMALL,
    VERMILLION,
    in_style,
    legend_below,
    new_figure,
    set_title,
    wrapped,
)

ROLES = {
    "calibration": (BLUE, "o"),
    "held-out": (VERMILLION, "D"),
    "implied": (GREY, "x"),
}
"""Colour and marker of targets by their role."""
IDENTIFIED = "identified"
EDGE = 4.5
"""Largest |z| that is drawn where it is; farther ones stand at the edge as triangles."""
_LINE = 2.9
"""Height of a line of text, mm."""


@in_style
def draw_calibration(
    parameters: pd.DataFrame, targets: pd.DataFrame, *, width: float = PAGE
) -> Drawn:
    """Draw priors and posteriors, and each target's z before and after.

    Parameters
    ----------
    parameters, targets
        The tables of :mod:`sim.study.calibration.report`.
    width
        Of the figure, in mm; at a column's the two stand one above the other.
    """
    targets = targets.assign(group=groups(targets))
    sections = list(dict.fromkeys(targets["group"]))
    beside = width > 1.5 * COLUMN
    heights = [4.0 * len(parameters) + 22.0, 5.6 * len(sections) + 22.0]
    figure = new_figure(width, max(heights) if beside else sum(heights))
    if beside:
        left, right = figure.subplots(1, 2, width_ratios=[1.0, 0.8])
    else:
        left, right = figure.subplots(2, 1, height_ratios=heights)
    _draw_parameters(parameters, left, 0.25 * width if beside else 0.45 * width)
    places = -np.arange(len(sections), dtype=float)
    for place, section in zip(places, sections, strict=True):
        rows = targets[targets["group"] == section]
        for column, shift, colour, mark in (
            ("z_before", 0.17, GREY, "x"), ("z", -0.17, BLUE, "o"),
        ):  # fmt: skip
            at = place + shift + 0.22 * (_spread(len(rows)) - 0.5)
            _draw_z(right, rows[column].to_numpy(float), at, colour, mark)
    right.plot([], [], "x", color=GREY, label="at the prior mean")
    right.plot([], [], "o", color=BLUE, label="fitted")
    _finish_z(right, sections, places)
    _legend_over(right, 2)
    fitted = targets["z"].dropna().abs()
    before = targets["z_before"].dropna().abs()
    return Drawn(
        figure,
        f"{len(parameters)} parameters with prior and posterior, and {len(targets)} published "
        f"numbers. {(before <= 1.96).sum()} of {len(before)} were within their simulated 95% band "
        f"at the prior means, {(fitted <= 1.96).sum()} of {len(fitted)} are as fitted.",
    )


@in_style
def draw_pseudo_trials(found: pd.DataFrame, *, width: float = PAGE) -> Drawn:
    """Draw whether known parameters have uniform quantiles in their posteriors.

    Parameters
    ----------
    found
        ``parameters`` (what the known ones were drawn from, a panel each), ``trial``, ``key`` and
        ``quantile``, 0 to 1.
    width
        Of the figure, in mm; at a column's the panels stand one above the other.
    """
    beside = width > 1.5 * COLUMN
    quantiles = {
        str(title): each.pivot_table(index="trial", columns="key", values="quantile").to_numpy()
        for title, each in found.groupby("parameters", sort=False)
    }
    shape = (1, len(quantiles)) if beside else (len(quantiles), 1)
    figure = new_figure(width, 64.0 * shape[0])
    panels = figure.subplots(*shape, sharey=True, squeeze=False).ravel()
    told = []
    for axes, (title, each) in zip(panels, quantiles.items(), strict=True):
        n = len(each)
        count = np.arange(1, n + 1) / n
        reach = 1.358 / np.sqrt(n)  # Kolmogorov's: the whole curve lies within it in 95%
        within = 0
        for column in each.T:
            ordered = np.sort(column)
            apart = count - ordered
            within += bool(np.maximum(np.abs(apart), np.abs(apart - 1.0 / n)).max() <= reach)
            axes.plot(ordered, apart, color=BLUE, linewidth=0.6, alpha=0.5)
        axes.axhspan(-reach, reach, color=BAND, zorder=0)
        axes.axhline(0.0, color="black", linewidth=0.6)
        axes.set_title(f"{title}: {n} pseudo-trials")
        axes.set_xlabel("quantile of the known parameter in its posterior")
        axes.set_ylabel(wrapped("share of pseudo-trials below it, less the quantile", 55.0))
        axes.label_outer()
        told.append(f"{title}, {within} of {each.shape[1]} parameters over {n} pseudo-trials")
    return Drawn(
        figure,
        "Quantiles of known parameters in their posteriors against the uniform distribution. "
        f"Within the 95% band: {'; '.join(told)}.",
    )


@in_style
def draw_validation(targets: pd.DataFrame, title: str, *, width: float = PAGE) -> Drawn:
    """Draw the z of every target, and name those outside of their 95% range.

    Parameters
    ----------
    targets
        :meth:`analysis.replicates.validation.Validation.table`.
    title
        What was simulated.
    width
        Of the figure, in mm; at a column's the names are left to the table.
    """
    targets = targets[targets["z"].notna()]
    targets = targets.assign(group=groups(targets))
    names = list(dict.fromkeys(targets["group"]))
    named = width > 1.5 * COLUMN
    room = 0.36 * width
    outside = [
        _lines(targets[(targets["group"] == name) & ~targets["inside"].astype(bool)], room)
        if named else [] for name in names
    ]  # fmt: skip
    heights = np.array([max(5.0, _LINE * len(rows) + 1.6) for rows in outside])
    places = -(np.cumsum(heights) - heights / 2.0)
    figure = new_figure(width, float(heights.sum()) + 20.0)
    if named:
        axes, texts = figure.subplots(1, 2, sharey=True, width_ratios=[1.0, 0.9])
        texts.set_title("outside their 95% range, with z", fontsize=SMALL)
        texts.set_axis_off()
        for rows, place in zip(outside, places, strict=True):
            top = place + _LINE * (len(rows) - 1) / 2.0
            for at, line in enumerate(rows):
                texts.text(0.0, top - _LINE * at, line, fontsize=SMALL, va="center")
    else:
        axes = figure.subplots()
    for name, place in zip(names, places, strict=True):
        rows = targets[targets["group"] == name]
        at = place + 3.6 * (_spread(len(rows)) - 0.5)
        for role, (colour, mark) in ROLES.items():
            mine = (rows["role"] == role).to_numpy()
            _draw_z(axes, rows["z"].to_numpy(float)[mine], at[mine], colour, mark)
    for role, (colour, mark) in ROLES.items():
        many = int((targets["role"] == role).sum())
        if many:
            axes.plot([], [], mark, color=colour, label=f"{role} ({many})")
    _finish_z(axes, [wrapped(name, 0.3 * width, SMALL) for name in names], places)
    axes.set_ylim(-max(float(heights.sum()), 5.0), 0.0)
    legend_below(figure, axes, width)
    set_title(figure, title, width)
    return Drawn(figure, _validation_in_words(targets, title))


def _lines(missed: pd.DataFrame, room: float) -> list[str]:
    """Return the lines that name targets, with their z and the mark of their role."""
    signs = {"o": "\u25cf", "D": "\u25c6", "x": "\u00d7"}
    found: list[str] = []
    for row in missed.to_dict("records"):
        text = f"{signs[ROLES[str(row['role'])][1]]} {row['z']:+.1f}  {row['label']}"
        first, *more = wrapped(text, room, SMALL).split("\n")
        found += [first, *(f"        {line}" for line in more)]
    return found


def _validation_in_words(targets: pd.DataFrame, title: str) -> str:
    told = []
    for role in ROLES:
        mine = targets[targets["role"] == role]
        if len(mine):
            told.append(f"{int(mine['inside'].astype(bool).sum())} of {len(mine)} {role}")
    if not told:
        return f"{title}: no published number has a simulated distribution."
    worst = targets.iloc[int(targets["z"].abs().to_numpy().argmax())]
    return (
        f"{title}: published numbers against their simulated distributions. Within the 95% range "
        f"are {', '.join(told)}; the farthest is {worst['label']}, z {worst['z']:+.1f}."
    )


def groups(targets: pd.DataFrame) -> pd.Series:
    """Return the row of the figure in which each target stands: its section, or its outcome."""
    secondary = targets["section"].str.startswith("Secondary")
    outcome = targets["label"].str.replace(r" at (baseline|\d+ months).*", "", regex=True)
    return targets["section"].where(~secondary, outcome)


def _draw_parameters(parameters: pd.DataFrame, axes: Axes, room: float) -> None:
    place = -np.arange(len(parameters))
    moved = parameters["moved"].to_numpy(float)
    reach = 1.96 * (parameters["posterior_sd"] / parameters["prior_sd"]).to_numpy(float)
    axes.hlines(place, -1.96, 1.96, color=FAINT, linewidth=4.5, label="prior, 95%")
    kinds = parameters["identification"].astype(str)
    for (kind, mark), fill in zip(
        zip(dict.fromkeys([IDENTIFIED, *kinds]), "osDv", strict=False),
        (BLUE, "white", "white", "white"),
        strict=False,
    ):
        mine = (kinds == kind).to_numpy()
        if mine.any():
            axes.errorbar(
                moved[mine], place[mine], xerr=reach[mine], fmt=mark, color=BLUE, elinewidth=0.9,
                markerfacecolor=fill, label=f"posterior, 95%: {kind}",
            )  # fmt: skip
    names = [wrapped(str(key), room, SMALL - 1.0) for key in parameters["key"]]
    axes.set_yticks(place, names, fontsize=SMALL - 1.0)
    axes.set_ylim(-len(parameters) + 0.3, 0.7)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_xlabel("prior SDs from the prior mean,\non the transformed scale")
    _legend_over(axes, 1)


def _legend_over(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns)


def _draw_z(axes: Axes, z: np.ndarray, place: np.ndarray, colour: str, mark: str) -> None:
    near = np.abs(z) <= EDGE
    axes.plot(z[near], place[near], mark, color=colour, markersize=2.8, alpha=0.8)
    for side, beyond in ((-1.0, "<"), (1.0, ">")):
        far = ~near & (np.sign(z) == side)
        axes.plot(np.full(far.sum(), side * EDGE), place[far], beyond, color=colour, markersize=4)


def _finish_z(axes: Axes, rows: Sequence[str], places: np.ndarray) -> None:
    axes.axvspan(-1.96, 1.96, color=BAND, zorder=0)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(places, rows)
    axes.set_xlim(-EDGE - 0.4, EDGE + 0.4)
    axes.set_xticks([-4, -2, 0, 2, 4])
    axes.set_xlabel("z = (published - simulated) / SD,\nband: 95%")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0.0)


def _spread(n: int) -> np.ndarray:
    """Return n places between 0 and 1 that keep neighbours apart."""
    return np.asarray(np.arange(1, n + 1) * 0.6180339887498949 % 1.0)
