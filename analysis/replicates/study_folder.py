"""Reads the folder of a study."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MANIFEST = "manifest.json"
"""The file that marks a folder as a study, which may be overwritten when that is asked for."""
RESULTS = ("estimates", "summaries", "flow", "failures")


def read_manifest(directory: Path) -> dict[str, Any]:
    """Return a study's manifest.

    Raises
    ------
    OSError, ValueError
        If the folder holds none, or it cannot be read.
    """
    manifest: dict[str, Any] = json.loads((directory / MANIFEST).read_text("utf-8"))
    return manifest


def read_study(directory: Path) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Return a study's manifest and its tables of results; texts are dictionary-encoded.

    Raises
    ------
    FileNotFoundError
        If the folder holds no study.
    """
    return read_manifest(directory), {
        name: _read(directory / f"{name}.parquet") for name in RESULTS
    }


def outcome_label(scenario: Mapping[str, Any], name: str) -> str:
    """Return the label of an outcome by the scenario of a manifest; its name if that has none."""
    declared: Sequence[Mapping[str, Any]] = scenario.get("outcomes", ())
    labels = {outcome["name"]: str(outcome["label"]) for outcome in declared}
    return labels.get(name, name)


def _read(file: Path) -> pa.Table:
    texts = [field.name for field in pq.read_schema(file) if pa.types.is_string(field.type)]
    return pq.read_table(file, read_dictionary=texts)
