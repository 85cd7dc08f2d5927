"""The tables of a whole study: a Parquet file each, the same in whatever order replicates came."""

from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.study.store.durable import checksum, written
from sim.study.tables import STUDY_TABLES
from sim.tables.codebook import CODEBOOK
from sim.tables.truth_tables import TRUTH

GROUP = 500
"""Replicates of a row group: 0 to 499, 500 to 999 and so on. Fixed by number, so that neither the
workers nor an interruption shows in the files."""

TABLES = (".parquet", ".csv", ".dta", ".xpt")
"""Suffixes of tables."""


def check_known(names: Iterable[str]) -> None:
    """Refuse tables that are not among :data:`sim.study.tables.STUDY_TABLES`.

    Raises
    ------
    ValueError
        With the name of the first.
    """
    for name in names:
        if name not in STUDY_TABLES:
            raise ValueError(f"{name!r} is no table of a study: must be {', '.join(STUDY_TABLES)}")


class TableFiles:
    """Writes the tables of a study from those of consecutive replicates.

    It is a context manager: the files appear at its end.

    Parameters
    ----------
    folder
        Which gets a file a table.
    sync
        Whether they are to survive a loss of power.
    """

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self._folder = folder
        self._sync = sync
        self._files = ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pa.Table]] = {}
        self._group = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *more: object) -> None:
        if kind is None:
            self._write()
        self._files.__exit__(kind, *more)  # type: ignore[arg-type]

    def add(self, numbers: range, tables: dict[str, pa.Table]) -> None:
        """Add the tables of the replicates that follow those before; the first column is theirs."""
        at = dict.fromkeys(tables, 0)
        for group in range(numbers.start // GROUP, (numbers.stop - 1) // GROUP + 1):
            if group != self._group:
                self._write()
                self._group = group
            for name, table in tables.items():
                of = table.column(0).to_numpy()
                end = int(np.searchsorted(of, (group + 1) * GROUP))
                self._waiting.setdefault(name, []).append(table.slice(at[name], end - at[name]))
                at[name] = end

    def _write(self) -> None:
        """Write what is waiting as a row group of each table."""
        for name, waiting in self._waiting.items():
            table = pa.concat_tables(waiting).combine_chunks()
            if name not in self._writers:
                target = written(self._folder / STUDY_TABLES[name].file, sync=self._sync)
                file = self._files.enter_context(target)
                writer = pq.ParquetWriter(file, table.schema)
                self._writers[name] = self._files.enter_context(writer)
            if table.num_rows:
                self._writers[name].write_table(table, row_group_size=table.num_rows)
        self._waiting.clear()


def table_checksums(folder: Path, results: Collection[str] = ()) -> dict[str, dict[str, object]]:
    """Return name, checksum and rows of each table in a folder: Parquet files, or CSV.

    Those of what no trial has are in a folder of their own; the codebook is no table. ``results``
    are names of other files, in JSON, that are written with the tables.
    """
    files = sorted([*folder.iterdir(), *folder.glob(f"{TRUTH}*")])
    return {
        file.relative_to(folder).as_posix(): {"sha256": checksum(file), **_rows(file)}
        for file in files
        if (file.suffix in TABLES and file.name != CODEBOOK) or file.name in results
    }


def _rows(file: Path) -> dict[str, int]:
    return {"rows": pq.read_metadata(file).num_rows} if file.suffix == ".parquet" else {}


def read_replicates(folder: Path, numbers: range) -> dict[str, pa.Table]:
    """Return the tables of some replicates of a finished study."""
    some = [("replicate", ">=", numbers.start), ("replicate", "<", numbers.stop)]
    return {
        name: pq.read_table(folder / table.file, filters=some).replace_schema_metadata(None)
        for name, table in STUDY_TABLES.items()
        if (folder / table.file).is_file()
    }


def cut(tables: dict[str, pa.Table], stop: int) -> dict[str, pa.Table]:
    """Return the rows of the replicates before ``stop``; they are in order."""
    return {
        name: table.slice(0, int(np.searchsorted(table.column(0).to_numpy(), stop)))
        for name, table in tables.items()
    }
