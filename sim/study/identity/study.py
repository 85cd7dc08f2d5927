"""What makes two studies the same: scenario, seed, what is done with the trials, and the code."""

import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.study.identity.own_code import own_code
from sim.study.store.manifest import package_versions

ROOT = Path(__file__).resolve().parents[3]
CODE = ("scenarios", "agents", "recommender", "analysis", "sim")
"""Packages whose sources make the numbers."""
NOT_CODE = (
    "sim/cli", "sim/doctor", "sim/explore", "sim/front", "sim/export", "analysis/report",
    "analysis/figures", "scenarios/library", "scenarios/published", "scenarios/calibration",
)  # fmt: skip
"""Their parts that make none: commands, pages, exports, reports, figures; scenarios apart."""
SHOWN, LONGEST = 3, 120
"""Keys that a message names, and characters of each difference."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a study is.

    Attributes
    ----------
    scenario
        What it simulates first.
    first
        Number of the first replicate.
    study
        What is done with its trials, as plain data: two studies with different content differ.
    own_code
        Modules that the scenario names, see :func:`sim.study.identity.own_code.own_code`.
    """

    scenario: Scenario
    first: int
    study: Mapping[str, Any]
    own_code: Mapping[str, str]

    @classmethod
    def of(cls, scenario: Scenario, first: int, study: Mapping[str, Any]) -> "Identity":
        """Return what a study is that is run with the code there is now."""
        return cls(scenario, first, study, own_code(scenario))

    def describe(self) -> dict[str, Any]:
        """Return what a manifest says of it, apart from the scenario."""
        return {
            "begun_with": scenario_hash(self.scenario),
            "study": json.loads(json.dumps(self.study, default=str)),
            "code_hash": code_hash(),
            **({"own_code": dict(self.own_code)} if self.own_code else {}),
            **machine(),
        }

    def differences(self, manifest: Mapping[str, Any]) -> list[str]:
        """Return in what a study that is there is another one, whatever the code."""
        told = []
        if manifest.get("seed") != self.scenario.seed:
            told.append(f"seed = {self.scenario.seed} (there {manifest.get('seed')})")
        if _begun_with(manifest) != scenario_hash(self.scenario):
            mine = self.scenario.model_dump(mode="json", exclude={"seed", "name", "title"})
            there = {k: v for k, v in manifest.get("scenario", {}).items() if k in mine}
            keys = changed_keys(there, mine, was="there")
            told += keys[:SHOWN] or ([] if told else ["the scenario"])
            told += [f"{len(keys) - SHOWN} more keys"] if len(keys) > SHOWN else []
        if manifest.get("first_replicate") != self.first:
            told.append(f"first replicate {self.first} (there {manifest.get('first_replicate')})")
        mine = self.describe()["study"]
        if manifest.get("study") != mine:
            told += changed_keys(manifest.get("study") or {}, mine, was="there")[:SHOWN]
        return [line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..." for line in told]

    def code_differences(self, manifest: Mapping[str, Any]) -> list[str]:
        """Return in what the code is another one: our sources, the scenario's, and packages."""
        told = []
        if manifest.get("code_hash") != code_hash():
            told.append("the code")
        before = manifest.get("own_code", {})
        told += [
            f"the module {module}, or what it imports"
            for module in dict.fromkeys((*before, *self.own_code))
            if before.get(module) != self.own_code.get(module)
        ]
        told += changed_keys(manifest.get("packages", {}), package_versions(), was="there")
        return told

    def machine_differences(self, manifest: Mapping[str, Any]) -> list[str]:
        """Return in what the machine is another one, by which the last digits may differ."""
        there = {key: manifest.get(key) for key in machine()}
        return list(changed_keys(there, machine(), was="there"))


def _begun_with(manifest: Mapping[str, Any]) -> Any:
    return manifest.get("begun_with", manifest.get("scenario_hash"))


@cache
def code_hash() -> str:
    """Return the SHA-256 of the sources that make the numbers, hexadecimal."""
    content = hashlib.sha256()
    for name, file in sorted(_sources()):
        content.update(f"{name}\n".encode())
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest()


def _sources() -> Iterator[tuple[str, Path]]:
    for package in CODE:
        for kind in ("*.py", "*.toml"):
            for file in (ROOT / package).rglob(kind):
                name = file.relative_to(ROOT).as_posix()
                if not name.startswith(tuple(f"{part}/" for part in NOT_CODE)):
                    yield name, file


@cache
def machine() -> dict[str, str]:
    """Return the processor, and the kernels that linear algebra uses on it."""
    kernels = {
        f"{info.get('internal_api')} {info.get('architecture', '')}".strip()
        for info in threadpool_info()
        if info.get("user_api") == "blas"
    }
    return {"processor": _processor(), "blas": ", ".join(sorted(kernels))}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def described(replicate: Callable[..., Any]) -> Any:
    """Return what is done for one replicate, as plain data.

    Where its fields would be long, it has a method ``describe`` that returns what stands for them.
    """
    if hasattr(replicate, "describe"):
        return replicate.describe()
    if is_dataclass(replicate) and not isinstance(replicate, type):
        return {"what": type(replicate).__name__, **asdict(replicate)}
    return getattr(replicate, "__qualname__", type(replicate).__qualname__)


def changed_keys(
    before: Mapping[str, object], now: Mapping[str, object], above: str = "", *, was: str = "was"
) -> tuple[str, ...]:
    """Return what differs between two tables, key by key.

    >>> changed_keys({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})
    ('b.c = 3 (was 2)',)
    """
    found: list[str] = []
    for key in dict.fromkeys((*now, *before)):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += changed_keys(old, new, f"{above}{key}.", was=was)
        elif old != new:
            found.append(f"{above}{key} = {new!r} ({was} {old!r})")
    return tuple(found)
