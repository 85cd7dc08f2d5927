"""Columns of numbers, from texts with decimal points or decimal commas."""

import re
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.columns import Column

POINT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
COMMA = re.compile(r"[+-]?([0-9]*,[0-9]+|[0-9]+,)([eE][+-]?[0-9]+)?")
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
    texts = [text.replace("\u2212", "-") for text in column.texts]
    mark = _comma(column, texts)
    values = np.full(len(texts), np.nan)
    coded: dict[str, int] = {}
    missing = {*codes, *column.missing}
    as_numbers = {float(code): code for code in missing if POINT.fullmatch(code)}
    bad = np.zeros(len(texts), bool)
    for row, text in enumerate(texts):
        if text.casefold() in NOTHING:
            continue
        if text in missing:
            coded[text] = coded.get(text, 0) + 1
            continue
        number = text.replace(",", ".") if mark and COMMA.fullmatch(text) else text
        if not POINT.fullmatch(number):
            bad[row] = True
            continue
        value = float(number)
        if value in as_numbers:
            code = as_numbers[value]
            coded[code] = coded.get(code, 0) + 1
            continue
        values[row] = value
    column.refuse(bad | np.isinf(values), "must be a number")
    return Numbers(column, values, coded)


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
    found.column.refuse(
        bad, f"must be {low:g} to {high:g}{unit}; a mapping file can declare codes for missing"
    )


def _comma(column: Column, texts: list[str]) -> bool:
    """Return whether commas are decimal marks in a column; refuse what is not clear."""
    commas = np.array([bool(COMMA.fullmatch(text)) for text in texts])
    if not commas.any():
        return False
    points = np.array(["." in text and bool(POINT.fullmatch(text)) for text in texts])
    if points.any():
        fewer = commas if commas.sum() <= points.sum() else points
        column.refuse(fewer, "decimal commas and decimal points are mixed in this column")
    thousands = np.array([bool(THOUSANDS.fullmatch(text)) for text in texts])
    if not column.table.decimal_comma and (thousands == commas).all():
        column.refuse(
            thousands,
            "its comma may be a decimal mark or separate thousands: write a point or none",
        )
    return True
