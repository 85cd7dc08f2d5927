"""The formats in which the data of a trial can be exported, and what they need."""

from importlib.util import find_spec

from scenarios.errors import InputError, nearest
from scenarios.extras import needs

FORMATS = ("parquet", "csv", "dta", "xpt", "adam")
"""Parquet; CSV; Stata; SAS transport; ADaM-like datasets as SAS transport, with a define.xml."""
DEFAULT = "parquet"
TRANSPORT = ("xpt", "adam")
"""Those written by a library that is in an extra."""
SUFFIX = {"adam": "xpt"}
"""Of the files, where it is not the name of the format."""


def check_format(export: str) -> None:
    """Check that a format is known, and that what it needs is installed.

    Parameters
    ----------
    export
        One of :data:`FORMATS`.

    Raises
    ------
    InputError
        If it is neither.
    """
    if export not in FORMATS:
        close = nearest(export, FORMATS)
        hint = f"; did you mean {close}?" if close else ""
        raise InputError(
            f"export = {export!r} is not allowed: must be {' or '.join(FORMATS)}{hint}"
        )
    if export in TRANSPORT and find_spec("pyreadstat") is None:
        raise needs(f"export = {export!r}", "files")
