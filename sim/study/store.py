"""Keeps the tables of a study: spilled as they come, merged in the order of the replicates."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.study.tables import STUDY_TABLES

ROWS_PER_GROUP = 65_536


class StudyStore:
    """Tables of one study under a folder.

    Chunks arrive in any order and are written at once, so memory does not grow with the number of
    replicates. :meth:`merge` lays them end to end, so the tables are the same in whatever order
    the chunks came.

    Parameters
    ----------
    folder
        An existing folder, which gets a file a table.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._chunks = folder / "chunks"
        self._chunks.mkdir()

    def add(self, first: int, tables: Mapping[str, pa.Table]) -> None:
        """Keep the tables of one chunk, which starts with replicate ``first``.

        Raises
        ------
        ValueError
            If a table is not one of :data:`sim.study.tables.STUDY_TABLES`; nothing of the chunk
            is kept then.
        """
        unknown = [name for name in tables if name not in STUDY_TABLES]
        if unknown:
            raise ValueError(
                f"{unknown[0]!r} is no table of a study: must be {', '.join(STUDY_TABLES)}"
            )
        for name, table in tables.items():
            bare = table.replace_schema_metadata(None)
            pq.write_table(bare, self._chunks / f"{name}-{first:012d}.parquet")

    def merge(self) -> None:
        """Write one file for each table, in the order of the replicates, and drop the chunks."""
        for table in STUDY_TABLES.values():
            files = sorted(self._chunks.glob(f"{table.name}-*.parquet"))
            if files:
                _merge(files, self.folder / table.file)
        shutil.rmtree(self._chunks)


def _merge(files: list[Path], target: Path) -> None:
    schema = pq.read_schema(files[0]).remove_metadata()
    with pq.ParquetWriter(target, schema) as writer:
        for group in _groups(files):
            writer.write_table(group, row_group_size=ROWS_PER_GROUP)


def _groups(files: list[Path]) -> Iterator[pa.Table]:
    """Yield the chunks' tables end to end, some 65 thousand rows at a time."""
    waiting: list[pa.Table] = []
    for file in files:
        waiting.append(pq.read_table(file))
        if sum(table.num_rows for table in waiting) >= ROWS_PER_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
