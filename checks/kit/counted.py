"""A study whose replicates are counted as they are analysed, by an analysis of a user's own.

The analysis stands in a module in the folder of the study, as a user's would. It writes a line for
each replicate that it sees, and takes a while, so that there is time to disturb the study. It
raises what is written in the file ``seen.log.fault``, while there is one.
"""

import atexit
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq

from sim.__main__ import main
from sim.cli import call
from sim.study import groups

REPLICATES = 60
LONGEST = 400.0
"""Seconds after which a command hangs: it takes some ten, and waits for a silence of 30."""
OURS = {"counting.py", "seen.log", "stderr", "out", "__pycache__"}
"""What there is in the folder of a study that has ended."""
MODULE = """
import hashlib
import os
import time

import numpy as np

from analysis.data.estimates import student_estimate


def seen(inputs):
    line = hashlib.sha256(np.ascontiguousarray(inputs.data.scores["rmdq"])).hexdigest() + "\\n"
    if os.path.exists(LOG + ".fault"):
        raise eval(open(LOG + ".fault").read())
    log = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line.encode())
    os.close(log)
    time.sleep(0.02)
    visit = inputs.plan.primary_visit
    label = (inputs.name, inputs.plan.primary_outcome, visit, "difference")
    return [student_estimate(label, 0.0, 1.0, 10.0, 10, 0.95)]
"""
STUDY = (
    "run", "planned_2018", "--set", "trial.sample_size=40",
    "--set", 'analysis.alternatives=["counting:seen"]', f"--replicates={REPLICATES}", "--overwrite",
)  # fmt: skip


EXECUTORS = {
    "here, 1 job": ("--jobs=1",),
    "joblib, 2 jobs": ("--jobs=2",),
    "dask, 2 jobs": ("--jobs=2", "--executor=dask"),
}
"""Options of the study, by what it runs on."""


def prepare(folder: Path) -> Path:
    """Make a folder with the module; return the file with a line for each replicate."""
    folder.mkdir(parents=True)
    log = folder / "seen.log"
    log.touch()
    (folder / "counting.py").write_text(f"LOG = {str(log)!r}\n{MODULE}", "utf-8")
    return log


def start(folder: Path, more: Sequence[str], *, before: Callable[[], None] = bool) -> int:
    """Give the command in a process and session of its own, in a folder; return the process.

    It is a copy of this process, which has all imports, so that it is at work at once.

    Parameters
    ----------
    before
        Called in it first.
    """
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.dup2(os.open(errors_of(folder), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        groups.TARGET = groups.LEAST = 0.0  # tasks of one chunk, so that there are several
        sys.argv = ["selfback", *STUDY, "--out=out", *more]
        before()
        main()
    except SystemExit as stop:
        atexit._run_exitfuncs()  # noqa: SLF001 - as at the end of an interpreter
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(stop.code if isinstance(stop.code, int) else 1)
    finally:
        os._exit(99)


def undisturbed(folder: Path) -> dict[str, bytes]:
    """Run the study here, undisturbed, and return its tables; what it imports is there then."""
    prepare(folder)
    with chdir(folder), redirect_stdout(StringIO()), redirect_stderr(StringIO()) as told:
        code = call([*STUDY, "--out=out", "--jobs=1"])
    if code != 0:
        raise RuntimeError(told.getvalue())
    # The modules of other folders have the same name.
    sys.modules.pop("counting")
    sys.path.remove(str(folder))
    failed = pq.read_table(folder / "out" / "estimates.parquet")["failure"].to_pylist()
    if any(failed):
        raise RuntimeError(next(filter(None, failed)))
    return tables(folder / "out")


def import_dask() -> None:
    """Import what a study on Dask imports, so that copies of this process have it."""
    for name in (
        "distributed",
        "cryptography.x509",
        "bokeh.server.server",
        "distributed.dashboard",
    ):
        import_module(name)


def errors_of(folder: Path) -> Path:
    """Return where a command in a folder writes its standard error."""
    return folder / "stderr"


def plain_lines(folder: Path) -> list[str]:
    """Return what a command wrote to standard error that does not tell how far it is."""
    lines = errors_of(folder).read_text("utf-8").splitlines()
    marks = (": Dask dashboard: ", " has no workers yet: ")
    return [
        line
        for line in lines
        if not (line.startswith("simulating ") or any(mark in line for mark in marks))
    ]


def wait_for(process: int) -> int:
    """Return the exit code of a process, negative if a signal ended it.

    One that hangs is killed with its session.
    """
    deadline = time.monotonic() + LONGEST
    while not ended(process):
        if time.monotonic() > deadline:
            os.killpg(process, signal.SIGKILL)
            break
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def ended(process: int) -> bool:
    """Return whether a process has ended; it can still be waited for."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def wait_until_seen(process: int, log: Path, replicates: int) -> None:
    """Return when so many replicates have been analysed, or the process has ended."""
    while log.stat().st_size < 65 * replicates and not ended(process):
        time.sleep(0.005)


def again(log: Path) -> int:
    """Return how many times a replicate was simulated that had been simulated before."""
    return sum(Counter(log.read_text("utf-8").split()).values()) - REPLICATES


def given_again(
    folder: Path, more: Sequence[str] | None, whole: dict[str, bytes], *, most: int
) -> tuple[int, str]:
    """Give a disturbed study again, and look at what it left.

    Parameters
    ----------
    folder
        In which :func:`start` ran it.
    more
        Options of the command that is given again; None if it ended well in spite of all.
    whole
        Tables of the undisturbed study.
    most
        Replicates that may be simulated twice.

    Returns
    -------
    How many were; what is wrong, '' if nothing is.
    """
    code = 0 if more is None else wait_for(start(folder, more))
    if code != 0:
        return 0, f"exit code {code} when given again: {errors_of(folder).read_text()[-300:]}"
    twice = again(folder / "seen.log")
    if twice > most:
        return twice, f"{twice} replicates simulated twice, more than {most}"
    left = {path.name for path in folder.iterdir()} - OURS
    if left:
        return twice, f"left {sorted(left)}"
    found = tables(folder / "out")
    others = sorted(name for name in {*found, *whole} if found.get(name) != whole.get(name))
    return twice, f"other tables: {others}" if others else ""


def tables(folder: Path) -> dict[str, bytes]:
    """Return the tables of a study."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}
