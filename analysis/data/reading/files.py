"""Files of several kinds as tables; the kind is found from the content."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from analysis.data.reading.delimited import read_delimited
from analysis.data.reading.statistical import read_spss, read_stata
from analysis.data.reading.table import Table, cell_text, plain_text
from analysis.data.reading.workbook import read_workbook
from scenarios.errors import InputError, one_line
from scenarios.extras import needs
from scenarios.files import regular_file

READABLE = "CSV, .xlsx, .dta, .sav or Parquet"

REFUSED = {
    b"\xd0\xcf\x11\xe0": "is an old or protected Excel workbook: save it as .xlsx or CSV",
    b"\x1f\x8b": "is compressed: unpack it first",
    b"BZh": "is compressed: unpack it first",
    b"\xfd7zXZ": "is compressed: unpack it first",
    b"7z\xbc\xaf": "is compressed: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed: unpack it first",
    b"%PDF": f"is a PDF document: give the table as {READABLE}",
    b"HEADER RECORD***": f"is a SAS file: save it as {READABLE}",
    b"RDX": f"is a file of R objects: save the table as {READABLE}",
}
"""First bytes of files that cannot be read to why, and what to do."""

Reader = Callable[[Path, str, str], Table]


def read_table(source: Path | pd.DataFrame, role: str) -> Table:
    """Read a table.

    Parameters
    ----------
    source
        A file, or a DataFrame.
    role
        ``participants`` or ``visits``: what messages call a DataFrame, and the sheet that is read
        of a workbook that has one of this name.

    Raises
    ------
    InputError
        If it cannot be read, with the cause and the remedy.
    """
    if isinstance(source, pd.DataFrame):
        return _from_columns(
            role, [str(name) for name in source], len(source), _frame_texts(source)
        )
    return read_file(source, role)


def read_file(path: Path, role: str) -> Table:
    """Read a file, of whatever kind it is; see :func:`read_table`."""
    content = regular_file(path)
    name = str(path)
    if not content.strip():
        raise InputError(f"{name} has no rows: the file is empty")
    for start, why in REFUSED.items():
        if content.startswith(start):
            raise InputError(f"{name} {why}")
    kind, reader = _reader(path, content)
    if reader is None:
        return read_delimited(content, name)
    with _damage_refused(name, kind):
        table = reader(path, name, role)
    return replace(table, texts=partial(_texts, table, kind))


def _texts(table: Table, kind: str, position: int) -> list[str]:
    """Return the texts of a column, whose values may be damaged though the file can be opened."""
    with _damage_refused(table.name, kind):
        return table.texts(position)


@contextmanager
def _damage_refused(name: str, kind: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise needs(f"{name}: to read {kind}", "files") from error
    except Exception as error:
        # Of a damaged file the libraries raise what they like.
        cause = one_line(f"{type(error).__name__}: {error}")
        raise InputError(f"{name} cannot be read as {kind}: it is damaged ({cause})") from error


def _reader(path: Path, content: bytes) -> tuple[str, Reader | None]:
    """Return what kind of file it is, and what reads it; a text file has no reader here."""
    suffix = path.suffix.casefold()
    if content.startswith(b"PAR1") or suffix == ".parquet":
        return "Parquet", _read_parquet
    if content.startswith(b"PK\x03\x04"):
        _refuse_archives(path)
        return "an Excel workbook", read_workbook
    if content.startswith((b"$FL2", b"$FL3")) or suffix in {".sav", ".zsav"}:
        return "SPSS data", read_spss
    if content.startswith(b"<stata_dta>") or suffix == ".dta":
        return "Stata data", read_stata
    if content[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"{", b"[")):
        raise InputError(f"{path} is no table of cells: save it as {READABLE}")
    if suffix in {".xlsx", ".xlsm"}:
        raise InputError(f"{path} is no Excel workbook, or damaged: save it again as .xlsx or CSV")
    return "text", None


def _refuse_archives(path: Path) -> None:
    """Refuse zip archives other than Excel workbooks."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise InputError(
            f"{path} is damaged: it begins as an Excel workbook or zip archive, but cannot be "
            "opened: save it again"
        ) from error
    if "content.xml" in members:
        raise InputError(f"{path} is an OpenDocument file: save it as .xlsx or CSV")
    if not any(member.startswith("xl/") for member in members):
        raise InputError(f"{path} is a zip archive: unpack it first")


def _read_parquet(path: Path, name: str, _role: str) -> Table:
    with pq.ParquetFile(path) as file:
        read = file.read()
    read.validate(full=True)
    return _from_columns(
        name, read.column_names, read.num_rows, lambda position: read.column(position).to_pylist()
    )


def _frame_texts(frame: pd.DataFrame) -> Callable[[int], list[object]]:
    return lambda position: list(frame.iloc[:, position].astype(object))


def _from_columns(
    name: str, heads: list[str], rows: int, values: Callable[[int], list[object]]
) -> Table:
    """Return a table whose columns have types; rows count as in a spreadsheet, the header is 1."""
    return Table(
        name=name,
        counted="row",
        heads=tuple(plain_text(head) for head in heads),
        lines=np.arange(2, rows + 2),
        texts=lambda position: [_missing_or_text(value) for value in values(position)],
        decimal_comma=True,
    )


def _missing_or_text(value: object) -> str:
    # pandas' missing values are not equal to anything, not even to a truth value.
    return "" if value is pd.NA or value is pd.NaT else cell_text(value)
