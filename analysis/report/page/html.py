"""A report as one HTML file: no script, style, font or image is fetched from anywhere.

Its policy lets nothing in but images that are in the file and the script whose hash it states.
Whatever a scenario's texts contain, they are texts.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from analysis.figures.drawn import data_address
from analysis.report.page.document import Block, Code, Grid, Paragraph, Picture, Report
from scenarios.printable import printable

FILTERED = 12
"""Rows from which on a table can be filtered."""
_KINDS = {Paragraph: "paragraph", Code: "code", Grid: "grid", Picture: "picture"}


def html_page(report: Report) -> str:
    """Return a report as the text of an HTML file.

    Parameters
    ----------
    report
        What is in it; all texts are escaped here.
    """
    script = theme("report.js")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            style=Markup(theme("report.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            digest=b64encode(sha256(script.encode()).digest()).decode("ascii"),
        )
    )


def environment() -> Environment:
    """Return what fills in the templates of the theme: every text is escaped.

    ``blocks.html.j2`` has the macro that shows a block of a report, for other pages as well.
    """
    made = Environment(
        loader=FunctionLoader(theme), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_shown,
    )  # fmt: skip
    made.filters["image"] = _image
    made.tests["tall"] = lambda grid: len(grid.table.rows) >= FILTERED
    made.globals["kind_of"] = _kind_of
    return made


@cache
def theme(name: str) -> str:
    """Return the text of a file of the theme."""
    return (resources.files("analysis.report.page") / "theme" / name).read_text("utf-8")


def _shown(value: object) -> object:
    """Show a text as a terminal would: none of its characters changes the direction of reading."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _kind_of(block: Block) -> str:
    return _KINDS[type(block)]


def _image(picture: Picture) -> str:
    return data_address(picture.drawn)
