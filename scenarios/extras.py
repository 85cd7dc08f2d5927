"""What may be installed besides the package itself: its extras, and what each is for."""

from scenarios.errors import InputError

PACKAGE = "selfback-insilico"
"""What pip calls all of this together."""
EXTRAS = {
    "cbrkit": "a recommender whose retrieval is done by cbrkit",
    "dask": "studies on several machines (--executor dask)",
    "dev": "the tests and checks of this project",
    "docs": "the documentation as a site (make docs)",
    "explore": "a page on which scenarios are changed and run (selfback explore)",
    "files": "reading .xlsx and .sav, and writing xpt and adam",
    "remote": "results on object storage (--out s3://...)",
    "report": "reports as PDF and Word (--format pdf, docx)",
}
"""Extras of pyproject.toml, and what each is for."""


def pip_line(extra: str) -> str:
    """Return the command that installs an extra.

    >>> pip_line("files")
    'pip install "selfback-insilico[files]"'
    """
    return f'pip install "{PACKAGE}[{extra}]"'


def needs(what: str, extra: str) -> InputError:
    """Return the error of what needs an extra that is not installed, to be raised.

    Parameters
    ----------
    what
        What a user asked for.
    extra
        One of :data:`EXTRAS`.
    """
    return InputError(f"{what} needs the extra {extra!r}: {pip_line(extra)}")
