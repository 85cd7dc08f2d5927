"""Lays a table out in the width of a terminal, without cutting a number.

What is too wide is first given shorter lines of heads, then of labels in the first column, and
then several parts below one another, each with the labels. A number always stands on one line; a
label without numbers runs across the columns.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest

from analysis.report.tables import TextTable

GAP = 2
"""Blanks between two columns."""
NARROW = 10
"""Width to which labels are broken into lines at most."""
LABEL = 28
"""Width of labels in a table that is broken into parts."""
JOINED = ("P", "n")
"""Heads of columns that are not parted from the one before."""

Line = tuple[str, bool]
"""A line, and whether it is a heading."""


def layout(table: TextTable, width: int) -> list[Line]:
    """Return the lines of a table, title included.

    Parameters
    ----------
    table
        Any; cells after the first of a row are numbers, which are not broken.
    width
        Characters of a line, which only a number that is wider itself exceeds.
    """
    parts = _parts(table, width)
    lines: list[Line] = []
    for number, (part, widths) in enumerate(parts):
        if number:
            lines.append(("", False))
        if part.title:
            title = part.title if not number else f"{part.title} (continued)"
            lines += [(line, True) for line in _wrapped(title, width)]
        if any(part.heads):
            heads = [_wrapped(head, each) for head, each in zip(part.heads, widths, strict=True)]
            lines += [(line, True) for line in _side_by_side(heads, widths)]
        for row in part.rows:
            if not any(row[1:]):
                section = not row[0].startswith(" ")
                lines += [(line, section) for line in _wrapped(row[0], width)]
                continue
            cells = [_wrapped(row[0], widths[0]), *([cell] for cell in row[1:])]
            lines += [(line, False) for line in _side_by_side(cells, widths)]
    return lines


def _parts(table: TextTable, width: int) -> list[tuple[TextTable, list[int]]]:
    """Return parts of a table that fit, with the widths of their columns."""
    cells = [_cells_width(table, column) for column in range(len(table.heads))]
    widths = [max(each, len(head)) for each, head in zip(cells, table.heads, strict=True)]
    if _total(widths) <= width:
        return [(table, widths)]
    widths = [max(each, _longest_word(head)) for each, head in zip(cells, table.heads, strict=True)]
    label = min(widths[0], max(_narrowest(table), width - _total([0, *widths[1:]])))
    groups = _groups(table.heads)
    if _total([label, *widths[1:]]) > width:
        # There will be parts, each with room for its labels, unless numbers need it.
        needed = max(_total([widths[column] for column in group]) for group in groups)
        label = min(widths[0], max(LABEL, label))
        label = min(label, max(NARROW, width - GAP - needed))
        # Labels stay whole where that takes no more parts.
        whole = _split(groups, widths, width)
        if widths[0] + GAP + needed <= width and len(whole) == len(
            _split(groups, [label, *widths[1:]], width)
        ):
            label = widths[0]
    parts = _split(groups, [label, *widths[1:]], width)
    return [
        (_columns(table, [0, *columns]), [label, *(widths[each] for each in columns)])
        for columns in parts
    ]


def _split(groups: list[list[int]], widths: list[int], width: int) -> list[list[int]]:
    """Return the columns of each part, as many groups in each as fit beside the labels."""
    parts: list[list[int]] = [[]]
    for group in groups:
        columns = [0, *parts[-1], *group]
        if parts[-1] and _total([widths[each] for each in columns]) > width:
            parts.append([])
        parts[-1] += group
    return parts


def _groups(heads: tuple[str, ...]) -> list[list[int]]:
    """Return the columns of numbers that stay together: P values and n with their estimate."""
    groups: list[list[int]] = []
    for column, head in enumerate(heads[1:], start=1):
        if groups and head in JOINED:
            groups[-1].append(column)
        else:
            groups.append([column])
    return groups


def _narrowest(table: TextTable) -> int:
    """Return the width to which labels can be broken without breaking words."""
    labels = [row[0] for row in table.rows if any(row[1:])]
    indents = [len(label) - len(label.lstrip(" ")) + 1 for label in labels]
    words = [
        indent + _longest_word(label.strip()) for indent, label in zip(indents, labels, strict=True)
    ]
    return max(NARROW, *words) if words else NARROW


def _total(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _columns(table: TextTable, columns: list[int]) -> TextTable:
    """Return some columns of a table; rows that have no numbers left in them go."""
    rows = [
        tuple(row[column] for column in columns if column < len(row))
        for row in table.rows
    ]  # fmt: skip
    kept = [
        new for new, row in zip(rows, table.rows, strict=True) if any(new[1:]) or not any(row[1:])
    ]
    return replace(table, heads=tuple(table.heads[column] for column in columns), rows=kept)


def _cells_width(table: TextTable, column: int) -> int:
    """Return the width of the cells of a column; labels without numbers need none."""
    rows = (row for row in table.rows if any(row[1:]) and column < len(row))
    return max((len(row[column]) for row in rows), default=0)


def _longest_word(text: str) -> int:
    return max(map(len, _kept_together(text).split(" ")))


def _wrapped(text: str, width: int) -> list[str]:
    """Return text in lines of a width; lines after the first stand further in where it does."""
    if len(text) <= width:
        return [text]
    words = text.lstrip(" ")
    indent = " " * (len(text) - len(words))
    lines = textwrap.wrap(
        _kept_together(words), width, initial_indent=indent,
        subsequent_indent=f"{indent} " if indent else "", break_on_hyphens=False,
    )  # fmt: skip
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _kept_together(text: str) -> str:
    """Keep 'n = 12' on one line."""
    return re.sub(r"\bn = (?=\d)", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}", text)


def _side_by_side(cells: list[list[str]], widths: list[int]) -> Iterable[str]:
    """Yield the lines of a row: the first cell to the left, others to the right and its bottom."""
    height = max(map(len, cells))
    stacked = [cells[0], *([""] * (height - len(cell)) + cell for cell in cells[1:])]
    for line in zip_longest(*stacked, fillvalue=""):
        label, *numbers = line
        sides = [label.ljust(widths[0])]
        sides += [text.rjust(width) for text, width in zip(numbers, widths[1:], strict=False)]
        yield (" " * GAP).join(sides).rstrip()
