"""The file that says what is in a study's folder: written whole, with its own checksum in it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.errors import InputError, one_line
from scenarios.files import content_of, why
from sim.study.json_text import json_text
from sim.study.store.durable import written

MANIFEST = "manifest.json"
"""The file that marks a folder as a study, which may be overwritten when that is asked for."""
FORMAT = "selfback study 1"
"""First value of the file; the number rises when older studies cannot be read any more."""
RUNNING, SIMULATED, FINISHED = "running", "simulated", "finished"
"""States of a study: replicates are missing; all tables are there, but not what is made of them;
all is there. A manifest without a state is of what is made at once, such as a single trial."""
_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "scenario_name": str, "scenario_hash": str, "seed": int, "first_replicate": int,
    "replicates": int, "started": str, "duration": (int, float), "scenario": dict,
}  # fmt: skip


class OtherFormatError(InputError):
    """A study of a version of this software that wrote other files."""


def write_manifest(folder: Path, manifest: Mapping[str, Any], *, sync: bool) -> None:
    """Write the manifest of a study, whole or not at all."""
    content = {"format": FORMAT, **manifest}
    content.pop("sha256", None)
    content["sha256"] = _sum(json.loads(json_text(content)))
    with written(folder / MANIFEST, sync=sync) as file:
        file.write((json_text(content) + "\n").encode())


def read_state(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a study with its state, None if there is none.

    Raises
    ------
    InputError
        If it cannot be read, is damaged, or is of a version that wrote other files.
    """
    file = folder / MANIFEST
    remedy = f"restore it from a copy, or remove {folder} and run the study again"
    try:
        manifest = json.loads(content_of(file))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {why(error)}") from None
    except (ValueError, RecursionError) as error:
        cause = one_line(str(error))[:200]
        raise InputError(f"{file} is damaged: {cause}: {remedy}") from None
    if not isinstance(manifest, dict):
        raise InputError(f"{file} is no manifest of a study: name the folder of one")
    if manifest.get("format", FORMAT) != FORMAT or {"format", "sha256"}.isdisjoint(manifest):
        raise OtherFormatError(
            f"{file} is of another version of this software, which reads {FORMAT!r}: run the study "
            "again, or read it with the version that it names"
        )
    if manifest.pop("sha256", None) != _sum(manifest):
        raise InputError(f"{file} is damaged: its checksum is another one: {remedy}")
    return {"state": FINISHED, **manifest}


def check_described(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that lacks what every study says of itself.

    Raises
    ------
    InputError
        With the first key.
    """
    for key, kind in _KEYS.items():
        if not isinstance(manifest.get(key), kind):
            raise InputError(
                f"{folder / MANIFEST}: {key} is missing or of another kind: name the folder of a "
                "study"
            )


def _sum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a manifest says, in whatever order and with whatever spaces."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
