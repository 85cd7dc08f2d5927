"""Figures of a report as images: SVG for a page, PNG for a document that takes no SVG."""

from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

DPI = 200
"""Dots per inch of a bitmap: 180 mm are 1,417 of them."""
# Letters are drawn, so that a figure looks the same whatever fonts its reader has.
_DRAWN: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "selfback",
    "text.parse_math": False,
}


def as_svg(figure: Figure) -> bytes:
    """Return a figure as SVG, the same bytes each time."""
    page = BytesIO()
    with rc_context(_DRAWN):
        figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None})
    return page.getvalue()


def as_png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    page = BytesIO()
    with rc_context(_DRAWN):
        figure.savefig(page, format="png", dpi=DPI, metadata={"Software": None})
    return page.getvalue()
