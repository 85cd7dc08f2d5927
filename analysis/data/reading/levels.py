"""Columns of levels: texts as they are written."""

from dataclasses import dataclass

import numpy as np

from analysis.data.reading.columns import Column, Columns
from analysis.data.reading.numbers import NOTHING


@dataclass(frozen=True, slots=True)
class Levels:
    """A column of levels.

    Attributes
    ----------
    column
        Where it stands.
    values
        (n,) position of each level in the order, NaN where missing.
    order
        The levels.
    coded
        Codes for missing that occur, and how often.
    """

    column: Column
    values: np.ndarray
    order: tuple[str, ...]
    coded: dict[str, int]


def read_levels(columns: Columns, name: str, order: tuple[str, ...] | None) -> Levels:
    """Read the levels of a trait.

    Parameters
    ----------
    columns
        The table.
    name
        The trait.
    order
        Its levels; None for those that occur, sorted.

    Raises
    ------
    InputError
        With the first level that is not among them.
    """
    column = columns.recoded(columns.column(name), order)
    codes = {*columns.mapping.missing, *column.missing}
    coded: dict[str, int] = {}
    texts: list[str] = []
    for code, text in zip(column.codes, column.texts, strict=True):
        missing = next((given for given in (code, text) if given in codes), None)
        if missing is not None:
            coded[missing] = coded.get(missing, 0) + 1
            texts.append("")
        elif text.casefold() in NOTHING and text not in (order or ()):
            texts.append("")
        else:
            texts.append(text)
    found = order if order is not None else tuple(sorted({text for text in texts if text}))
    position = {level: float(code) for code, level in enumerate(found)}
    column.refuse(
        [bool(text) and text not in position for text in texts],
        f"must be one of {', '.join(found)}; a mapping file can recode it",
    )
    values = np.array([position.get(text, np.nan) for text in texts])
    return Levels(column, values, found, coded)
