"""A figure of the search for a sample size."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    BLUE,
    NORMAL,
    PAGE,
    VERMILLION,
    in_style,
    legend_below,
    new_figure,
    reference_line,
    set_title,
    wrapped,
)
from analysis.replicates.power import PowerCurve
from analysis.report.numbers import fixed, interval

_WANTED = (0.8, 0.9)


@in_style
def draw_search(
    answer: Mapping[str, Any],
    curve: PowerCurve,
    target: float,
    *,
    title: str = "",
    label: str = "participants randomized",
    width: float = PAGE,
) -> Drawn:
    """Draw the steps of a search for a sample size, the curve through them and the answer.

    Parameters
    ----------
    answer
        ``size``, ``lower``, ``upper``, ``verified`` and ``rounds`` with ``size``, ``trials`` and
        ``rejected`` each.
    curve
        Power by sample size.
    target
        The power wanted, 0 to 1.
    title
        What was searched.
    label
        What the sample size is called.
    width
        Of the figure, in mm.
    """
    steps = np.array([[s["size"], s["trials"], s["rejected"]] for s in answer["rounds"]], float)
    sizes = np.unique(steps[:, 0])
    trials, rejected = (
        np.array([steps[steps[:, 0] == size, column].sum() for size in sizes]) for column in (1, 2)
    )
    figure = new_figure(width, 68.0)
    axes = figure.subplots()
    axes.scatter(
        sizes, rejected / trials, s=2.0 + 60.0 * trials / trials.max(), color="#bcd3df",
        edgecolor=BLUE, linewidth=0.6, label="trials of the search (area: how many)",
    )  # fmt: skip
    grid = np.linspace(min(sizes.min(), answer["lower"]), max(sizes.max(), answer["upper"]), 200)
    power, lower, upper = curve.band(grid)
    axes.plot(grid, power, color=BLUE, label="fitted power, 95% band")
    axes.fill_between(grid, lower, upper, color=BLUE, alpha=0.15, linewidth=0.0)
    axes.plot([answer["lower"], answer["upper"]], [target, target], color="black", linewidth=2.4,
              solid_capstyle="butt", label="sample size, 95% limits")  # fmt: skip
    checked = answer["verified"]
    value = checked["power"]
    reach = np.clip([[value - checked["lower"]], [checked["upper"] - value]], 0.0, None)
    axes.errorbar(
        [answer["size"]], [value], reach, fmt="D", color=VERMILLION, markersize=4.0,
        label="trials at the answer, of a fresh seed",
    )  # fmt: skip
    lowest = min(float((rejected / trials).min()), float(lower.min()), checked["lower"], target)
    axes.set_ylim(max(lowest - 0.06, -0.02), 1.02)
    for each in {*_WANTED, target}:
        if each > lowest - 0.06:
            reference_line(axes, each, f"{each:g}")
    axes.set_xlabel(wrapped(label, 0.8 * width, NORMAL))
    axes.set_ylabel("share of trials that reject in favour")
    legend_below(figure, axes, width)
    if title:
        set_title(figure, title, width)
    limits = f"{fixed(answer['lower'], 0)} to {fixed(answer['upper'], 0)}"
    fresh = interval(value, checked["lower"], checked["upper"], 3)
    return Drawn(
        figure,
        f"{title + ': ' if title else ''}{answer['size']} participants (95% limits {limits}) have "
        f"a power of {target:g} by the fitted curve. {checked['replicates']} trials of that size, "
        f"of a fresh seed, have a power of {fresh}.",
    )
