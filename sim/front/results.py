"""What results have in common: they print themselves, hold DataFrames, and know their folder."""

from collections.abc import Iterator, Mapping
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.figures.formats import FORMATS, figure_file
from scenarios.errors import nearest
from scenarios.printable import printable
from sim.study.store.place import Place
from sim.terminal import PlainConsole

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
        self.print_to(PlainConsole(file=text, width=120, color_system=None))
        return text.getvalue()


class Saved:
    """A result that is in a folder, its ``place``.

    ``made`` has what is there, ``figures`` the names of figures without the ending.
    """

    __slots__ = ()
    made: ClassVar[tuple[str, ...]]
    figures: ClassVar[tuple[str, ...]] = ()
    more: ClassVar[str] = ""

    if TYPE_CHECKING:

        @property
        def place(self) -> Place:
            """Where it is."""

    @property
    def saved(self) -> str:
        """What is in its folder, in words."""
        files = (figure_file(name, each) for name in self.figures for each in FORMATS)
        drawn = [file for file in files if (self.directory / file).is_file()]
        *first, last = [*self.made, *drawn, *([self.more] if self.more else [])]
        return f"{', '.join(first)} and {last}" if first else last

    @property
    def directory(self) -> Path:
        """Its folder; a temporary one goes with this result."""
        return self.place.path

    @property
    def where(self) -> str:
        """Where it was asked to be: its folder, or an address on object storage."""
        return self.place.name


class Frames(Mapping[str, pd.DataFrame]):
    """DataFrames by name, read when they are asked for and kept from then on."""

    def __init__(self, sources: Mapping[str, pa.Table]) -> None:
        self._sources = sources
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = self._sources[name].to_pandas()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __repr__(self) -> str:
        return f"Frames({', '.join(self)})"


class HasFrames:
    """Something whose ``tables`` are its attributes, those of a folder an attribute together."""

    if TYPE_CHECKING:

        @property
        def tables(self) -> Mapping[str, pd.DataFrame]:
            """All tables by name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "tables":
            raise AttributeError(name)
        if name in self.tables:
            return self.tables[name]
        within = [key for key in self.tables if key.startswith(f"{name}/")]
        if within:
            return Folder(self.tables, f"{name}/")
        close = nearest(name, self.tables)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(self.tables)}"
        raise AttributeError(f"there is no table {name!r}: {hint}")

    def __dir__(self) -> list[str]:
        names = (name.partition("/")[0] for name in self.tables)
        return [*super().__dir__(), *dict.fromkeys(names)]


class Folder(HasFrames, Mapping[str, pd.DataFrame]):
    """The tables whose names begin with that of a folder, under the rest of their names."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], folder: str) -> None:
        self._tables, self._folder = tables, folder

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All of them."""
        return self

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._tables[f"{self._folder}{name}"]

    def __iter__(self) -> Iterator[str]:
        return (key.removeprefix(self._folder) for key in self._tables if self._has(key))

    def __len__(self) -> int:
        return sum(map(self._has, self._tables))

    def __repr__(self) -> str:
        return f"Folder({', '.join(self)})"

    def _has(self, key: str) -> bool:
        return key.startswith(self._folder)


class HtmlPage(PlainConsole):
    """A console that keeps what is printed as HTML, with everything escaped."""

    def __init__(self) -> None:
        super().__init__(file=StringIO(), width=120)
        self._parts: list[str] = []

    @property
    def html(self) -> str:
        """What was printed."""
        return "\n".join(self._parts)

    def print(self, *objects: Any, **_how: Any) -> None:
        """Keep tables as tables, and each other object as a paragraph."""
        for shown in objects:
            if isinstance(shown, Table):
                self._parts.append(_table(shown))
                continue
            text = printable(str(shown))
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
    text = content.plain if isinstance(content, Text) else str(content)
    return escape(printable(text))
