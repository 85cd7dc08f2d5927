"""What every figure function returns: a figure, and the same in words."""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings
from xml.sax.saxutils import quoteattr

from matplotlib import rc_context
from matplotlib.figure import Figure

from scenarios.printable import COMMANDS, printable

SVG = "svg"
_SAVED: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "selfback", "pdf.fonttype": 42}
"""Text stays text in SVG and PDF, and the same figure is the same file."""
_RESOLUTION = 300
"""Dots an inch of a bitmap, as journals ask for."""
_REFERENCES = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure.

    Attributes
    ----------
    figure
        As matplotlib has it; nothing of it is on any screen or in any file.
    alt
        What it shows, in one or two plain sentences with the main numbers: for reports, and for
        readers who do not see it.
    """

    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "alt", printable(self.alt))


def save(drawn: Drawn, path: str | Path) -> None:
    """Write a figure to a file, with its text alternative in the metadata.

    The same figure is the same file, byte for byte: no date is in it.

    Parameters
    ----------
    drawn
        The figure.
    path
        Its ending chooses the format, one of :data:`analysis.figures.formats.FORMATS`.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    ending = Path(path).suffix.removeprefix(".").lower()
    Path(path).write_bytes(_file(drawn, ending))


def _file(drawn: Drawn, ending: str) -> bytes:
    """Return what a file of a figure holds."""
    file = BytesIO()
    with rc_context(_SAVED), catch_warnings():
        if ending == SVG:
            # Its text stays text: whoever shows it needs the letters, not this machine.
            filterwarnings("ignore", message="Glyph .* missing from font")
        drawn.figure.savefig(
            file, format=ending, dpi=_RESOLUTION, metadata=_metadata(ending, drawn.alt)
        )
    if ending != SVG:
        return file.getvalue()
    # Characters that command a terminal cannot stand in XML.
    return COMMANDS.sub("?", file.getvalue().decode()).encode()


def _metadata(ending: str, alt: str) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "svg": {"Description": alt, "Date": None},
        "pdf": {"Subject": alt, "CreationDate": None},
        "png": {"Description": alt},
    }
    return known.get(ending, {})


def svg_text(drawn: Drawn, prefix: str) -> str:
    """Return a figure as an ``<svg>`` element to stand in a page of HTML.

    It is one image with its alternative as the label, and its size is that of the figure.

    Parameters
    ----------
    drawn
        The figure.
    prefix
        With which all ids within it begin, so that several figures can stand in one page: letters,
        digits, hyphens and underscores.
    """
    whole = _file(drawn, SVG).decode()
    element = whole[whole.index("<svg") :]
    label = quoteattr(drawn.alt)
    element = _REFERENCES.sub(lambda found: f"{found[0]}{prefix}-", element)
    return element.replace("<svg", f'<svg role="img" aria-label={label}', 1)
