"""What the columns and values of somebody's tables are called, by a TOML file.

Our name stands on the left, theirs on the right; what is not named keeps its name::

    missing = [-9, 999]              # in every column of numbers or levels

    [participants]
    age = "alder"                    # our age is their column alder
    sex = { values = { F = "female", M = "male" } }
    arm = { column = "group", values = { "Usual care" = "control", App = "intervention" } }

    [visits]
    visit = { values = { "0" = "baseline", "1" = "6 weeks", screening = "" } }
    rmdq = { column = "rm24", missing = [99] }

``values`` recodes, each value as it is written to ours; the rows of a visit that becomes ``""`` are
left out. ``missing`` are codes for a value that is not known.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.data.reading.table import cell_text
from scenarios.errors import InputError, nearest, one_line
from scenarios.files import regular_file

TABLES = ("participants", "visits")
CODES = "missing"
IDENTIFIER = "participant"
KEYS = ("column", "values", CODES)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a mapping says of one of our columns.

    Attributes
    ----------
    column
        Its name in the table, or None if it is ours.
    values
        Value as written to ours.
    missing
        Codes for a value that is not known.
    """

    column: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A whole mapping.

    Attributes
    ----------
    name
        What messages call it.
    tables
        ``participants`` and ``visits`` to the meanings of our columns.
    missing
        Codes for values that are not known, in all columns of numbers or levels.
    """

    name: str = "the mapping"
    tables: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def of(self, role: str) -> Mapping[str, Meaning]:
        """Return the meanings of the columns of a table."""
        return self.tables.get(role, {})

    def where(self, role: str, name: str) -> str:
        """Return what messages call an entry."""
        return f"{self.name}: [{role}] {name}"


def read_mapping(path: Path | None, known: Mapping[str, Iterable[str]]) -> ColumnMapping:
    """Read and check a mapping.

    Parameters
    ----------
    path
        The TOML file, or None for one that says nothing.
    known
        ``participants`` and ``visits`` to our names of their columns.

    Raises
    ------
    InputError
        If it is no TOML, if a name is unknown, or if a column is to have two names.
    """
    if path is None:
        return ColumnMapping()
    try:
        read = tomllib.loads(regular_file(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it in UTF-8") from error
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {one_line(str(error))}") from error
    for section in read:
        if section not in {*TABLES, CODES}:
            close = nearest(section, TABLES)
            hint = f"did you mean [{close}]?" if close else "use [participants], [visits]"
            raise InputError(f"{path}: [{section}] is unknown: {hint}")
    tables = {
        role: _meanings(path, role, read[role], tuple(known[role]))
        for role in TABLES if role in read
    }  # fmt: skip
    return ColumnMapping(str(path), tables, _codes(f"{path}: {CODES}", read.get(CODES, [])))


def _meanings(path: Path, role: str, entries: Any, known: tuple[str, ...]) -> dict[str, Meaning]:
    where = f"{path}: [{role}]"
    if not isinstance(entries, dict):
        raise InputError(f'{where} must be lines such as age = "column of the table"')
    found: dict[str, Meaning] = {}
    for name, entry in entries.items():
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean {close}?" if close else f"must be among {', '.join(known)}"
            raise InputError(f"{where} {name} is unknown: {hint}")
        found[name] = _meaning(f"{where} {name}", name, entry)
    named: dict[str, str] = {}
    for name, meaning in found.items():
        column = meaning.column or name
        if column in named:
            raise InputError(
                f"{where} {name} and {named[column]} are both column {column!r}: a column can have "
                "one meaning"
            )
        named[column] = name
    return found


def _meaning(where: str, name: str, entry: Any) -> Meaning:
    if isinstance(entry, str):
        entry = {"column": entry}
    if not isinstance(entry, dict):
        raise InputError(f'{where} must be a name, as "{name}_1", or a table of {", ".join(KEYS)}')
    for key in entry:
        if key not in KEYS:
            close = nearest(key, KEYS)
            hint = f"did you mean {close}?" if close else f"must be among {', '.join(KEYS)}"
            raise InputError(f"{where}.{key} is unknown: {hint}")
    if name == IDENTIFIER and set(entry) - {"column"}:
        raise InputError(f"{where} can only name a column: identifiers stay as they are written")
    column = entry.get("column")
    if column is not None and not (isinstance(column, str) and column.strip()):
        raise InputError(f"{where}.column = {column!r} is not allowed: must be a name in quotes")
    recoded = _recoded(f"{where}.values", entry.get("values", {}))
    codes = _codes(f"{where}.{CODES}", entry.get(CODES, []))
    for code in codes:
        if code in recoded:
            raise InputError(f"{where}: {code!r} is both recoded and a code for missing")
    return Meaning(column and cell_text(column), recoded, codes)


def _recoded(where: str, values: Any) -> dict[str, str]:
    if not isinstance(values, dict):
        raise InputError(f'{where} must be a table such as {{ "1" = "yes" }}')
    recoded = {_text(where, old): _text(f"{where}.{old}", new) for old, new in values.items()}
    if len(recoded) < len(values):
        raise InputError(f"{where}: two values are the same but for spaces")
    return recoded


def _codes(where: str, codes: Any) -> tuple[str, ...]:
    if not isinstance(codes, list):
        raise InputError(f"{where} must be a list such as [-9, 999]")
    texts = tuple(_text(where, code) for code in codes)
    if len(set(texts)) < len(texts):
        raise InputError(f"{where} names a code twice")
    return texts


def _text(where: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InputError(f"{where} has {value!r}: must be a number or a text in quotes")
    return cell_text(value)
