"""Results show themselves: on a console as the commands print them, in a notebook as HTML."""

from html import escape
from io import StringIO
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLE = "border-collapse:collapse;margin:.5em 0"
LEFT, RIGHT = "text-align:left;padding:.15em .8em", "text-align:right;padding:.15em .8em"


class Printed(Protocol):
    """A result that can be printed."""

    def print_to(self, console: Console) -> None:
        """Print it."""


class Shown:
    """Gives a result that prints itself a table in a notebook, and text at a prompt."""

    __slots__ = ()

    def _repr_html_(self: Printed) -> str:
        page = HtmlPage()
        self.print_to(page)
        return page.html

    def __str__(self: Printed) -> str:
        text = StringIO()
        self.print_to(Console(file=text, width=120, highlight=False, color_system=None))
        return text.getvalue()


class HtmlPage(Console):
    """A console that keeps what is printed as HTML, with everything escaped."""

    def __init__(self) -> None:
        super().__init__(file=StringIO(), width=120, highlight=False)
        self._parts: list[str] = []

    @property
    def html(self) -> str:
        """What was printed."""
        return "\n".join(self._parts)

    def print(self, *objects: Any, markup: bool | None = None, **_how: Any) -> None:
        """Keep tables as tables, and each other object as a paragraph."""
        for shown in objects:
            if isinstance(shown, Table):
                self._parts.append(_table(shown))
                continue
            text = str(shown) if markup is False else Text.from_markup(str(shown)).plain
            lines = "<br>".join(escape(line) for line in text.strip("\n").split("\n"))
            self._parts.append(f"<p>{lines}</p>")


def _table(table: Table) -> str:
    """Return a table as HTML; what is right-aligned on a terminal is here as well."""
    columns = table.columns
    styles = [RIGHT if column.justify == "right" else LEFT for column in columns]
    heads = _row("th", [_cell(column.header) for column in columns], styles)
    cells = [[_cell(cell) for cell in column.cells] for column in columns]
    rows = "\n".join(_row("td", list(row), styles) for row in zip(*cells, strict=True))
    title = f"<caption><b>{_cell(table.title)}</b></caption>" if table.title else ""
    return f'<table style="{STYLE}">{title}<thead>{heads}</thead>\n<tbody>{rows}</tbody></table>'


def _row(tag: str, cells: list[str], styles: list[str]) -> str:
    shown = (f'<{tag} style="{s}">{c}</{tag}>' for c, s in zip(cells, styles, strict=True))
    return f"<tr>{''.join(shown)}</tr>"


def _cell(content: Any) -> str:
    text = content.plain if isinstance(content, Text) else Text.from_markup(str(content)).plain
    return escape(text)
