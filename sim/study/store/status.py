"""How far a study is, for those who look at it from outside."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from sim.study.store.growing import beside
from sim.study.store.lock import is_locked
from sim.study.store.manifest_file import FINISHED, RUNNING, check_described, read_state
from sim.study.store.shards import count_kept

SHARDS, PARTS = "replicates", "parts"
"""Folders within a study that it has only while it is under way."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far a study is.

    Attributes
    ----------
    directory
        Where it is, or where it is going to be.
    state
        ``"running"`` or ``"interrupted"``: replicates are missing; ``"simulated"``: summary or
        figures are missing; ``"finished"``.
    replicates
        Asked for; 0 where the study decides on that itself.
    kept
        That are kept, those of all its parts together.
    failed
        That failed, of a study that has all its tables.
    scenario, seed, started
        What is simulated, and since when.
    replaces
        Whether a finished study is there, which stays until this one is whole.
    """

    directory: str
    state: str
    replicates: int
    kept: int
    failed: int
    scenario: str
    seed: int
    started: str
    replaces: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return it as text."""
        told = [
            f"{self.directory}: {self.state}",
            f"scenario    {self.scenario}, seed {self.seed}",
            f"begun       {self.started}",
            f"replicates  {self.kept} kept" + (f" of {self.replicates}" if self.replicates else ""),
        ]
        if self.failed:
            told.append(f"failed      {self.failed}")
        if self.replaces:
            told.append("it replaces a finished study, which is there until this one is whole")
        if self.state in {"interrupted", "simulated"}:
            told.append(f"go on with  selfback resume {self.directory}")
        return told


def read_status(directory: Path) -> Status:
    """Return how far a study is.

    Raises
    ------
    InputError
        If there is none.
    """
    final = directory.resolve()
    there, new = read_state(final), read_state(beside(final))
    replaces = new is not None and new["state"] != FINISHED
    folder = beside(final) if replaces else final
    manifest = new if replaces else there
    if manifest is None:
        raise InputError(f"{directory} is no study: there is no manifest.json in it")
    check_described(folder, manifest)
    state = manifest["state"]
    if state == RUNNING and not is_locked(final):
        state = "interrupted"
    return Status(
        directory=str(directory),
        state=state,
        replicates=int(manifest["replicates"]),
        kept=kept_in(folder, manifest),
        failed=int(manifest.get("failed", 0)),
        scenario=str(manifest["scenario_name"]),
        seed=int(manifest["seed"]),
        started=str(manifest["started"]),
        replaces=replaces,
    )


def kept_in(folder: Path, manifest: Mapping[str, Any]) -> int:
    """Return how many replicates are kept in a study and its parts."""
    if manifest["state"] != RUNNING:
        return int(manifest["replicates"])
    found = count_kept(folder / SHARDS)
    for part in [*folder.glob("*/manifest.json"), *folder.glob(f"{PARTS}/*/manifest.json")]:
        found += kept_in(part.parent, read_state(part.parent) or {"state": RUNNING})
    return found
