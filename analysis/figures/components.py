"""A figure of what components carry of an effect."""

from collections.abc import Sequence

import numpy as np

from analysis.figures.drawn import Drawn
from analysis.figures.style import (
    BLUE,
    NORMAL,
    PAGE,
    SMALL,
    in_style,
    new_figure,
    set_title,
    wrapped,
)
from analysis.report.numbers import significant

_Z = 1.959964


@in_style
def draw_components(
    names: Sequence[str],
    parts: Sequence[float],
    errors: Sequence[float],
    *,
    title: str,
    unit: str,
    width: float = PAGE,
) -> Drawn:
    """Draw parts of an effect as bars with 95% Monte Carlo intervals, the first one on top.

    Parameters
    ----------
    names, parts, errors
        Of the components, and their standard errors.
    title, unit
        What the effect is, and what it is measured in.
    width
        Of the figure, in mm.
    """
    figure = new_figure(width, 18.0 + 6.0 * len(names))
    axes = figure.subplots()
    places = np.arange(len(names))[::-1]
    half = np.nan_to_num(_Z * np.asarray(errors, dtype=float))
    axes.barh(places, parts, height=0.6, color=BLUE, alpha=0.75)
    axes.errorbar(parts, places, xerr=half, fmt="none", ecolor="black", elinewidth=0.8)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(places, [wrapped(name.replace("_", " "), 0.3 * width, SMALL) for name in names])
    label = f"part of the true effect ({unit}), 95% Monte Carlo interval"
    axes.set_xlabel(wrapped(label, 0.65 * width, NORMAL))
    set_title(figure, title, width)
    told = (
        f"{name} {significant(part, 3)} ({significant(part - reach, 3)} to "
        f"{significant(part + reach, 3)})"
        for name, part, reach in zip(names, parts, half, strict=True)
    )
    return Drawn(
        figure,
        f"{title}: parts of the true effect in {unit}, with 95% Monte Carlo intervals: "
        f"{'; '.join(told)}.",
    )
