"""Data sets of Stata and SPSS, with their value labels."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis.data.reading.table import Table, cell_text, plain_text
from scenarios.errors import InputError

LARGEST_RATIO = 1032
"""Of values to bytes: that of a file compressed by zlib, which has at least a byte a value."""


def read_stata(path: Path, name: str, _role: str) -> Table:
    """Read a ``.dta`` file; extended missing values are missing."""
    # Only who reads such a file needs this library.
    from pyreadstat import read_dta  # noqa: PLC0415

    return _read(read_dta, path, name)


def read_spss(path: Path, name: str, _role: str) -> Table:
    """Read a ``.sav`` file; what it declares as missing is missing."""
    from pyreadstat import read_sav  # noqa: PLC0415

    return _read(read_sav, path, name)


def _read(read: Callable[..., tuple[dict[str, list[Any]], Any]], path: Path, name: str) -> Table:
    _, about = read(str(path), metadataonly=True)
    if (about.number_rows or 0) > LARGEST_RATIO * path.stat().st_size:
        # The library would make up the rows that a damaged header announces, without end.
        raise InputError(
            f"{name} is damaged: it announces {about.number_rows} observations, more than it can "
            "have"
        )
    columns, about = read(str(path), output_format="dict")
    if not columns:
        raise InputError(f"{name} has no columns")
    values = list(columns.values())
    return Table(
        name=name,
        counted="observation",
        heads=tuple(plain_text(head) for head in columns),
        lines=np.arange(1, len(values[0]) + 1),
        texts=lambda position: [cell_text(value) for value in values[position]],
        labels={
            plain_text(head): _labels(labels)
            for head, labels in about.variable_value_labels.items()
        },
        decimal_comma=True,
    )


def _labels(labels: Mapping[Any, str]) -> dict[str, str]:
    return {cell_text(code): cell_text(label) for code, label in labels.items()}
