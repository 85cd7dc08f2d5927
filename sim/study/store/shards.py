"""Replicates that are finished, kept in files of records until a study is whole.

A record holds all tables of consecutive replicates and their checksum. It is written to a file of
its own, a shard, as soon as the replicates are finished. Shards are joined as they accumulate,
eight of about the same size at a time, so there are never many of them, and no record is copied
more than a few times.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.study.store.durable import PARTIAL, sync_folder, written

JOINED = 8
"""Shards of about the same size that are joined. With it 100,000 replicates take up at most 50."""
MAGIC = b"selfback replicates 1 "
"""Begins a record; the number rises when older ones cannot be read any more."""
LONGEST_HEAD = 500
"""Bytes of a record before its tables."""


@dataclass(frozen=True, slots=True)
class Record:
    """Where the tables of some replicates are.

    Attributes
    ----------
    numbers
        The replicates.
    file, start, head, size
        The shard; where in it the record starts; bytes of its first line, and of its tables.
    """

    numbers: range
    file: Path
    start: int
    head: int
    size: int

    def tables(self) -> dict[str, pa.Table]:
        """Read the tables."""
        return unpack(self.content()[self.head :])

    def content(self) -> bytes:
        """Read all of the record."""
        with self.file.open("rb") as opened:
            opened.seek(self.start)
            return opened.read(self.head + self.size)


class Shards:
    """The replicates that are kept in a folder.

    Parameters
    ----------
    folder
        It is made if it is missing. Records that are damaged are left out, so that their replicates
        are simulated again.
    sync
        Whether what is kept is to survive a loss of power as well.

    Attributes
    ----------
    damaged
        Number of records that were left out; of those behind a first line that cannot be read, one.
    """

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.folder = folder
        self.damaged = 0
        self._sync = sync
        self._records: dict[int, Record] = {}
        self._counts: dict[Path, int] = {}
        self._last = 0
        folder.mkdir(exist_ok=True)
        found: list[Record] = []
        for file in sorted(folder.iterdir()):
            if file.name.endswith(PARTIAL):
                file.unlink()
            else:
                self._last = max(self._last, int(file.stem))
                found += self._whole_records(file)
        self._take(found)

    @property
    def kept(self) -> int:
        """Number of replicates."""
        return sum(len(record.numbers) for record in self._records.values())

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in the order of the replicates."""
        for first in sorted(self._records):
            yield self._records[first]

    def missing(self, numbers: range) -> list[range]:
        """Return which of these replicates are not kept, as ranges in order."""
        found = []
        at = numbers.start
        for record in self:
            if at < record.numbers.start:
                found.append(range(at, min(record.numbers.start, numbers.stop)))
            at = max(at, record.numbers.stop)
        found.append(range(at, numbers.stop))
        return [gap for gap in found if len(gap) > 0]

    def add(self, numbers: range, payload: bytes) -> None:
        """Keep the tables of some replicates, as :func:`pack` gives them."""
        self._last += 1
        file = self.folder / f"{self._last:08d}.shard"
        head = _head(numbers, payload)
        with written(file, sync=self._sync) as opened:
            opened.write(head)
            opened.write(payload)
        self._records[numbers.start] = Record(numbers, file, 0, len(head), len(payload))
        self._counts[file] = 1
        self._join()

    def _join(self) -> None:
        """Join shards while there are enough of about the same size."""
        while True:
            sizes: dict[int, list[Path]] = {}
            for file, count in self._counts.items():
                sizes.setdefault(int(math.log(count, JOINED) + 1e-9), []).append(file)
            full = next((files for files in sizes.values() if len(files) >= JOINED), None)
            if full is None:
                return
            self._join_files(full)

    def _join_files(self, files: list[Path]) -> None:
        mine = [record for record in self if record.file in files]
        self._last += 1
        joined = self.folder / f"{self._last:08d}.shard"
        moved = []
        with written(joined, sync=self._sync) as target:
            for record in mine:  # byte for byte, so that damage is still seen later on
                moved.append(replace(record, file=joined, start=target.tell()))
                target.write(record.content())
        self._records |= {record.numbers.start: record for record in moved}
        self._counts[joined] = len(moved)
        for file in files:
            del self._counts[file]
            file.unlink()
        if self._sync:
            sync_folder(self.folder)

    def _take(self, found: list[Record]) -> None:
        """Keep records that were found, each once, and remove the shards that have none of them."""
        end = 0
        counts = dict.fromkeys((record.file for record in found), 0)
        for record in sorted(found, key=lambda one: one.numbers.start):
            # A process that was killed while it joined shards leaves records twice.
            if record.numbers.start >= end:
                self._records[record.numbers.start] = record
                counts[record.file] += 1
                end = record.numbers.stop
        for file in self.folder.iterdir():
            if counts.get(file):
                self._counts[file] = counts[file]
            else:
                file.unlink()

    def _whole_records(self, file: Path) -> Iterator[Record]:
        """Yield the records of a shard that are not damaged."""
        with file.open("rb") as opened:
            while head := opened.readline(LONGEST_HEAD):
                said = _read_head(head)
                if said is None:
                    self.damaged += 1  # where the next record begins is not known
                    return
                start = opened.tell() - len(head)
                payload = opened.read(said["bytes"])
                numbers = range(said["first"], said["end"])
                if head == _head(numbers, payload):
                    yield Record(numbers, file, start, len(head), len(payload))
                else:
                    self.damaged += 1


def count_kept(folder: Path) -> int:
    """Return how many replicates are kept in a folder, which a process may be writing to."""
    numbers: dict[int, int] = {}
    for file in sorted(folder.glob("*.shard")):
        try:
            with file.open("rb") as opened:
                while (said := _read_head(opened.readline(LONGEST_HEAD))) is not None:
                    numbers[said["first"]] = said["end"] - said["first"]
                    opened.seek(said["bytes"], 1)
        except FileNotFoundError:
            continue  # it was joined with others meanwhile, which have a later name
    return sum(numbers.values())


def pack(tables: Mapping[str, pa.Table]) -> bytes:
    """Return tables as bytes: an Arrow stream for each, with its name in the metadata."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for name, table in tables.items():
        bare = table.replace_schema_metadata({"table": name})
        with pa.ipc.new_stream(sink, bare.schema, options=options) as stream:
            stream.write_table(bare.combine_chunks())
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(payload: bytes) -> dict[str, pa.Table]:
    """Return the tables that :func:`pack` made bytes of."""
    source = pa.BufferReader(payload)
    tables = {}
    while source.tell() < len(payload):
        table = pa.ipc.open_stream(source).read_all()
        tables[table.schema.metadata[b"table"].decode()] = table.replace_schema_metadata(None)
    return tables


def _head(numbers: range, payload: bytes) -> bytes:
    said = {"first": numbers.start, "end": numbers.stop, "bytes": len(payload)}
    content = hashlib.sha256(json.dumps(said).encode() + payload).hexdigest()
    return MAGIC + json.dumps({**said, "sha256": content}).encode() + b"\n"


def _read_head(line: bytes) -> dict[str, Any] | None:
    """Return what the first line of a record says; None if it is no such line."""
    try:
        said = json.loads(line.removeprefix(MAGIC))
        whole = {key: int(said[key]) for key in ("first", "end", "bytes")}
    except (ValueError, KeyError, TypeError):
        return None
    allowed = 0 <= whole["first"] < whole["end"] and whole["bytes"] >= 0
    return whole if allowed and line.startswith(MAGIC) else None
