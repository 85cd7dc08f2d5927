"""Kills studies at every event that changes a file, and gives their commands again.

``python checks/kills.py``: each command runs to its end once, and is then killed with SIGKILL at
each of its events: ``run`` both alone and beside an older study of other numbers, the others in
turn alone or beside one (``--both 1``: in both ways). Its folder must be absent, unfinished or
whole then, and beside an older study that one or the new one; the same command must end with the
tables of an undisturbed run, and leave nothing else. Short form: tests/sim/study/kill_points.py.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from kit.counted import wait_for
from kit.scratch import scratch
from kit.told import Told
from kit.tries import AT_ONCE, in_parallel, options
from matplotlib.figure import Figure

from sim.cli import call
from sim.study import groups

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "ctypes.call_function"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
SMALL = ("--set", "trial.sample_size=20", "--jobs", "1", "--overwrite")
OTHER = ("--seed", "7")
"""Of the older study."""
SCENARIO = """
extends = "planned_2018"
name = "toy"
published = "selfback_2021"
[trial]
sample_size = 20 # participants; for a check
"""
FREE = """
[[parameters]]
key = "course.means.2"
transform = "identity"
sd = 1.0
source = "a check"
"""
COMMANDS = {
    "run": ("run", "planned_2018", "--replicates", "12", *SMALL),
    "power": (
        "power", "planned_2018", "--vary", "course.effect_size=-2", "--replicates", "6", *SMALL,
    ),
    "power --target": (
        "power", "planned_2018", "--target", "0.8", "--tolerance", "0.2", "--sizes", "60:400",
        "--replicates", "6", *SMALL,
    ),
    "compare": (
        "compare", "planned_2018", "planned_2018", "--set-b", "followup.dropout=0.1",
        "--replicates", "6", *SMALL,
    ),
    "assurance": (
        "assurance", "planned_2018", "--posterior", "../posterior.parquet", "--each", "2", *SMALL,
    ),
    "calibrate": (
        "calibrate", "../toy.toml", "--parameters", "../free.toml", "--points", "20",
        "--replicates", "1", "--waves", "2", "--spread", "10", "--draws", "5", *SMALL[2:],
    ),
}  # fmt: skip


def prepare(work: Path) -> None:
    """Write the files that commands read."""
    (work / "toy.toml").write_text(SCENARIO, "utf-8")
    (work / "free.toml").write_text(FREE, "utf-8")
    drawn = np.random.default_rng(11).normal(-4.0, 2.5, 4)
    table = pd.DataFrame({"course.effect[1]": drawn})
    table.to_parquet(work / "posterior.parquet", index=False)


def run_until(point: int, arguments: Sequence[str], folder: Path) -> tuple[int, int]:
    """Give a command in a process of its own, which is killed at an event.

    Parameters
    ----------
    point
        Number of the event, from 1; 0 to let it run to its end.

    Returns
    -------
    Exit code, negative if killed; how many events there were in a whole run.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        errors = os.open(errors_of(folder), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(errors, 2)
        Figure.savefig = write_no_figure
        count = 0

        def happened() -> None:
            nonlocal count
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def hook(event: str, given: tuple) -> None:
            changes = event in CHANGES or (event == "open" and (given[2] or 0) & WRITES)
            if changes and f"{folder}/" in " ".join(map(str, given[:2])):
                happened()

        sync = os.fsync

        def counted_sync(handle: int) -> None:
            happened()
            sync(handle)

        os.fsync = counted_sync
        sys.addaudithook(hook)
        code = call([*arguments, "--out", "out"])
        os.write(write, str(count).encode())
        os._exit(code)
    os.close(write)
    code = wait_for(child)
    told = os.read(read, 100)
    os.close(read)
    return code, int(told or 0)


def write_no_figure(_figure: Figure, file: BytesIO, **_more: object) -> None:
    """Write a file in the place of a figure: to draw it takes longer than all the rest."""
    file.write(b"figure")


def errors_of(folder: Path) -> Path:
    """Return where a command in a folder writes its standard error."""
    return folder.with_name(f"{folder.name}.err")


def contents(out: Path) -> dict[str, bytes]:
    """Return the tables of a study and its parts."""
    return {str(f.relative_to(out)): f.read_bytes() for f in sorted(out.rglob("*.parquet"))}


def names(folder: Path) -> set[str]:
    """Return all that is in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def state(out: Path) -> str:
    """Return the state of a study, '' if there is none."""
    file = out / "manifest.json"
    return str(json.loads(file.read_text("utf-8"))["state"]) if file.is_file() else ""


def check(work: Path, command: str, case: tuple[int, bool]) -> str:
    """Kill a command at a point, give it again, and return what is wrong with what came of it."""
    groups.TARGET = groups.LEAST = 0.0  # tasks of one chunk, so that there are several
    point, beside = case
    folder = Path(tempfile.mkdtemp(dir=work / command))
    out = folder / "out"
    whole, older = work / command / "whole" / "out", work / command / "older" / "out"
    if beside:
        shutil.copytree(older, out)
    arguments = COMMANDS[command]
    killed, _ = run_until(point, arguments, folder)
    bad = []
    if killed != -signal.SIGKILL:
        bad.append(f"exit code {killed} instead of a kill")
    old = (state(out), contents(out)) == ("finished", contents(older))
    # The new one is put in place when its tables are whole.
    new = state(out) in {"simulated", "finished"} and contents(out) == contents(whole)
    if beside and not (old or new):
        bad.append("neither the old study nor the new one")
    code, _ = run_until(0, arguments, folder)
    if code != 0:
        bad.append(f"exit code {code}: {errors_of(folder).read_text()[-200:]}")
    elif contents(out) != contents(whole):
        bad.append("other tables")
    if {p.name for p in folder.iterdir()} != {"out"} or names(out) != names(whole):
        bad.append(f"left: {sorted(names(folder) ^ {'out', *(f'out/{n}' for n in names(whole))})}")
    shutil.rmtree(folder)
    return (
        f"event {point}{', beside an older one' if beside else ''}: {'; '.join(bad)}" if bad else ""
    )


def first_runs(work: Path, command: str) -> int:
    """Run a command undisturbed, and one of other numbers; return how many events it has."""
    arguments = COMMANDS[command]
    events = 0
    for name, more in (("older", OTHER), ("whole", ())):
        folder = work / command / name
        folder.mkdir(parents=True)
        prepare(work / command)
        if name == "older":  # here, so that what it imports is there for all that follow
            with (
                contextlib.chdir(folder),
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                call([*arguments, "--out", "imports"])
            shutil.rmtree(folder / "imports")
        code, events = run_until(0, (*arguments, *more), folder)
        if code != 0:
            raise RuntimeError(errors_of(folder).read_text())
    return events


def main() -> int:
    """Run the checks; return 1 if one fails."""
    given = options(__doc__, every=1, both=0, at_once=AT_ONCE)
    groups.TARGET = groups.LEAST = 0.0
    told = Told()
    with scratch() as work:
        for command in COMMANDS:
            if given.only not in ("", command):
                continue
            events = first_runs(work, command)
            both = given.both or command == "run"
            points = [
                (event, beside)
                for place, event in enumerate(range(1, events + 1, given.every))
                for beside in (False, True)
                if both or beside == (place % 2 == 1)
            ]
            found = [*in_parallel(partial(check, work, command), points, given.at_once)]
            bad = [line for line in found if line]
            ways = "alone and beside an older study" if both else "in turn alone and beside one"
            which = "each" if given.every == 1 else f"each {given.every}th"
            name = f"selfback {command}: killed at {which} of {events} events, {ways}"
            told.case(name, len(found) - len(bad), len(found), bad=bad)
    return told.code


if __name__ == "__main__":
    sys.exit(main())
