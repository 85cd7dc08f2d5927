"""Reads a study that is there, and no number of it before it is known to be the one written.

Whatever reads a study reads it here. The manifest has a checksum in it, and those of all tables;
the scenario is the one that was hashed; tables have their columns and rows, and every replicate
once. What is not so is refused in one line, with the file and what to do.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.errors import InputError, one_line
from scenarios.files import content_of, regular_file, why
from scenarios.loading.load import content_hash
from scenarios.machine import is_of_machine
from sim.study.store.manifest_file import (
    FORMAT,
    MANIFEST,
    RUNNING,
    OtherFormatError,
    check_described,
    read_state,
)
from sim.study.store.remote import refuse_address
from sim.study.tables import STUDY_TABLES, StudyTable

REMEDY = "restore it from a copy, or run the study again with --overwrite"
_FAILURES = "failures"


class KeptStudy(Mapping[str, pa.Table]):
    """A study that is there: its manifest, and its tables by name, read when they are asked for.

    Parameters
    ----------
    folder
        Of the study.
    option
        How it was given, for messages, if not as the argument that a command is about.
    grown_from
        Replicates of the finished study that is being made larger in this folder, whose tables are
        wanted; 0 for those of a study that is finished.

    Raises
    ------
    InputError
        If it is no study, it is on object storage, it is not finished, or its manifest is damaged.
        When a table is asked for: if that is missing or damaged, or has not every replicate once.
    """

    def __init__(self, folder: Path, option: str = "", *, grown_from: int = 0) -> None:
        refuse_address(folder)
        named = f"{option} {folder}".strip()
        manifest = read_state(folder)
        if manifest is None:
            raise InputError(f"{named} is no study: there is no {MANIFEST} in it")
        check_described(folder, manifest)
        if manifest["state"] == RUNNING and not grown_from:
            raise InputError(
                f"{named} is not finished: selfback resume {folder} simulates what is missing"
            )
        if content_hash(manifest["scenario"]) != manifest["scenario_hash"]:
            raise InputError(
                f"{folder / MANIFEST}: the scenario is not the one that was simulated, its hash is "
                f"another one: {REMEDY}"
            )
        self.folder = folder
        self.manifest: Mapping[str, Any] = manifest
        self.named = named
        self._count = grown_from or int(manifest["replicates"])

    @property
    def scenario(self) -> Mapping[str, Any]:
        """What was simulated, as plain data."""
        scenario: Mapping[str, Any] = self.manifest["scenario"]
        return scenario

    @property
    def numbers(self) -> range:
        """The replicates."""
        first = int(self.manifest["first_replicate"])
        return range(first, first + self._count)

    def __getitem__(self, name: str) -> pa.Table:
        return self.read(name)

    def __iter__(self) -> Iterator[str]:
        said = self._said
        return (name for name, table in STUDY_TABLES.items() if table.file in said)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in STUDY_TABLES and STUDY_TABLES[str(name)].file in self._said

    def get(self, name: str, default: Any = None) -> Any:
        """Return a table, or ``default`` where the study has none of this name."""
        if name not in self:
            return default
        return self[name]

    def read(self, name: str, filters: Any = None, *, coded: bool = False) -> pa.Table:
        """Return a table, or those of its rows that are asked for.

        Parameters
        ----------
        name
            Of the table.
        filters
            As :func:`pyarrow.parquet.read_table` takes them; all is checked in any case.
        coded
            Whether its texts are dictionary-encoded, which takes less time and memory.

        Raises
        ------
        InputError
            If there is none, or it is damaged.
        """
        if name not in self:
            raise InputError(
                f"{self.named} has no {name}.parquet: name a study that has, such as one of "
                "selfback run"
            )
        table = STUDY_TABLES[name]
        content = whole_content(self.folder / table.file, self._said[table.file])
        texts = [one.name for one in table.schema if coded and pa.types.is_string(one.type)]
        try:
            self._check_columns(table, pq.read_schema(pa.BufferReader(content)))
            with pq.ParquetFile(pa.BufferReader(content), read_dictionary=table.key) as file:
                self._check_replicates(table, file)
            found: pa.Table = pq.read_table(
                pa.BufferReader(content), read_dictionary=texts, filters=filters
            )
        except (pa.ArrowException, OSError, ValueError) as error:
            if is_of_machine(error):  # for want of memory, say: nothing is wrong with the file
                raise
            raise self._refused(table, f"is damaged: {one_line(str(error))[:200]}") from None
        return found

    def check(self) -> None:
        """Check all tables, those that are made of the replicates' included.

        Raises
        ------
        InputError
            If one is damaged.
        """
        for name in self:
            self.read(name, coded=True)
        for name, said in self._said.items():
            if name not in {f"{table}.parquet" for table in self}:
                whole_content(self.folder / name, said)

    @cached_property
    def failed(self) -> np.ndarray:
        """Numbers of the replicates that failed, in order."""
        if _FAILURES not in self:
            return np.empty(0, dtype=np.int32)
        return np.asarray(self.read(_FAILURES)["replicate"].to_numpy())

    @property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        said: Mapping[str, Mapping[str, Any]] = self.manifest.get("tables", {})
        return said

    def _check_columns(self, table: StudyTable, there: pa.Schema) -> None:
        if not there.remove_metadata().equals(table.schema.remove_metadata()):
            raise self._refused(table, "has other columns than this version of the software writes")

    def _check_replicates(self, table: StudyTable, file: pq.ParquetFile) -> None:
        """Refuse a table in which a replicate is missing, doubled, or none of the study's."""
        if file.metadata.num_rows != self._said[table.file].get("rows"):
            raise self._refused(table, f"has other rows than {MANIFEST} says")
        of = file.read(columns=[table.schema.names[0]]).column(0).to_numpy()
        if len(of) and not (np.diff(of) >= 0).all():
            raise self._refused(table, "has replicates out of order: some may be doubled")
        there = np.unique(of)
        wanted = self.numbers
        if len(there) and not (wanted.start <= there[0] and there[-1] < wanted.stop):
            raise self._refused(table, "has replicates that are none of the study's")
        if table.name == _FAILURES:
            if len(there) < len(of):
                raise self._refused(table, "has a replicate twice")
            return
        if _is_doubled(file, table, of):
            raise self._refused(table, "has rows twice")
        if table.complete and len(there) + len(self.failed) != len(wanted):
            told = f"has {len(there)} replicates, of {len(wanted)} that did not all fail"
            raise self._refused(table, told)

    def _refused(self, table: StudyTable, what: str) -> InputError:
        return InputError(f"{self.folder / table.file} {what}: {REMEDY}")


