"""A time axis to scale, with the visits of a trial on it."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from analysis.figures.style import SMALL, text_width

DAYS_PER_MONTH = 365.25 / 12.0
_UNITS = (("months", DAYS_PER_MONTH), ("weeks", 7.0), ("days", 1.0))


def draw_visits(axes: Axes, days: Mapping[str, float], width: float) -> None:
    """Put visits on the horizontal axis, in days since randomization.

    They are named where there is room for it; else the axis counts months, weeks or days.

    Parameters
    ----------
    axes
        Whose horizontal axis is in days.
    days
        Visit to its day.
    width
        Of the axis, in mm.
    """
    if not days:
        return
    places = np.array(list(days.values()), dtype=float)
    names = [name.replace(" ", "\n") for name in days]
    reach = float(np.ptp(places)) or 1.0
    widths = [max(text_width(word, SMALL) for word in name.split("\n")) for name in names]
    order = np.argsort(places)
    gaps = np.diff(places[order]) / reach * width
    needed = [(widths[a] + widths[b]) / 2.0 + 1.0 for a, b in pairwise(order)]
    if all(gap >= need for gap, need in zip(gaps, needed, strict=True)):
        axes.set_xticks(places, names)
        axes.set_xlabel("visit, to scale")
        return
    unit, length = next(each for each in _UNITS if reach / each[1] >= 3.0 or each[0] == "days")
    last = places.max() / length
    step = max(1, int(np.ceil(last / max(width / 8.0, 1.0))))
    marks = np.arange(0, int(np.floor(last + 0.05)) + 1, step)
    axes.set_xticks(marks * length, [str(mark) for mark in marks])
    axes.set_xlabel(f"{unit} since randomization")
