"""How all figures look: sizes, fonts, colours, and what tells apart without colours."""

import textwrap
from collections.abc import Mapping
from itertools import cycle, islice, pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMN, PAGE = 85.0, 180.0
"""Widths of a journal's column and of its page, mm."""
MM = 1.0 / 25.4
"""Inches."""
POINT = 25.4 / 72.0
"""A point of a font's size, mm."""
SMALL, NORMAL, LARGE = 6.0, 7.0, 8.0
"""Sizes of fonts, points."""
_CHARACTER = 0.56
"""Mean width of a character, of its size."""

GREY, BLUE, VERMILLION = "#6e6e6e", "#0072b2", "#d55e00"
_COLOURS = (GREY, BLUE, "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#332288")
"""The reference in grey, then colours that the colour-blind tell apart (Okabe and Ito 2008)."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")
_Line = str | tuple[int, tuple[int, ...]]
_LINES: tuple[_Line, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
DAYS_PER_MONTH = 365.25 / 12.0
_UNITS = (("months", DAYS_PER_MONTH), ("weeks", 7.0), ("days", 1.0))
"""Units of a time axis, each in days."""
PUBLISHED = "#000000"
"""Colour of published numbers, which stand on the simulated ones."""
BAND, FAINT = "#e9eff3", "#c4c4c4"
"""Of a range in the background, and of what matters less."""

_SETTINGS: dict[Any, Any] = {
    # Texts are what they say: a dollar sign in a title begins no formula.
    "text.parse_math": False,
    "font.size": NORMAL,
    "axes.titlesize": NORMAL,
    "axes.labelsize": NORMAL,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "legend.frameon": False,
    "figure.titlesize": LARGE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "errorbar.capsize": 1.5,
}
in_style = rc_context(_SETTINGS)
"""Decorates a function that draws. It leaves the settings of the user's own figures alone."""


class Style(NamedTuple):
    """Of one of several things that are told apart.

    Attributes
    ----------
    colour, marker, line
        As matplotlib takes them.
    """

    colour: str
    marker: str
    line: _Line


def styles(number: int) -> tuple[Style, ...]:
    """Return a style for each arm or series, the reference first; no two are the same.

    Up to five differ in colour, marker and line each.

    >>> [style.marker for style in styles(3)]
    ['o', 's', '^']
    """
    # The lengths of the three have no common divisor: 385 combinations come before a repetition.
    all_of_them = zip(cycle(_COLOURS), cycle(_MARKERS), cycle(_LINES), strict=True)
    return tuple(Style(*each) for each in islice(all_of_them, number))


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure.

    Parameters
    ----------
    width, height
        In mm.
    """
    return Figure(figsize=(width * MM, height * MM), layout="constrained")


def text_width(text: str, size: float = NORMAL) -> float:
    """Return about how wide a line of text is, in mm.

    Parameters
    ----------
    text
        The line.
    size
        Of its font, in points.
    """
    return len(text) * _CHARACTER * size * POINT


def wrapped(text: str, width: float, size: float = NORMAL) -> str:
    """Return a text in lines that are at most so wide.

    Parameters
    ----------
    text
        In one line.
    width
        In mm.
    size
        Of its font, in points.
    """
    fits = max(int(width / (_CHARACTER * size * POINT)), 8)
    return "\n".join(textwrap.wrap(text, fits)) or text


def grow(figure: Figure, height: float) -> None:
    """Make a figure higher by so many mm."""
    figure.set_figheight(figure.get_figheight() + height * MM)


def set_title(figure: Figure, text: str, width: float) -> None:
    """Write a title over a figure, which grows by the lines that it takes."""
    lines = wrapped(text, 0.96 * width, LARGE)
    figure.suptitle(lines)
    grow(figure, (lines.count("\n") + 1) * 1.25 * LARGE * POINT + 1.5)


def reference_line(axes: Axes, y: float, label: str) -> None:
    """Draw a horizontal line at a value, and name it at its right end."""
    axes.axhline(y, color=FAINT, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0)
    axes.annotate(
        label, (1.0, y), xycoords=("axes fraction", "data"), xytext=(2, 0),
        textcoords="offset points", va="center", fontsize=SMALL, color=GREY, annotation_clip=False,
    )  # fmt: skip


def legend_below(figure: Figure, axes: Axes, width: float, title: str = "") -> None:
    """Draw the legend of some axes under a figure, which grows by the lines that it takes.

    Parameters
    ----------
    figure, axes
        Whose.
    width
        Of the figure, in mm; there are as many columns as it has room for.
    title
        Of the legend.
    """
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    each = max(text_width(label, SMALL) for label in labels) + 10.0
    columns = max(1, min(len(labels), int(width / each)))
    labels = [wrapped(label, width - 14.0, SMALL) for label in labels]
    title = wrapped(title, width - 6.0, SMALL)
    figure.legend(
        handles, labels, loc="outside lower center", ncols=columns, title=title or None,
        alignment="left",
    )  # fmt: skip
    highest = max(label.count("\n") + 1 for label in labels)
    lines = -(-len(labels) // columns) * highest + (title.count("\n") + 1 if title else 0)
    grow(figure, 1.55 * SMALL * POINT * lines + 2.5)


MOST_TOLD = 4
"""Things of a kind of which a text alternative tells the numbers."""


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts.

    >>> counted(1, "visit", "visits"), counted(2, "visit", "visits")
    ('1 visit', '2 visits')
    """
    return f"{number} {one if number == 1 else many}"


def and_more(number: int) -> str:
    """Return what a text alternative says of things beyond those whose numbers it tells.

    >>> and_more(4), and_more(6)
    ('', '; and 2 more')
    """
    return f"; and {number - MOST_TOLD} more" if number > MOST_TOLD else ""


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
