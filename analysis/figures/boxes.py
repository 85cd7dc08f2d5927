"""A page of boxes and arrows, laid out in mm from the left upper corner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from analysis.figures.style import GREY, POINT, SMALL, new_figure, wrapped

PAD, LINE = 1.2, SMALL * POINT * 1.22
"""Within a box, and of a line of text, mm."""
_BOLD = 1.2
"""Width of a bold text, of a plain one."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box is.

    Attributes
    ----------
    x, y
        Of its left upper corner, mm from that of the page.
    width, height
        Of it, mm.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> float:
        """The middle from left to right."""
        return self.x + self.width / 2.0

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


class _Line(NamedTuple):
    text: str
    indent: float
    is_heading: bool


class Page:
    """Boxes from top to bottom of a figure.

    Parameters
    ----------
    width
        Of the page, mm.

    Attributes
    ----------
    y
        Where the next box can stand, mm from the top; whoever puts boxes there moves it.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        self.y = 0.5
        self._boxes: list[tuple[Box, list[_Line]]] = []
        self._arrows: list[tuple[tuple[float, float], tuple[float, float], bool]] = []
        self._note = ""

    def lines(self, texts: Sequence[str], width: float) -> list[_Line]:
        """Return texts in lines that fit a box: the first is its heading."""
        found: list[_Line] = []
        room = width - 2.0 * PAD
        for at, text in enumerate(texts):
            heading = at == 0
            pieces = wrapped(text, room / _BOLD if heading else room - 3.0, SMALL).split("\n")
            indents = [0.0 if heading else 1.0, *[0.0 if heading else 2.0] * (len(pieces) - 1)]
            found += [
                _Line(piece, indent, is_heading=heading)
                for piece, indent in zip(pieces, indents, strict=True)
            ]
        return found

    def box(self, texts: Sequence[str], x: float, y: float, width: float, height: float = 0.0
            ) -> Box:  # fmt: skip
        """Put a box there, high enough for its texts; return its place."""
        lines = self.lines(texts, width)
        place = Box(x, y, width, max(height, len(lines) * LINE + 2.0 * PAD))
        self._boxes.append((place, lines))
        return place

    def arrow(self, start: tuple[float, float], end: tuple[float, float], *, head: bool = True
              ) -> None:  # fmt: skip
        """Draw an arrow, or a line without a head."""
        self._arrows.append((start, end, head))

    def note(self, text: str) -> None:
        """Write a line under everything."""
        self._note = text

    def figure(self) -> Figure:
        """Return the figure."""
        note = wrapped(self._note, self.width - 2.0, SMALL).split("\n")
        height = self.y + LINE * (len(note) + 0.5)
        figure = new_figure(self.width, height)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(0.0, self.width)
        axes.set_ylim(height, 0.0)
        for start, end, head in self._arrows:
            _draw_arrow(axes, start, end, head=head)
        for place, lines in self._boxes:
            axes.add_patch(
                Rectangle((place.x, place.y), place.width, place.height, facecolor="white",
                          edgecolor="black", linewidth=0.6)
            )  # fmt: skip
            for at, line in enumerate(lines):
                axes.text(
                    place.x + PAD + line.indent, place.y + PAD + (at + 0.5) * LINE, line.text,
                    fontsize=SMALL, va="center",
                    fontweight="bold" if line.is_heading else "normal",
                )  # fmt: skip
        for at, text in enumerate(note):
            axes.text(1.0, self.y + (at + 0.7) * LINE, text, fontsize=SMALL, color=GREY,
                      va="center")  # fmt: skip
        return figure


def _draw_arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], *, head: bool
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>" if head else "-",
            mutation_scale=5.0,
            linewidth=0.6,
            color="black",
            shrinkA=0.0,
            shrinkB=0.0,
            capstyle="butt",
        )
    )
