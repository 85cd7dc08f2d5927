"""Columns of numbers, from texts with decimal points or decimal commas."""

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.columns import Column

POINT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
COMMA = re.compile(r"[+\u2212-]?([0-9]*,[0-9]+|[0-9]+,)([eE][+-]?[0-9]+)?")
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")
NOTHING = frozenset({"", "na", "n/a", "#n/a", "nan", "<na>", "null", "none", "."})
"""What statistical programs write where nothing is known, in small letters."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column as numbers.

    Attributes
    ----------
    column
        Where it stands.
    values
        (n,) numbers, NaN where missing.
    coded
        Codes for missing that occur, and how often.
    """

    column: Column
    values: np.ndarray
    coded: dict[str, int]


def read_numbers(column: Column, codes: tuple[str, ...] = ()) -> Numbers:
    """Convert a column to numbers.

    Parameters
    ----------
    column
        Texts: with decimal points, or with decimal commas, one or the other in all of the column.
    codes
        Codes for missing besides those of the column, as numbers or texts.

    Raises
    ------
    InputError
        If a text is no number, or if it is not clear what a comma means.
    """
    texts = column.texts
    comma = _comma(column)
    missing = {*codes, *column.missing}
    # Scores have few distinct texts: each is looked at once.
    meant = {text: _meant(text, missing, comma=comma) for text in set(texts)}
    cells = [meant[text] for text in texts]
    column.refuse([cell is None for cell in cells], "must be a number")
    values = np.array([cell if isinstance(cell, float) else np.nan for cell in cells])
    coded = Counter(cell for cell in cells if isinstance(cell, str))
    return Numbers(column, values, dict(coded))


def _meant(text: str, missing: set[str], *, comma: bool) -> float | str | None:
    """Return the number that a text is, NaN if it is empty, or a code for missing, or None."""
    if text.casefold() in NOTHING:
        return math.nan
    if text in missing:
        return text
    number = text.replace("\u2212", "-")
    number = number.replace(",", ".") if comma else number
    if not POINT.fullmatch(number):
        return None
    value = float(number)
    for code in missing:
        if POINT.fullmatch(code) and float(code) == value:
            return code
    return value if math.isfinite(value) else None


def check_range(found: Numbers, low: float, high: float, unit: str = "") -> None:
    """Refuse numbers outside a range.

    Raises
    ------
    InputError
        With the first of them.
    """
    # Scores that were computed or stored in another precision may miss a bound by their last digit.
    slack = 1e-6
    bad = (found.values < low - slack) | (found.values > high + slack)
    unit = f" {unit}" if unit else ""
    if np.isinf(low):
        allowed = f"at most {high:g}"
    else:
        allowed = f"at least {low:g}" if np.isinf(high) else f"{low:g} to {high:g}"
    found.column.refuse(
        bad, f"must be {allowed}{unit}; a mapping file can declare codes for missing"
    )


def _comma(column: Column) -> bool:
    """Return whether commas are decimal marks in a column; refuse what is not clear."""
    texts = column.texts
    distinct = set(texts)
    commas = {text for text in distinct if COMMA.fullmatch(text)}
    if not commas:
        return False
    points = {text for text in distinct if "." in text and POINT.fullmatch(text)}
    if points:
        are = [np.array([text in marked for text in texts]) for marked in (commas, points)]
        column.refuse(
            min(are, key=np.count_nonzero),
            "decimal commas and decimal points are mixed in this column",
        )
    if not column.table.decimal_comma and all(THOUSANDS.fullmatch(text) for text in commas):
        column.refuse(
            [text in commas for text in texts],
            "its comma may be a decimal mark or separate thousands: write a point or none",
        )
    return True
