"""The columns that are meant by our names, with our values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.data.reading.mapping import ColumnMapping, Meaning
from analysis.data.reading.table import Table, shown
from scenarios.errors import InputError, nearest


@dataclass(frozen=True, slots=True)
class Column:
    """One of our columns of somebody's table.

    Attributes
    ----------
    table
        Where it stands.
    name, head
        Our name, and theirs.
    codes
        Its n texts, as they are stored.
    written
        The same, or their labels where labels are read.
    texts
        The same in our values.
    missing
        Codes for a value that is not known.
    """

    table: Table
    name: str
    head: str
    codes: Sequence[str]
    written: Sequence[str]
    texts: Sequence[str]
    missing: tuple[str, ...] = ()

    def refuse(self, bad: np.ndarray | Sequence[bool], allowed: str) -> None:
        """Refuse the first bad row, if there is one.

        Raises
        ------
        InputError
            With the file, the line, the column, the value and what is allowed.
        """
        rows = np.flatnonzero(np.asarray(bad, dtype=bool))
        if len(rows):
            more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
            raise InputError(f"{self.cell(rows[0])} is not allowed: {allowed}{more}")

    def cell(self, row: int) -> str:
        """Return where a cell stands and what is written there."""
        called = self.name if self.head == self.name else f"{self.name} (column {self.head!r})"
        written = shown(self.written[row]) or "empty"
        return f"{self.table.place(row)}: {called} = {written}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Somebody's table by our names.

    Attributes
    ----------
    table, role
        The table, and whether it has the participants or the visits.
    mapping
        What its columns and values are called.
    """

    table: Table
    role: str
    mapping: ColumnMapping

    def __post_init__(self) -> None:
        """Check the mapping against the table.

        Raises
        ------
        InputError
            If a column that the mapping names is not there, or its new name is taken.
        """
        meanings = self.mapping.of(self.role)
        meant = {meaning.column or name for name, meaning in meanings.items()}
        for name, meaning in meanings.items():
            where = self.mapping.where(self.role, name)
            head = meaning.column or name
            if not self.table.positions(head):
                raise InputError(
                    f"{where}: {self.table.name} has no column {head!r}{self._like(head)}"
                )
            if head != name and self.table.positions(name) and name not in meant:
                raise InputError(
                    f"{where}: {name} is to be the column {head!r}, but {self.table.name} has a "
                    f"column {name!r} too: rename or delete one of them"
                )

    def __contains__(self, name: str) -> bool:
        return bool(self.table.positions(self._head(name))) and not self._taken(name)

    def need(self, names: Iterable[str], remedy: str = "") -> None:
        """Refuse the table if it lacks a column, with what else can be done about it."""
        for name in names:
            if self._taken(name):
                raise InputError(
                    f"{self.table.name}: by {self.mapping.name} its column {name} is "
                    f"{self._taken(name)}, and no column is {name}"
                )
            if name not in self:
                hint = self._like(name) or (f": {remedy}" if remedy else "")
                if self.role == "participants" and self.table.positions("visit"):
                    hint = ": it has visits; the table of participants comes first"
                raise InputError(f"{self.table.name} has no column {name}{hint}")

    def column(self, name: str, *, labelled: bool = True) -> Column:
        """Return a column in our values.

        Parameters
        ----------
        name
            Our name.
        labelled
            Read labels, where the file has labels for its codes. Else codes are read.

        Raises
        ------
        InputError
            If the table has it twice.
        """
        head = self._head(name)
        position, *again = self.table.positions(head)
        if again:
            raise InputError(
                f"{self.table.name} has {1 + len(again)} columns {head!r}: rename all but the one "
                "that is meant"
            )
        meaning = self._meaning(name)
        codes = self.table.texts(position)
        labels = self.table.labels.get(head, {})
        named = [labels.get(code, code) for code in codes] if labels else codes
        written = named if labelled else codes
        texts = written
        if values := meaning.values:
            texts = [
                values.get(code, values.get(label, cell))
                for code, label, cell in zip(codes, named, written, strict=True)
            ]
        return Column(self.table, name, head, codes, written, texts, meaning.missing)

    def recoded(self, column: Column, allowed: Sequence[str] | None) -> Column:
        """Check what a column's values are recoded to, and return it.

        Parameters
        ----------
        column
            A column of texts.
        allowed
            Our values; None if any text may be one.

        Raises
        ------
        InputError
            If a value is recoded to one that is not allowed, or to one that is written as well.
        """
        values = self._meaning(column.name).values
        where = f"{self.mapping.where(self.role, column.name)}.values"
        for old, new in values.items():
            if allowed is not None and new and new not in allowed:
                close = nearest(new, allowed)
                hint = f"did you mean {close}?" if close else f"must be one of {', '.join(allowed)}"
                raise InputError(f"{where}: {old!r} becomes {new!r}, which is not allowed: {hint}")
        kept = {text for text in column.written if text not in values}
        for old, new in values.items():
            if new and new != old and new in kept and old in column.written:
                row = list(column.written).index(new)
                raise InputError(
                    f"{where}: {old!r} becomes {new!r}, which {self.table.place(row)} has too: if "
                    f"they mean the same, add {new!r} = {new!r}"
                )
        return column

    def _meaning(self, name: str) -> Meaning:
        return self.mapping.of(self.role).get(name, Meaning())

    def _head(self, name: str) -> str:
        return self._meaning(name).column or name

    def _taken(self, name: str) -> str:
        """Return which other name the mapping gives the column of this name, or nothing."""
        meanings = self.mapping.of(self.role)
        others = (ours for ours, meaning in meanings.items() if meaning.column == name)
        return "" if name in meanings else next(others, "")

    def _like(self, name: str) -> str:
        heads = [head for head in self.table.heads if head]
        same = [head for head in heads if head.casefold() == name.casefold()]
        close = same[0] if same else nearest(name, heads)
        return f": did you mean its column {close!r}? a mapping file can name it" if close else ""
