"""Excel workbooks."""

import re
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from analysis.data.reading.table import Table, cell_text
from scenarios.errors import InputError


def read_workbook(path: Path, name: str, role: str) -> Table:
    """Read the sheet that is called as the table's role, or else the only sheet that has cells.

    Numbers of a format such as ``0000`` are texts with their zeros, as the sheet shows them.

    Raises
    ------
    InputError
        If it is not clear which sheet is meant, or if formulas have no values.
    """
    # Only who reads a workbook needs this library.
    from openpyxl import load_workbook  # noqa: PLC0415

    with warnings.catch_warnings():
        # About styles and extensions of the format, which have no bearing on the cells.
        warnings.simplefilter("ignore")
        # An open file may have any name; the library refuses names of other kinds of files.
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            filled = {
                sheet.title: rows
                for sheet in book.worksheets
                if sheet.sheet_state == "visible" and (rows := _rows(sheet))
            }
            title = _chosen(list(filled), name, role)
            if _has_formulas(path):
                formulas = load_workbook(file, read_only=True)[title]
                _refuse_formulas_without_values(formulas, book[title], name)
    (_, heads), *records = filled[title]
    width = max((i for i, head in enumerate(heads, start=1) if head), default=0)
    for line, cells in records:
        if any(cells[width:]):
            raise InputError(
                f"{name}, row {line} of sheet {title!r} has a cell in a column without a name: "
                "the first row must name the columns"
            )
    padded = [cells[:width] + [""] * (width - len(cells)) for _, cells in records]
    return Table(
        name=name,
        counted="row",
        heads=tuple(heads[:width]),
        lines=np.array([line for line, _ in records], dtype=np.int64),
        texts=lambda position: [cells[position] for cells in padded],
        decimal_comma=True,
    )


def _rows(sheet: Any) -> list[tuple[int, list[str]]]:
    """Return the rows of a sheet that have a cell, and where they stand."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows = ((line, [_text(cell) for cell in cells]) for line, cells in _numbered(sheet))
    return [(line, texts) for line, texts in rows if any(texts)]


def _numbered(sheet: Any) -> Iterable[tuple[int, Any]]:
    return enumerate(sheet.iter_rows(), start=1)


def _text(cell: Any) -> str:
    """Return a cell as the sheet shows it."""
    text = cell_text(cell.value)
    zeros = getattr(cell, "number_format", None)
    if isinstance(cell.value, int) and zeros and re.fullmatch("00+", zeros):
        return text.zfill(len(zeros))
    return text


def _chosen(titles: list[str], name: str, role: str) -> str:
    """Return the sheet to read."""
    called = [title for title in titles if title.strip().casefold() == role]
    if len(called) == 1:
        return called[0]
    if not titles:
        raise InputError(f"{name} has no rows")
    if len(titles) > 1:
        raise InputError(
            f"{name} has {len(titles)} sheets with cells, {', '.join(map(repr, titles))}: call the "
            f"one that is meant {role!r}"
        )
    return titles[0]


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [member for member in archive.namelist() if member.startswith("xl/worksheets/")]
        return any(re.search(rb"<f[ >/]", archive.read(sheet)) for sheet in sheets)


def _refuse_formulas_without_values(formulas: Any, values: Any, name: str) -> None:
    """Refuse formulas that no spreadsheet has computed: their cells would count as missing."""
    formulas.reset_dimensions()
    for (line, cells), (_, found) in zip(_numbered(formulas), _numbered(values), strict=True):
        for cell, value in zip(cells, found, strict=True):
            # The value of a formula may be an empty text, which is of the kind "str".
            known = value.value is not None or getattr(value, "data_type", "") == "str"
            if getattr(cell, "data_type", "") == "f" and not known:
                raise InputError(
                    f"{name}, row {line} of sheet {formulas.title!r}: {cell.coordinate} has a "
                    "formula without a value: open the workbook in a spreadsheet and save it"
                )
