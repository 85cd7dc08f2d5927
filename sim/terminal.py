"""Where output leaves: whatever it quotes, from whatever file, is text and commands no terminal.

Everything that is printed goes through here. Titles and names come from files, and so may messages:
none of their characters moves the cursor, colours the screen or is taken for markup. What is bold
is said to be so by ``style``.
"""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from scenarios.printable import printable


class PlainConsole(Console):
    """A console that takes texts for what they are.

    Parameters
    ----------
    how
        As :class:`rich.console.Console` takes it.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **how)

    def render_str(self, text: str, **how: Any) -> Text:
        """Return a text to be shown, before its width is measured."""
        return super().render_str(printable(text), **how)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield what is shown; rich's own commands, such as colours, are not in its texts."""
        for segment in super().render(renderable, options):
            clean = segment.text if segment.control else printable(segment.text)
            yield segment._replace(text=clean)


def write_line(text: str) -> None:
    """Write lines of a result to standard output, now."""
    sys.stdout.write(f"{printable(text)}\n")
    sys.stdout.flush()


def write_remark(text: str) -> None:
    """Write lines to standard error, apart from the results, now."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def tell(line: str) -> None:
    """Write a remark of ours to standard error: one line."""
    write_remark("selfback: " + " ".join(line.splitlines()))
