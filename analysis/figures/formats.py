"""The formats in which figures are saved."""

FORMATS = ("svg", "pdf", "png")
"""Endings of files; the first is the default."""
DEFAULT_FORMAT = FORMATS[0]


def figure_file(name: str, figure_format: str) -> str:
    """Return the name of a figure's file.

    >>> figure_file("power", "pdf")
    'power.pdf'
    """
    return f"{name}.{figure_format}"
