"""Text files whose cells are separated by commas, semicolons or tabs."""

import codecs
import csv
import io
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.table import Table, plain_text, shown
from scenarios.errors import InputError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = frozenset(chr(code) for code in range(32)) - set("\t\n\r\f")


@dataclass(frozen=True, slots=True)
class _Records:
    """A file divided by one separator."""

    heads: list[str]
    rows: list[list[str]]
    lines: list[int]

    @property
    def ragged(self) -> int | None:
        """The first row that has not as many cells as the header, or None."""
        wrong = (i for i, row in enumerate(self.rows) if len(row) != len(self.heads))
        return next(wrong, None)


def read_delimited(content: bytes, name: str) -> Table:
    """Read a text file with a header line.

    Lines without any text are left out, but counted. The separator is the one among comma,
    semicolon and tab that divides every row into as many cells as the header.

    Parameters
    ----------
    content
        The file, in UTF-8 or UTF-16 with or without a byte order mark, or else in Latin-1.
    name
        What messages call it.

    Raises
    ------
    InputError
        If it is not text, if rows have other numbers of cells than the header, or if quotation
        marks do not match.
    """
    text = _decoded(content, name)
    skipped, text = _without_separator_line(text)
    divided: dict[str, _Records] = {}
    failed: list[InputError] = []
    for mark in (mark for mark in SEPARATORS if mark in text):
        try:
            records = _divide(text, mark, name, skipped)
        except InputError as error:
            failed.append(error)
        else:
            if len(records.heads) > 1:
                divided[mark] = records
    if not divided:
        raise failed[0] if failed else _without_separator(text, name)
    # All rows alike, or else as many columns as can be: what is wrong is then said of its line.
    mark = max(divided, key=lambda m: (divided[m].ragged is None, len(divided[m].heads)))
    records = divided[mark]
    if records.ragged is not None:
        line, cells = records.lines[records.ragged], len(records.rows[records.ragged])
        quoted = "; a cell with a comma in it must be in quotation marks" if mark == "," else ""
        raise InputError(
            f"{name}, line {line}: {cells} cells separated by {SEPARATORS[mark]}, but the header "
            f"has {len(records.heads)}{quoted}"
        )
    rows = records.rows
    return Table(
        name=name,
        counted="line",
        heads=tuple(plain_text(head) for head in records.heads),
        lines=np.array(records.lines, dtype=np.int64),
        texts=lambda position: [plain_text(row[position]) for row in rows],
        decimal_comma=mark != ",",
    )


def _decoded(content: bytes, name: str) -> str:
    """Return the text of a file, whose encoding is found from its bytes."""
    try:
        if content.startswith(UTF_16):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                # What Windows calls Latin-1: the same letters, and quotation marks and dashes.
                text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is neither UTF-8 nor Latin-1 text (byte {error.start + 1}): save it as CSV "
            "in UTF-8"
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if not CONTROLS.isdisjoint(line):
            raise InputError(
                f"{name}, line {number} has characters that are not text: the file is damaged, or "
                "not CSV, .xlsx, .dta, .sav or Parquet"
            )
    return text


def _without_separator_line(text: str) -> tuple[int, str]:
    """Leave out a first line ``sep=;``, which Excel writes and reads; return how many lines."""
    first, end, rest = text.partition("\n")
    if first.strip().casefold() in {f"sep={mark}".strip() for mark in SEPARATORS}:
        return 1, rest if end else ""
    return 0, text


def _without_separator(text: str, name: str) -> InputError:
    head, *rows = [line for line in text.splitlines() if line.strip()] or [""]
    if not rows:
        return InputError(f"{name} has no rows")
    return InputError(
        f"{name}: the header {shown(head)!r} has no separator: separate the columns by commas, "
        "semicolons or tabs"
    )


def _divide(text: str, mark: str, name: str, skipped: int) -> _Records:
    """Divide a text at a separator."""
    # In strict mode a quotation mark that is never closed does not swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    found: list[list[str]] = []
    lines: list[int] = []
    ended = 0
    try:
        for row in reader:
            if "".join(row).strip():
                found.append(row)
                lines.append(skipped + ended + 1)
            ended = reader.line_num
    except csv.Error as error:
        raise InputError(
            f"{name}, line {skipped + ended + 1} cannot be divided into cells: its quotation marks "
            f"do not match ({error})"
        ) from error
    if len(found) < 2:
        raise InputError(f"{name} has no rows")
    heads = found[0]
    # Spreadsheets write separators behind the last column that has a name.
    width = max(i for i, head in enumerate(heads, start=1) if head.strip())
    rows = [
        row[:width] if len(row) > width and not "".join(row[width:]).strip() else row
        for row in found[1:]
    ]
    return _Records(heads[:width], rows, lines[1:])
