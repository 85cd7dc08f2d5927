"""Loses parents, workers and schedulers on purpose, many times: `python checks/workers.py`.

Every check prints one line, and the exit code is 1 if one of them fails. Short forms of them are
in tests/sim/study/executors.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import selfback as sb
from sim.study.executors import DaskExecutor

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path("/dev/shm")  # noqa: S108 - where semaphores are
STUDY = ("selfback_2021", "--set", "trial.sample_size=60")
REPLICATES = 60
WHILE = 5.0
"""Seconds after which further workers come."""
GRACE = 10.0
"""Seconds after which nothing may be left of a study whose process was killed."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
QUIET: dict[str, Any] = {
    "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT,
}  # fmt: skip


def begin(out: Path, *more: str, replicates: int = REPLICATES) -> subprocess.Popen[str]:
    """Start a study in a session of its own."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "sim", "run", *STUDY,
            f"--replicates={replicates}", f"--out={out}", *more,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        env=ENVIRONMENT,
        cwd=out.parent,
    )  # fmt: skip


def wait_until_at_work(study: subprocess.Popen[str]) -> None:
    """Return when the first replicates are done."""
    for line in study.stderr:
        if " of " in line and " 0 of " not in line:
            return
    raise RuntimeError(f"the study ended early with exit code {study.wait()}")


def of_session(session: int) -> dict[int, str]:
    """Return the live processes of a session, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(folder.name)] = command
        except (OSError, IndexError):  # it has just ended
            continue
    return found


def workers_of(study: subprocess.Popen[str]) -> list[int]:
    """Return the worker processes of a study."""
    marks = ("popen_loky", "spawn_main")
    return [
        pid for pid, command in of_session(study.pid).items() if any(m in command for m in marks)
    ]


def tables(folder: Path) -> dict[str, bytes]:
    """Return the tables of a study."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def parent_is_killed(executor: str, generator: random.Random, folder: Path, _: object) -> str:
    """Nothing is left 10 s after SIGKILL."""
    before = {path.name for path in SHARED.iterdir()}
    study = begin(folder / "out", "--jobs=2", f"--executor={executor}", replicates=300)
    wait_until_at_work(study)
    time.sleep(generator.random())
    os.kill(study.pid, signal.SIGKILL)
    study.wait()
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        left = of_session(study.pid)
        now = {path.name for path in SHARED.iterdir() if str(study.pid) in path.name}
        shared = now - before
        if not left and not shared:
            return ""
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return f"left after {GRACE:g} s: {sorted(left.values())} {sorted(shared)}"


def worker_is_lost(number: int) -> Callable[..., str]:
    """Return a check that a worker which is killed or stopped costs its replicates and no more."""

    def check(executor: str, generator: random.Random, folder: Path, whole: dict) -> str:
        study = begin(folder / "out", "--jobs=2", f"--executor={executor}")
        wait_until_at_work(study)
        victims = workers_of(study)
        os.kill(generator.choice(victims), number)
        told = study.communicate(timeout=600)[1]
        if study.returncode != 0:
            return f"exit code {study.returncode}: {told[-300:]}"
        return "" if tables(folder / "out") == whole else "other tables"

    return check


@contextmanager
def cluster(folder: Path, threads: list[int]) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Run a scheduler and workers with so many threads, on 127.0.0.1 only."""
    file = folder / "scheduler.json"
    scheduler = [
        sys.executable, "-m", "distributed.cli.dask_scheduler", f"--scheduler-file={file}",
        "--host=127.0.0.1", "--port=0", "--dashboard-address=127.0.0.1:0",
    ]  # fmt: skip
    processes = [subprocess.Popen(scheduler, **QUIET)]
    try:
        while not file.is_file() or not file.read_text():
            time.sleep(0.1)
        processes += [subprocess.Popen(worker(file, n), **QUIET) for n in threads]
        yield file, processes[0]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def worker(file: Path, threads: int) -> list[str]:
    """Return the command of a worker."""
    return [
        sys.executable, "-m", "distributed.cli.dask_worker", f"--scheduler-file={file}",
        "--host=127.0.0.1", f"--nthreads={threads}", "--no-nanny", "--no-dashboard",
        f"--local-directory={file.parent}",
    ]  # fmt: skip


