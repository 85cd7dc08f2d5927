"""Figures that compare designs: paired differences, and power over sample size."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.plain_text import plain_text

COLOURS = ("#1f6f8b", "#c0392b", "#7d8c3a", "#8e5ea2", "#d68910", "#555555")
_Z = 1.959964


@plain_text
def draw_comparison(differences: pd.DataFrame, labels: Mapping[str, str], path: Path) -> None:
    """Draw differences from the reference with 95% Monte Carlo intervals, a panel a quantity.

    Parameters
    ----------
    differences
        As :func:`analysis.replicates.paired_differences.paired_differences` returns them.
    labels
        Of the designs.
    path
        Where to write; the ending chooses the format.
    """
    quantities = differences["quantity"].unique()
    columns = 4
    rows = -(-len(quantities) // columns)
    figure = Figure(figsize=(3.1 * columns, 1.0 + 1.25 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, quantity in zip(panels, quantities, strict=False):
        _draw_differences(axes, str(quantity), differences[differences["quantity"] == quantity])
    for axes in panels[len(quantities) :]:
        axes.set_visible(False)
    others = [
        f"{label}" for letter, label in labels.items() if letter in set(differences["design"])
    ]
    reference = labels[str(differences["reference"].iloc[0])]
    figure.suptitle(
        f"{'; '.join(others)}, minus {reference}\n"
        "thick: 95% Monte Carlo interval, paired; thin: without pairing",
        fontsize=9,
    )
    figure.savefig(path, dpi=130)


def _draw_differences(axes: Axes, quantity: str, rows: pd.DataFrame) -> None:
    place = np.arange(len(rows))[::-1]
    for y, colour, row in zip(place, COLOURS, rows.to_dict("records"), strict=False):
        for error, width in ((row["mcse_unpaired"], 1.0), (row["mcse"], 3.5)):
            reach = _Z * float(error) if np.isfinite(error) else 0.0
            axes.plot(
                [row["difference"] - reach, row["difference"] + reach], [y, y],
                color=colour, linewidth=width, solid_capstyle="butt",
            )  # fmt: skip
        axes.plot(row["difference"], y, "o", color=colour, markersize=5)
    axes.axvline(0.0, color="black", linewidth=0.7)
    axes.set_yticks(place, rows["design"])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_title(quantity, fontsize=9)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
