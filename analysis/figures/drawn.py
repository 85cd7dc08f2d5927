"""What every figure function returns: a figure, and the same in words."""

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings

from matplotlib import rc_context
from matplotlib.figure import Figure

from scenarios.printable import COMMANDS, printable

SVG = "svg"
_SAVED: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "selfback", "pdf.fonttype": 42}
"""Text stays text in SVG and PDF, and the same figure is the same file."""
_RESOLUTION = 300
"""Dots an inch of a bitmap, as journals ask for."""


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

    def _repr_html_(self) -> str:
        """Show it in a notebook, with its text alternative."""
        return f'<img src="{data_address(self)}" alt="{escape(self.alt)}">'


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
    Path(path).write_bytes(image(drawn, ending))


def image(
    drawn: Drawn, ending: str, *, resolution: float = _RESOLUTION, outlines: bool = False
) -> bytes:
    """Return what a file of a figure holds; see :func:`save`.

    Parameters
    ----------
    drawn, ending
        The figure and its format.
    resolution
        Dots an inch of a bitmap.
    outlines
        Whether the letters of an SVG are drawn, so that it looks the same whatever fonts there are.
    """
    file = BytesIO()
    settings = _SAVED | ({"svg.fonttype": "path"} if outlines else {})
    with rc_context(settings), catch_warnings():
        if ending == SVG:
            # Its text stays text: whoever shows it needs the letters, not this machine. Where they
            # are outlines, what stands beside the figure has the text as well.
            filterwarnings("ignore", message="Glyph .* missing from font")
        drawn.figure.savefig(
            file, format=ending, dpi=resolution, metadata=_metadata(ending, drawn.alt)
        )
    if ending != SVG:
        return file.getvalue()
    # Characters that command a terminal cannot stand in XML.
    return COMMANDS.sub("?", file.getvalue().decode()).encode()


def data_address(drawn: Drawn) -> str:
    """Return a figure as an address that holds it, as SVG: for a page that is one file."""
    content = b64encode(image(drawn, SVG, outlines=True)).decode("ascii")
    return f"data:image/svg+xml;base64,{content}"


def _metadata(ending: str, alt: str) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "svg": {"Description": alt, "Date": None},
        "pdf": {"Subject": alt, "CreationDate": None},
        "png": {"Description": alt},
    }
    return known.get(ending, {})