def scheduler_is_lost(number: int, words: str) -> Callable[..., str]:
    """Return a check that a lost or silent scheduler is told in one line, with exit code 5."""

    def check(_executor: str, generator: random.Random, folder: Path, _: object) -> str:
        with cluster(folder, [1, 1]) as (file, scheduler):
            study = begin(folder / "out", "--executor=dask", f"--scheduler={file}", replicates=300)
            wait_until_at_work(study)
            time.sleep(generator.random())
            scheduler.send_signal(number)
            told = study.communicate(timeout=120)[1].splitlines()
        lines = [line for line in told if not line.startswith("simulating")]
        good = study.returncode == 5 and len(lines) == 1 and words in lines[0]
        return "" if good else f"exit code {study.returncode}: {lines[:5]}"

    return check


def cluster_of(threads: list[int], later: list[int], highest: float) -> Callable[..., str]:
    """Return a check that a running cluster does the work, whatever its size, and we hand it out.

    Parameters
    ----------
    threads, later
        Of its workers: at first, and those that come when the first results are there.
    highest
        Allowed share of a core for this process.
    """

    def check(_executor: str, _generator: random.Random, folder: Path, whole: dict) -> str:
        with cluster(folder, threads) as (file, _scheduler):
            came: list[subprocess.Popen[bytes]] = []

            def add_workers() -> None:
                came.extend(subprocess.Popen(worker(file, n), **QUIET) for n in later)

            timer = threading.Timer(WHILE, add_workers)
            timer.start()
            started, before = time.monotonic(), time.process_time()
            sb.run(
                sb.scenario(STUDY[0], [STUDY[2]]), REPLICATES,
                executor=DaskExecutor(1, str(file)), out=folder / "out", progress=False,
            )  # fmt: skip
            share = (time.process_time() - before) / (time.monotonic() - started)
            timer.join()
            for process in came:
                process.kill()
        if tables(folder / "out") != whole:
            return "other tables"
        return "" if share < highest else f"this process used {share:.0%} of a core"

    return check


CHECKS: dict[str, tuple[str, Callable[..., str]]] = {
    "joblib: the parent is killed": ("joblib", parent_is_killed),
    "dask: the parent is killed": ("dask", parent_is_killed),
    "joblib: a worker is killed": ("joblib", worker_is_lost(signal.SIGKILL)),
    "dask: a worker is killed": ("dask", worker_is_lost(signal.SIGKILL)),
    "dask: the scheduler is killed": ("dask", scheduler_is_lost(signal.SIGKILL, "was lost")),
    "dask: the scheduler is silent": ("dask", scheduler_is_lost(signal.SIGSTOP, "no answer for")),
    "dask: one thread": ("dask", cluster_of([1], [], 0.3)),
    "dask: one thread, later four": ("dask", cluster_of([1], [1, 1, 1], 0.3)),
    "dask: one worker of four threads": ("dask", cluster_of([4], [], 0.3)),
}
"""What is checked, with which executor."""


def main() -> int:
    """Run the checks; return 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10, help="how often each is done")
    parser.add_argument("--only", default="", help="those with these words in their name")
    parser.add_argument("--seed", type=int, default=20190308)
    given = parser.parse_args()
    generator = random.Random(given.seed)
    failed = 0
    with tempfile.TemporaryDirectory() as above:
        study = begin(Path(above) / "whole", "--jobs=2")
        if study.wait() != 0:
            raise RuntimeError(study.stderr.read())
        whole = tables(Path(above) / "whole")
        for name, (executor, check) in CHECKS.items():
            if given.only not in name:
                continue
            reasons = []
            for _ in range(given.times):
                with tempfile.TemporaryDirectory(dir=above) as folder:
                    reasons.append(check(executor, generator, Path(folder), whole))
            bad = [reason for reason in reasons if reason]
            failed += len(bad)
            print(
                f"{name}: {given.times - len(bad)} of {given.times}", *bad, sep="\n    ", flush=True
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
