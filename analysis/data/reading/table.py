"""A table as it is written: texts, and the lines of the file on which they stand."""

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scenarios.errors import InputError, one_line

LONGEST_SHOWN = 60
"""Characters of a cell that a message shows."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts.

    Attributes
    ----------
    name
        What messages call it: its file as it was given.
    counted
        What messages count: lines of a text file, rows of a sheet, observations of a data set.
    heads
        Names of the k columns as written; they may be empty or occur twice.
    lines
        (n,) line of each record, as a text editor or a spreadsheet shows it.
    texts
        Column (0 to k - 1) to its n texts, empty where there is nothing.
    labels
        Name of a column to the labels of its codes, where the file has labels.
    decimal_comma
        Whether its numbers may have decimal commas: a comma does not separate its cells.
    """

    name: str
    counted: str
    heads: tuple[str, ...]
    lines: np.ndarray
    texts: Callable[[int], list[str]]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        if not len(self.lines):
            raise InputError(f"{self.name} has no rows")

    def positions(self, head: str) -> list[int]:
        """Return where a column stands; more than one place if its name occurs twice."""
        return [position for position, name in enumerate(self.heads) if name == head]

    def place(self, row: int) -> str:
        """Return what messages call a record."""
        return f"{self.name}, {self.counted} {self.lines[row]}"


def cell_text(value: Any) -> str:
    """Return a cell of any kind as text, empty if there is nothing.

    Whole numbers have no decimals, whatever type they are stored in, and days have no time.

    >>> [cell_text(value) for value in (1.0, 0.5, " 0001 ", None, float("nan"))]
    ['1', '0.5', '0001', '', '']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if math.isfinite(number) and number.is_integer() else repr(number)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return (value.date() if midnight else value).isoformat()
    return plain_text(str(value))


def plain_text(text: str) -> str:
    r"""Return a text stripped, with characters that look the same being the same.

    >>> plain_text(" 6\u00a0weeks ")
    '6 weeks'
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").strip(" \t\r\n\ufeff\u200b")


def shown(text: str) -> str:
    """Return a text as messages show it: on one line, not too long."""
    line = one_line(text)
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 3] + "..."
