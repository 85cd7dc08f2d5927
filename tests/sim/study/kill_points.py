"""Kills a study with SIGKILL at file events, and runs it again: what is lost, and what it yields.

Run as ``python tests/sim/study/kill_points.py WORK [POINT ...]``: alone and beside an older study,
without points at every event. Prints a JSON object a point, and exits with 1 if a study is lost or
differs, or more than one task was simulated twice.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from scenarios.loading.load import load_scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study import groups
from sim.study.executors import JoblibExecutor
from sim.study.runner import run_study
from sim.tables.costs import COSTS_SCHEMA

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "ctypes.call_function"}
REPLICATES = 62
SCENARIO = load_scenario("planned_2018")


def replicate_into(log: Path):
    """Return a replicate that says in a file that it was simulated."""

    def draw(scenario, number):
        with log.open("a") as file:
            file.write(f"{number}\n")
        values = np.random.default_rng([scenario.seed, number]).standard_normal(4)
        columns = [pa.array([number] * 4, pa.int32()), list("abcd"), values]
        table = pa.table(columns, schema=COSTS_SCHEMA)
        return {"costs": table, "failures": FAILURE_SCHEMA.empty_table()}

    return draw


def study(out: Path, log: Path) -> None:
    run_study(
        SCENARIO,
        replicates=REPLICATES,
        executor=JoblibExecutor(1),
        out=out,
        overwrite=True,
        replicate=replicate_into(log),
        finish=lambda folder: (folder / "summary.json").write_text("{}"),
    )


def run_until(point: int, out: Path, log: Path) -> int:
    """Run a study in a process of its own, which is killed at an event; return how many it had."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: tuple) -> None:
            nonlocal count
            if event in EVENTS and f"{out.parent}/" in " ".join(map(str, arguments[:2])):
                count += 1
                if count == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        study(out, log)
        os.write(write, str(count).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    told = os.read(read, 100)
    os.close(read)
    return int(told or 0)


def contents(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(out.glob("*.parquet"))}


def manifest(out: Path) -> str:
    file = out / "manifest.json"
    return file.read_text() if file.is_file() else '{"state": "none"}'


def state(out: Path) -> str:
    return json.loads(manifest(out))["state"]


def check(point: int, work: Path, whole: Path, *, beside: bool) -> dict[str, object]:
    """Kill a study at a point, run it again, and return what came of it."""
    folder = work / f"{point} {'beside' if beside else 'alone'}"
    folder.mkdir()
    out, log = folder / "out", folder.with_suffix(".log")
    if beside:
        shutil.copytree(whole, out)
    run_until(point, out, log)
    died = state(out)
    done = died == "finished" and manifest(out) != manifest(whole)
    before = len(log.read_text().split()) if log.exists() else 0
    run_until(0, out, log)
    # A study that is finished is simulated anew: that is what overwriting it means.
    again = len(log.read_text().split()) - (before if done else 0) - REPLICATES
    return {
        "point": point,
        "beside": beside,
        "state": died,
        "old_or_new": not beside or died == "finished",
        "identical": contents(out) == contents(whole),
        "tidy": [path.name for path in folder.iterdir()] == ["out"]
        and {path.name for path in out.iterdir()} == {path.name for path in whole.iterdir()},
        "again": again,
    }


def main() -> int:
    """Check the points that are asked for."""
    groups.TARGET = groups.LEAST = 0.0  # tasks of one chunk, so that there are many
    work = Path(sys.argv[1]).resolve()
    work.mkdir(parents=True)
    events = run_until(0, work / "whole" / "out", work / "log")
    whole = work / "whole" / "out"
    points = [int(text) for text in sys.argv[2:]] or range(1, events + 12)
    bad = 0
    for point in points:
        for beside in (False, True):
            found = check(point, work, whole, beside=beside)
            found["events"] = events
            sys.stdout.write(f"{json.dumps(found)}\n")
            sys.stdout.flush()
            well = found["old_or_new"] and found["identical"] and found["tidy"]
            bad += not (well and found["again"] <= groups.CHUNK)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
