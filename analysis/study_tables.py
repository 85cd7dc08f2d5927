"""Reads the folder of a study."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

RESULTS = ("estimates", "summaries", "flow", "failures")


def read_study(directory: Path) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Return a study's manifest and its tables of results; texts are dictionary-encoded.

    Raises
    ------
    FileNotFoundError
        If the folder holds no study.
    """
    manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
    return manifest, {name: _read(directory / f"{name}.parquet") for name in RESULTS}


def _read(file: Path) -> pa.Table:
    texts = [field.name for field in pq.read_schema(file) if pa.types.is_string(field.type)]
    return pq.read_table(file, read_dictionary=texts)
