"""Lets the machine fail under a study: memory, disk, files; and what is made after it.

``python checks/failures.py``: in workers an analysis raises what the system would; in the process
of the command the limits are real where the system allows it (a small file system in memory, limits
of open files, of memory and of the size of files), otherwise they are raised as it writes. No
replicate may count as failed, the exit code must be 5 without a traceback, and the same command
must end with the tables of an undisturbed study. What fails after the replicates must leave tables
and manifest. At last, a working folder with files named like modules of Python.
"""

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
from kit.counted import (
    EXECUTORS,
    LONGEST,
    again,
    errors_of,
    import_dask,
    plain_lines,
    prepare,
    start,
    tables,
    undisturbed,
    wait_for,
)
from kit.scratch import scratch
from kit.told import Told
from kit.tries import AT_ONCE, in_parallel, options

import sim.front.run as front

HERE, JOBLIB, DASK = EXECUTORS.values()
IN_WORKERS = {
    "MemoryError": "MemoryError()",
    "ENOSPC": f"OSError({errno.ENOSPC}, 'No space left on device', 'x.parquet')",
    "EIO": f"OSError({errno.EIO}, 'Input/output error', 'x.parquet')",
    "EMFILE": f"OSError({errno.EMFILE}, 'Too many open files')",
}
NAMES = ("random", "numpy", "json", "pandas", "typing", "analysis", "distributed", "joblib")
"""Of files in a working folder."""


def raising(error: BaseException) -> Callable[..., None]:
    """Return a function that raises an exception."""

    def fail(*_given: object, **_more: object) -> None:
        raise error

    return fail


def limited(what: int, most: int) -> Callable[[], None]:
    """Return what sets a limit of this process."""
    return partial(resource.setrlimit, what, (most, most))


