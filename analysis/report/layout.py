"""Brings a table into the width of a terminal, without cutting a number.

What is too wide is first given shorter lines of heads, then of labels in the first column, and
then several parts below one another, each with the labels. A number always stands on one line.
"""

import textwrap
from dataclasses import replace

from analysis.report.tables import TextTable

GAP = 2
"""Blanks between two columns."""
NARROW = 16
"""Width to which labels are broken into lines before a table is broken into parts."""


def fitted(table: TextTable, width: int) -> list[TextTable]:
    """Return a table in parts that fit, where a number's own width allows it.

    Parameters
    ----------
    table
        Any; cells after the first of a row are numbers, which are not broken.
    width
        Characters of a line.
    """
    if needed_width(table) <= width:
        return [table]
    heads = [
        _wrapped(head, max(_cells_width(table, column), _longest_word(head)))
        for column, head in enumerate(table.heads)
    ]
    table = replace(table, heads=(table.heads[0], *heads[1:]))
    widths = [_width(table, column) for column in range(len(table.heads))]
    # A table without columns of numbers has only labels to break.
    label = min(widths[0], max(NARROW, width - sum(GAP + each for each in widths[1:])))
    parts: list[list[int]] = [[]]
    used = label
    for column, each in enumerate(widths[1:], start=1):
        if parts[-1] and used + GAP + each > width:
            parts.append([])
            used = label
        parts[-1].append(column)
        used += GAP + each
    return [_part(table, columns, label, first=not number) for number, columns in enumerate(parts)]


def needed_width(table: TextTable) -> int:
    """Return the characters of a table's widest line."""
    widths = [_width(table, column) for column in range(len(table.heads))]
    return sum(widths) + GAP * (len(widths) - 1)


def _part(table: TextTable, columns: list[int], label: int, *, first: bool) -> TextTable:
    heads = (_wrapped(table.heads[0], label), *(table.heads[column] for column in columns))
    rows = [
        (_wrapped(row[0], label), *(row[column] if column < len(row) else "" for column in columns))
        for row in table.rows
    ]
    title = table.title if first else f"{table.title} (continued)"
    return replace(table, title=title, heads=heads, rows=rows)


def _width(table: TextTable, column: int) -> int:
    return max(_cells_width(table, column), _lines_width(table.heads[column]))


def _cells_width(table: TextTable, column: int) -> int:
    rows = (row for row in table.rows if column < len(row))
    return max((_lines_width(row[column]) for row in rows), default=0)


def _lines_width(text: str) -> int:
    return max(map(len, text.split("\n")))


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)


def _wrapped(text: str, width: int) -> str:
    """Return text in lines of a width; lines after the first stand further in."""
    if len(text) <= width:
        return text
    words = text.lstrip()
    indent = " " * (len(text) - len(words))
    lines = textwrap.wrap(words, width, initial_indent=indent, subsequent_indent=f"{indent} ")
    return "\n".join(lines)
