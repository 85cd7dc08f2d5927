"""Fills in the pages: every text is escaped, whatever a scenario or a folder calls itself."""

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, FunctionLoader

from analysis.report.page.html import environment, theme
from scenarios.loading.toml_text import toml_text

STYLES = ("report.css", "explore.css")
SCRIPTS = ("explore.js", "report.js")
"""Those of reports serve for pages as well: the look is one, and tables are sorted alike."""
OF_REPORTS = {"report.css", "report.js"}


def page(template: str, **content: Any) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    template
        Its name.
    content
        What is in it.
    """
    text = _environment().get_template(f"{template}.html.j2").render(**content)
    # The path of a folder need not be text: bytes that are none are halves of characters in it.
    return text.encode("utf-8", "replace").decode("utf-8")


@cache
def asset(name: str) -> str:
    """Return a style or a script.

    Raises
    ------
    FileNotFoundError
        If there is none of that name.
    """
    if name not in {*STYLES, *SCRIPTS}:
        raise FileNotFoundError(name)
    return theme(name) if name in OF_REPORTS else _own(name)


@cache
def _environment() -> Environment:
    made = environment()
    made.loader = ChoiceLoader([FunctionLoader(_template), FunctionLoader(theme)])
    made.filters["toml"] = toml_text
    made.globals |= {"styles": STYLES, "scripts": SCRIPTS}
    return made


def _template(name: str) -> str | None:
    try:
        return _own(name)
    except FileNotFoundError:
        return None


def _own(name: str) -> str:
    return (resources.files("sim.explore") / "theme" / name).read_text("utf-8")
