"""A figure of what components carry of an effect."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from analysis.figures.designs import COLOURS
from analysis.figures.plain_text import plain_text


@plain_text
def draw_components(
    names: Sequence[str], parts: Sequence[float], errors: Sequence[float], *, title: str,
    unit: str, path: Path,
) -> None:  # fmt: skip
    """Draw parts of an effect as bars with 95% Monte Carlo intervals, the first one on top.

    Parameters
    ----------
    names, parts, errors
        Of the components, and their standard errors.
    title, unit
        What the effect is, and what it is measured in.
    path
        Where to write; the ending chooses the format.
    """
    figure = Figure(figsize=(6.4, 1.4 + 0.4 * len(names)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(names))[::-1]
    half = np.nan_to_num(1.96 * np.asarray(errors, dtype=float))
    axes.barh(places, parts, height=0.6, color=COLOURS[0])
    axes.errorbar(parts, places, xerr=half, fmt="none", ecolor="black", capsize=3, linewidth=1.0)
    axes.axvline(0.0, color="black", linewidth=0.7)
    axes.set_yticks(places, names)
    axes.set_xlabel(f"part of the true effect ({unit}), 95% Monte Carlo interval")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=140)
