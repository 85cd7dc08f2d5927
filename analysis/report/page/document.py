"""What is in a report, whatever it is written as: sections of texts, tables and figures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from analysis.figures.drawn import Drawn
from analysis.report.tables import TextTable

NARROWEST, WIDEST = 4, 36
"""Characters between which columns of a page get their widths."""
Tone = Literal["good", "bad", "open", "plain"]
"""Of a verdict: passed, failed, undecided, or none of these."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text.

    Attributes
    ----------
    text
        What it says; never markup.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be copied, such as a command.

    Attributes
    ----------
    text
        As they are typed.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes
    ----------
    table
        Its title, heads, rows and notes.
    source
        Where its numbers are from.
    texts
        Columns, from 0, that hold text and are set flush left; the first always does.
    folded
        Whether it is closed until the reader opens it, where pages can do so.
    """

    table: TextTable
    source: str = ""
    texts: tuple[int, ...] = ()
    folded: bool = False

    @property
    def sortable(self) -> bool:
        """Whether columns have heads, and no row is the head of those below it."""
        table = self.table
        return any(table.heads) and len(table.rows) > 1 and not any(map(is_section, table.rows))

    @property
    def lines(self) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        """Yield each row as its kind, ``section`` or ``row``; how far it is set in; and cells."""
        for row in self.table.rows:
            label = row[0].lstrip(" ")
            indent = (len(row[0]) - len(label)) // 2
            yield "section" if is_section(row) else "row", indent, (label, *row[1:])


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure.

    Attributes
    ----------
    drawn
        The figure, and what it shows for those who do not see it.
    caption
        What stands below it.
    source
        Where its numbers are from.
    """

    drawn: Drawn
    caption: str
    source: str = ""


Block = Paragraph | Code | Grid | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading.

    Attributes
    ----------
    title
        The heading.
    blocks
        In order; a section without any is left out.
    """

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """Name by which a link finds it.

        >>> Section("Flow of participants", ()).anchor
        'flow-of-participants'
        """
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "section"


@dataclass(frozen=True, slots=True)
class Report:
    """All of a report.

    Attributes
    ----------
    title, kind
        Of what was studied, and what was done.
    question
        What the study was to tell, in a sentence.
    verdict, tone
        The answer in a sentence that a protocol can carry, and whether it is good news.
    sections
        In order.
    version
        Of the software.
    """

    title: str
    kind: str
    question: str
    verdict: str
    tone: Tone
    sections: Sequence[Section]
    version: str

    @property
    def filled(self) -> list[Section]:
        """Sections with something in them."""
        return [section for section in self.sections if section.blocks]


def column_shares(grid: Grid) -> list[int]:
    """Return the share of a line that each column of a table gets, by its longest cell."""
    shares = []
    for column, head in enumerate(grid.table.heads):
        cells = [row[column] for row in grid.table.rows if any(row[1:]) and column < len(row)]
        word = max((len(word) for word in head.split()), default=0)
        longest = max(map(len, cells), default=0)
        shares.append(max(NARROWEST, word + 1, min(longest, WIDEST)) + 2)
    return shares


def folded(block: Block) -> Block:
    """Return a block that is closed at first, if it is a table."""
    return replace(block, folded=True) if isinstance(block, Grid) else block


def is_section(row: Sequence[str]) -> bool:
    """Return whether a row is a label alone, not set in: the head of the rows below it.

    >>> is_section(("RMDQ", "", "")), is_section(("  3 months", "", "")), is_section(("n", "9"))
    (True, False, False)
    """
    return len(row) > 1 and not any(row[1:]) and not row[0].startswith(" ")
