"""SAS transport files of version 5: names of 8 characters, labels of 40, texts of 200 bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from sim.export.names import SAS_LENGTH, sas_names
from sim.export.variables import Variable, plain_values, widest

VERSION: Final = 5
"""Of the format: the one that pandas, R's foreign package and regulators read, too."""
LABEL_BYTES, TEXT_BYTES = 40, 200
_CARD, _NUMBER = 80, 8
"""Bytes of the cards that a file is filled up to with blanks, and of a number."""


def transport_names(table: pa.Table) -> dict[str, str]:
    """Return the name of each column in a transport file, see :func:`sas_names`."""
    return sas_names(table.column_names)


def write_table(table: pa.Table, described: Sequence[Variable], path: Path) -> None:
    """Write a table as a transport file; categories are texts, true and false are 1 and 0.

    A text of more than 200 bytes goes on in further columns, whose names end in a number.

    Parameters
    ----------
    table, described
        The table, and what its columns are.
    path
        File to write; its name gives that of the dataset in it.
    """
    names = transport_names(table)
    columns: dict[str, pd.Series] = {}
    labels: dict[str, str] = {}
    for each in described:
        name = names[each.column]
        values = plain_values(table.column(each.column))
        parts = _parts(values) if values.dtype == object else [values]
        for number, part in enumerate(parts, start=1):
            own = name if number == 1 else _further(name, number, {*names.values(), *columns})
            columns[own], labels[own] = part, each.label
    write_transport(pd.DataFrame(columns), labels, path)


def write_transport(
    frame: pd.DataFrame, labels: Mapping[str, str], path: Path, *, label: str = "",
    formats: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Write columns of numbers and texts as a transport file.

    Parameters
    ----------
    frame
        Columns by names of at most 8 characters; NaN and empty texts are missing.
    labels
        Name to label; cut to 40 bytes.
    path
        File to write; its name gives that of the dataset in it.
    label
        Of the dataset.
    formats
        Name to SAS format, such as ``DATE9``.
    """
    from pyreadstat import write_xport  # noqa: PLC0415 - only who exports it needs this library

    write_xport(
        _told_from_padding(frame),
        str(path),
        file_label=shortened(label, LABEL_BYTES),
        column_labels=[shortened(labels[name], LABEL_BYTES) for name in frame.columns],
        table_name=sas_names([path.stem])[path.stem],
        file_format_version=VERSION,
        variable_format=dict(formats or {}),
    )


def shortened(text: str, size: int) -> str:
    """Return as many whole characters of a text as its UTF-8 has bytes.

    >>> shortened("blåbær", 3)
    'bl'
    """
    return text.encode()[:size].decode(errors="ignore")


def _told_from_padding(frame: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of a file so wide that blanks at its end are no row.

    The format does not say how many rows there are. In rows of up to 80 bytes pandas takes empty
    texts at the end for padding, and loses the last rows. Blanks behind a text are no part of it,
    so one is filled up with them, and its column becomes wider.
    """
    texts = [name for name in frame.columns if frame[name].dtype == object]
    if not texts or frame.empty:
        return frame
    widths = {name: widest(frame[name]) for name in texts}
    width = sum(widths.values()) + _NUMBER * (frame.shape[1] - len(texts))
    missing = _CARD + 1 - width
    if missing <= 0:
        return frame
    name = texts[0]
    wider = frame[name].copy()
    first = str(wider.iloc[0])
    wider.iloc[0] = first + " " * (widths[name] + missing - len(first.encode()))
    return frame.assign(**{name: wider})


def _parts(values: pd.Series) -> list[pd.Series]:
    """Divide texts into parts of at most 200 bytes, as many as the longest has."""
    parts: list[pd.Series] = []
    rest = values.tolist()
    while not parts or any(rest):
        first = [_beginning(text) for text in rest]
        rest = [text[len(part) :] for text, part in zip(rest, first, strict=True)]
        parts.append(pd.Series(first, dtype=object))
    return parts


def _beginning(text: str) -> str:
    """Return a text's first 200 bytes, without blanks at the end, which a file does not keep."""
    first = shortened(text, TEXT_BYTES)
    return first if first == text else first.rstrip(" ") or first


def _further(name: str, number: int, taken: set[str]) -> str:
    """Return the name of a further part of a text that is no other column's."""
    while (found := f"{name[: SAS_LENGTH - len(str(number))]}{number}") in taken:
        number += 1
    return found