def check_whole(folder: Path) -> None:
    """Check all tables of a finished study and of its parts.

    Raises
    ------
    InputError
        If one is damaged.
    """
    for manifest in sorted(folder.rglob(MANIFEST)):
        KeptStudy(manifest.parent).check()


def check_beside(file: Path) -> None:
    """Refuse a file that is not what was written, by the manifest beside it if that names it.

    Raises
    ------
    InputError
        If the manifest is damaged, or the file is not the one that it names.
    """
    try:
        ours = FORMAT.rstrip("0123456789").encode() in content_of(file.parent / MANIFEST)
    except (OSError, ValueError):
        return
    try:
        manifest = (read_state(file.parent) if ours else None) or {}
    except OtherFormatError:
        return  # it is said where a study is read; this file may be good for itself
    said = manifest.get("tables", {}).get(file.name)
    if said is None:
        return
    if hashlib.sha256(regular_file(file)).hexdigest() != said.get("sha256"):
        raise InputError(
            f"{file} is damaged, or was changed: its checksum is not that in the {MANIFEST} beside "
            "it: restore it, or copy it elsewhere to use it as data of your own"
        )


def whole_content(file: Path, said: Mapping[str, Any]) -> pa.Buffer:
    """Return what is in a file that a manifest names, if it is what was written.

    Raises
    ------
    InputError
        If it is not, is missing, or cannot be read.
    """
    try:
        content = content_of(file)
    except FileNotFoundError:
        raise InputError(f"{file} is missing, {MANIFEST} names it: {REMEDY}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {why(error)}") from None
    if hashlib.sha256(content).hexdigest() != said.get("sha256"):
        raise InputError(f"{file} is damaged: its checksum is not that in {MANIFEST}: {REMEDY}")
    return pa.py_buffer(content)


def _coded(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Return the values of a column as numbers from 0 on, and how many there are."""
    if not pa.types.is_dictionary(column.type):
        different, numbers = np.unique(column.to_numpy(), return_inverse=True)
        return numbers, len(different)
    chunks = column.unify_dictionaries().chunks
    coded = [chunk.indices.fill_null(-1).to_numpy() for chunk in chunks]
    empty = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *coded]), max((len(c.dictionary) for c in chunks), default=0)


def _is_doubled(file: pq.ParquetFile, table: StudyTable, of: np.ndarray) -> bool:
    """Return whether two rows of a replicate are of the same thing."""
    codes = np.zeros(len(of), dtype=np.int64)
    for column in file.read(columns=list(table.key)).itercolumns():
        own, values = _coded(column)
        codes = codes * (values + 1) + own
    # In the order of the first replicate the rows of nearly all replicates rise.
    codes, different = pd.factorize(codes)
    rows = of.astype(np.int64) * (len(different) + 1) + codes
    rises = np.diff(rows) > 0
    return not rises.all() and bool((np.diff(np.sort(rows)) == 0).any())
