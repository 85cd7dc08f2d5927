"""Tables of a trial or a study as DataFrames, by name: ``found.visits``, ``found.estimates``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.errors import nearest


class Frames(Mapping[str, pd.DataFrame]):
    """DataFrames by name, read when they are asked for and kept from then on."""

    def __init__(self, sources: Mapping[str, pa.Table | Path]) -> None:
        self._sources = dict(sources)
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            source = self._sources[name]
            table = pq.read_table(source) if isinstance(source, Path) else source
            self._read[name] = table.to_pandas()
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __repr__(self) -> str:
        return f"Frames({', '.join(self)})"


class HasFrames:
    """Something whose ``tables`` are its attributes."""

    if TYPE_CHECKING:

        @property
        def tables(self) -> Mapping[str, pd.DataFrame]:
            """All tables by name."""

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name == "tables":
            raise AttributeError(name)
        if name in self.tables:
            return self.tables[name]
        close = nearest(name, self.tables)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(self.tables)}"
        raise AttributeError(f"there is no table {name!r}: {hint}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]
