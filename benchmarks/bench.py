"""What a replicate and its parts cost, as multiples of a yardstick measured in the same run.

``make bench`` measures, writes ``benchmarks/latest.json`` beside the last recorded measurement
(``benchmarks/record.json``) and says what has become slower. ``make bench-record`` puts the new
measurement in place of the recorded one, and its tables into ``docs/background/speed.md``.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import warnings
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import estimators
import workloads
from turns import Measured, in_turns, python_loop, yardstick

FOLDER = Path(__file__).parent
RECORD, LATEST = FOLDER / "record.json", FOLDER / "latest.json"
TURNS = 12
SLOWER = 1.1
"""A multiple this many times the recorded one is reported."""

YARDSTICK, LOOP, NUMPY = "yardstick", "python loop", "retrieval in NumPy"
AT_MOST = {
    "simulate": 12.0,
    "analyse": 7.0,
    "replicate": 20.0,
    "power trial": 0.45,
    "retrieval": 0.2,
    "import": 5.0,
}
"""Multiples that these may cost."""
MEMORY = {
    "selfback_2021": ("selfback_2021", []),
    "selfback_2021, 20,000 participants": ("selfback_2021", ["trial.sample_size=20000"]),
}


def measured(turns: int) -> dict[str, dict[str, Any]]:
    """Return times and multiples by name, each with the name of its unit."""
    compiled, in_numpy = workloads.retrieving()
    calls = {
        YARDSTICK: yardstick,
        LOOP: python_loop,
        "simulate": workloads.simulating(),
        "analyse": workloads.analysing(),
        "replicate": workloads.replicating(),
        "power trial": workloads.power_trial(),
        NUMPY: in_numpy,
        "retrieval": compiled,
        "weekly plans": workloads.weekly_plans(),
        "import": workloads.importing(),
    }
    units = dict.fromkeys(calls, YARDSTICK) | {"retrieval": NUMPY, "import": LOOP}
    found = in_turns(calls, units, turns)
    return {name: _rounded(each) | {"unit": units[name]} for name, each in found.items()}


def memory() -> dict[str, float]:
    """Return the most memory of one replicate, in MB."""
    return {name: round(workloads.peak_megabytes(*what)) for name, what in MEMORY.items()}


def versions() -> dict[str, str]:
    """Return the versions of what the times depend on."""
    found = {"python": platform.python_version()}
    for package in ("numpy", "scipy", "numba", "statsmodels"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def compare(now: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    """Return a line for everything that is slower than recorded, larger, or above its limit."""
    lines = []
    for name, each in now["rows"].items():
        multiple, most = each["multiple"], AT_MOST.get(name)
        old = None if before is None else before["rows"].get(name)
        if old is not None and multiple > SLOWER * old["multiple"]:
            lines.append(
                f"slower: {name}, {old['multiple']:.3g} -> {multiple:.3g} x {each['unit']}"
            )
        if most is not None and multiple > most:
            lines.append(
                f"above its limit: {name}, {multiple:.3g} x {each['unit']}, at most {most}"
            )
    for name, size in now["memory"].items():
        old_size = None if before is None else before["memory"].get(name)
        if old_size is not None and size > SLOWER * old_size:
            lines.append(f"more memory: {name}, {old_size} -> {size} MB")
    return lines


def _rounded(each: Measured) -> dict[str, Any]:
    return {name: float(f"{value:.4g}") for name, value in asdict(each).items()}


def main() -> None:
    """Measure, write and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=TURNS, help="alternating turns")
    parser.add_argument("--record", action="store_true", help="replace the recorded measurement")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    before = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else None
    now: dict[str, Any] = {"turns": arguments.turns, "versions": versions()}
    now["rows"] = measured(arguments.turns)
    for name, each in now["rows"].items():
        print(f"{name:24} {each['milliseconds']:10.2f} ms {each['multiple']:9.3f} x {each['unit']}")
    now["memory"] = memory()
    for name, size in now["memory"].items():
        print(f"{name:36} {size:8.0f} MB at most")
    now["estimators"] = estimators.measured(arguments.turns)
    for name, times in now["estimators"].items():
        print(f"{name:36}", *(f"{tool} {ms:.4g} ms " for tool, ms in times.items()))
    where = RECORD if arguments.record else LATEST
    where.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {where.relative_to(FOLDER.parent)}")
    print(*(compare(now, before) or ["nothing is slower than recorded"]), sep="\n")


if __name__ == "__main__":
    main()