def memory_limited() -> None:
    """Leave this process the memory that it has, and no more.

    With a little more it depends on where that ends: a thread may begin that has none for what the
    C library keeps for it, which ends the process (exit code 127), and not by our doing.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def patched(place: object, name: str, error: BaseException) -> Callable[[], None]:
    """Return what lets a function raise an exception."""
    return lambda: setattr(place, name, raising(error))


def told_plainly(folder: Path) -> str:
    """Return what a command wrote that is no progress and no remark of ours."""
    other = [line for line in plain_lines(folder) if not line.startswith("selfback: ")]
    return f"it wrote {other[:3]}" if other else ""


def finished(folder: Path, more: tuple[str, ...], whole: dict) -> str:
    """Give a command again, undisturbed; return what is wrong."""
    code = wait_for(start(folder, more))
    if code != 0:
        return f"exit code {code} when given again: {errors_of(folder).read_text()[-300:]}"
    if pq.read_metadata(folder / "out" / "failures.parquet").num_rows:
        return "there are failed replicates"
    return "" if tables(folder / "out") == whole else "other tables"


def in_workers(folder: Path, more: tuple[str, ...], error: str, whole: dict) -> str:
    """Let replicates meet what the machine lacks."""
    log = prepare(folder)
    fault = log.with_name("seen.log.fault")
    fault.write_text(error)
    code = wait_for(start(folder, more))
    bad = f"exit code {code}: {errors_of(folder).read_text()[-300:]}" if code != 5 else ""
    bad = bad or told_plainly(folder)
    fault.unlink()
    return bad or finished(folder, more, whole)


def in_parent(folder: Path, more: tuple[str, ...], before: Callable[[], None], whole: dict) -> str:
    """Let the process of the command meet what the machine lacks."""
    prepare(folder)
    code = wait_for(start(folder, more, before=before))
    if code != 5:
        return f"exit code {code}: {errors_of(folder).read_text()[-300:]}"
    return told_plainly(folder) or finished(folder, more, whole)


def mount(*arguments: str, command: str = "mount") -> bool:
    """Mount something; return whether that was allowed."""
    found = shutil.which(command)
    return (
        found is not None
        and subprocess.run([found, *arguments], capture_output=True, check=False).returncode == 0
    )


def on_small_disk(folder: Path, more: tuple[str, ...], whole: dict) -> str:
    """Let the disk be full while tables are written; return "refused" if there can be none."""
    prepare(folder)
    small = folder / "out"
    small.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)):
        return "refused"
    try:
        code = wait_for(start(folder, [*more, "--out=out/study"]))
        if code != 5:
            return f"exit code {code}: {errors_of(folder).read_text()[-300:]}"
        bad = told_plainly(folder)
        mount("-o", "remount,size=100m", str(small))
        code = wait_for(start(folder, [*more, "--out=out/study"]))
        if code != 0:
            return f"exit code {code} when given again"
        return bad or ("" if tables(small / "study") == whole else "other tables")
    finally:
        mount(str(small), command="umount")


def afterwards(folder: Path, place: str, error: BaseException, code: int, whole: dict) -> str:
    """Let what is made of the tables fail: these, and the manifest, must be there."""
    log = prepare(folder)
    ended = wait_for(start(folder, HERE, before=patched(front, place, error)))
    manifest = json.loads((folder / "out" / "manifest.json").read_text("utf-8"))
    if (ended, manifest["state"]) != (code, "simulated"):
        return f"exit code {ended}, state {manifest['state']}"
    if tables(folder / "out") != whole:
        return "other tables"
    if "all replicates are kept" not in errors_of(folder).read_text():
        return "it is not said that all replicates are kept"
    bad = finished(folder, HERE, whole)
    return bad or (f"{again(log)} replicates were simulated twice" if again(log) else "")


def namesakes(folder: Path, more: tuple[str, ...]) -> str:
    """Run a study, in an interpreter of its own, in a folder with files named like modules."""
    prepare(folder)
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"open('imported', 'a').write({name!r} + ' ')\n")
    command = [
        sys.executable, "-m", "sim", "run", "planned_2018", "--set", "trial.sample_size=40",
        "--replicates=12", "--out=out", *more,
    ]  # fmt: skip
    told = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST,
        env={**os.environ, "PYTHONPATH": str(Path(front.__file__).resolve().parents[2])},
    )  # fmt: skip
    if (folder / "imported").exists():
        return f"imported: {(folder / 'imported').read_text()}"
    return "" if told.returncode == 0 else f"exit code {told.returncode}: {told.stderr[-300:]}"


FULL = OSError(errno.ENOSPC, "No space left on device", "summary.svg")
AFTERWARDS = {
    "the summary raises": ("summarize_study", ValueError("no summary"), 70),
    "the figure raises": ("draw_study", ValueError("no figure"), 70),
    "no space for the summary": ("write_json", FULL, 5),
    "no space for the figure": ("draw_study", FULL, 5),
    "no memory for the figure": ("draw_study", MemoryError(), 5),
}


def cases(whole: dict) -> dict[str, Callable[[Path], str]]:
    """Return what is checked, by name."""
    found: dict[str, Callable[[Path], str]] = {}
    for name, more in (("here", HERE), ("joblib", JOBLIB), ("dask", DASK)):
        for kind, error in IN_WORKERS.items():
            case = partial(in_workers, more=more, error=error, whole=whole)
            found[f"{name}: {kind} in a replicate"] = case
        found[f"{name}: a folder with {NAMES[0]}.py, {NAMES[1]}.py, {NAMES[2]}.py and others"] = (
            partial(namesakes, more=more)
        )
    for name, more in (("here", HERE), ("joblib", JOBLIB)):
        found[f"{name}: no space left, on a small file system"] = partial(
            on_small_disk, more=more, whole=whole
        )
        for what, before in (
            ("the size of files is limited", limited(resource.RLIMIT_FSIZE, 10_000)),
            ("EIO when a file is synced", patched(os, "fsync", OSError(errno.EIO, "I/O error"))),
            ("ENOSPC when a file is synced", patched(os, "fsync", OSError(errno.ENOSPC, "full"))),
        ):
            found[f"{name}: {what}"] = partial(in_parent, more=more, before=before, whole=whole)
    for most in (16, 19, 21, 24):
        limit = limited(resource.RLIMIT_NOFILE, most)
        found[f"joblib: {most} open files"] = partial(
            in_parent, more=JOBLIB, before=limit, whole=whole
        )
    found["joblib: no more memory"] = partial(
        in_parent, more=JOBLIB, before=memory_limited, whole=whole
    )
    for name, (place, error, code) in AFTERWARDS.items():
        found[name] = partial(afterwards, place=place, error=error, code=code, whole=whole)
    return found


def main() -> int:
    """Run the checks; return 1 if one fails."""
    given = options(__doc__, at_once=AT_ONCE)
    told = Told()
    with scratch() as above:
        whole = undisturbed(above / "whole")
        import_dask()
        tried = {name: case for name, case in cases(whole).items() if given.only in name}

        def bad_of(name: str) -> str:
            folder = above / name
            bad = tried[name](folder)
            shutil.rmtree(folder)
            return bad

        for name, bad in zip(tried, in_parallel(bad_of, tried, given.at_once), strict=True):
            if bad == "refused":
                sys.stdout.write(f"{name}: not tried, no file system may be mounted here\n")
                continue
            told.case(name, int(not bad), 1, bad=[bad] if bad else [])
    return told.code


if __name__ == "__main__":
    sys.exit(main())
