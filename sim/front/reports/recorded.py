"""What a result prints, as blocks of a report, so that both say the same."""

from collections.abc import Callable
from io import StringIO
from typing import Any, Protocol

from rich.console import Console

from analysis.report.page.document import Block, Grid, Paragraph
from analysis.report.report_trial import PrintedTable
from sim.terminal import PlainConsole


class Printed(Protocol):
    """A result that can be printed."""

    def print_to(self, console: Console) -> None:
        """Print it."""


def recorded(result: Printed, source: str = "") -> list[Block]:
    """Return what a result prints: its tables, and its texts as paragraphs.

    Parameters
    ----------
    result
        Any.
    source
        Where the numbers of its tables are from.
    """
    return recorded_by(result.print_to, source)


def recorded_by(act: Callable[[Console], None], source: str = "") -> list[Block]:
    """Return what a function prints to the console that it is given; see :func:`recorded`."""
    console = _Recorder(source)
    act(console)
    return console.blocks


class _Recorder(PlainConsole):
    """A console that keeps what is printed."""

    def __init__(self, source: str) -> None:
        super().__init__(file=StringIO(), width=120)
        self.blocks: list[Block] = []
        self._source = source

    def print(self, *objects: Any, **_how: Any) -> None:
        """Keep tables as they are laid out by whoever writes the report, and each line of text."""
        for shown in objects:
            if isinstance(shown, PrintedTable):
                self.blocks.append(Grid(shown.content, self._source))
                continue
            lines = (line.strip() for line in str(shown).split("\n"))
            self.blocks += [Paragraph(line) for line in lines if line]
