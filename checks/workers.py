"""Loses parents, workers and schedulers on purpose, many times, and tries clusters of any size.

``python checks/workers.py``: ten seconds after the SIGKILL of its process nothing may be left of a
study. A worker that is killed may cost no more than a chunk of each worker, and the study ends as
if nothing had happened. A scheduler that is killed or silent is told in one line, with exit code 5,
and the same command ends with the tables of an undisturbed study. On a cluster of one thread, of
four in one worker, and on one that grows from one to four, tables are those of one process, and
this process uses little of a core.
"""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import chdir, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from kit.cluster import cluster
from kit.counted import (
    EXECUTORS,
    REPLICATES,
    errors_of,
    given_again,
    import_dask,
    plain_lines,
    prepare,
    start,
    tables,
    undisturbed,
    wait_for,
    wait_until_seen,
)
from kit.processes import of_session, shared_by, workers_of
from kit.scratch import scratch
from kit.told import Told
from kit.tries import AT_ONCE, SEED, at_random, in_parallel, options

import selfback as sb
from sim.study.executors import DaskExecutor
from sim.study.executors.dask import AHEAD
from sim.study.groups import CHUNK

DASK = "--executor=dask"
GRACE = 10.0
"""Seconds after which nothing may be left of a study whose process was killed."""
ATTEMPTS = 10
"""Of losing a parent, a scheduler in either way, and a worker half of the time."""
LARGER = ("selfback_2021", ["trial.sample_size=60"], 100)
"""A study whose replicates take about 0.1 s: scenario, changes and replicates."""
LATER = 5.0
"""Seconds after which further workers come."""
SHARE = 0.3
"""Of a core, that the process of a command may use while a cluster simulates."""

Found = tuple[str, float]
"""What is wrong, '' if nothing is; and what was measured."""


@dataclass(frozen=True)
class Loss:
    """What is tried, how often, and what the number is that is measured."""

    name: str
    times: int
    check: Callable[["Case"], Found]
    measured: Callable[[list[float]], str]


@dataclass(frozen=True)
class Case:
    """One try of a loss: with what, and in which folder."""

    loss: Loss
    number: int
    seed: int
    above: Path
    whole: dict[str, bytes]
    larger: dict[str, bytes]

    @property
    def folder(self) -> Path:
        """A folder of its own."""
        return self.above / f"{self.loss.name} {self.number}"

    def begin(self, more: tuple[str, ...]) -> int:
        """Start a study, and return its process while it has half of its replicates to do."""
        generator = at_random(self.seed, self.loss.name, self.number)
        log = prepare(self.folder)
        process = start(self.folder, more)
        wait_until_seen(process, log, 1 + generator.randrange(REPLICATES // 2))
        time.sleep(0.1 * generator.random())
        return process


def parent_is_killed(more: tuple[str, ...]) -> Callable[[Case], Found]:
    """Return a check that nothing is left of a study after SIGKILL; measures seconds."""

    def check(case: Case) -> Found:
        process = case.begin(more)
        os.kill(process, signal.SIGKILL)
        killed = time.monotonic()
        if wait_for(process) != -signal.SIGKILL:
            return "the study ended before it was killed", 0.0
        while True:
            left, shared = of_session(process), shared_by(process)
            took = time.monotonic() - killed
            if not left and not shared:
                return "", took
            if took > GRACE:
                break
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return f"left after {GRACE:g} s: {sorted(left.values())} {sorted(shared)}", took

    return check


def worker_is_killed(more: tuple[str, ...]) -> Callable[[Case], Found]:
    """Return a check that a killed worker costs little; measures replicates.

    By joblib that is its own chunk. The scheduler of Dask was seen to have a chunk of the other
    worker begun again as well.
    """
    most = CHUNK * (2 if DASK in more else 1)

    def check(case: Case) -> Found:
        process = case.begin(more)
        victims = workers_of(process)
        if not victims:
            return "it has no workers", 0.0
        os.kill(at_random(case.seed, "victim", case.number).choice(victims), signal.SIGKILL)
        code = wait_for(process)
        if code != 0:
            return f"exit code {code}: {errors_of(case.folder).read_text()[-300:]}", 0.0
        twice, fault = given_again(case.folder, None, case.whole, most=most)
        return fault, float(twice)

    return check


def scheduler_is_lost(number: int, words: str) -> Callable[[Case], Found]:
    """Return a check that a lost scheduler is told, and the study gone on with on another one.

    Measures replicates that were simulated twice: of each of two workers at most as many chunks as
    it is given at a time.
    """

    def check(case: Case) -> Found:
        with cluster(case.above / f"{case.folder.name} first", [1, 1]) as first:
            more = (DASK, f"--scheduler={first.file}")
            process = case.begin(more)
            first.scheduler.send_signal(number)
            code, lines = wait_for(process), plain_lines(case.folder)
        if code != 5 or len(lines) != 2 or words not in lines[0] or "are kept" not in lines[1]:
            return f"exit code {code}: {lines[:5]}", 0.0
        with cluster(case.above / f"{case.folder.name} second", [1, 1]) as second:
            more = (DASK, f"--scheduler={second.file}")
            twice, fault = given_again(case.folder, more, case.whole, most=2 * AHEAD * CHUNK)
        return fault, float(twice)

    return check


def cluster_of(threads: list[int], later: list[int]) -> Callable[[Case], Found]:
    """Return a check that a cluster does the work, whatever its size; measures our share of a core.

    Parameters
    ----------
    threads, later
        Of its workers: at first, and of those that come after a while.
    """

    def check(case: Case) -> Found:
        with cluster(case.folder, threads) as running:
            timer = threading.Timer(LATER, running.add_workers, (later,))
            timer.start()
            began, used = time.monotonic(), time.process_time()
            with redirect_stderr(StringIO()):  # it tells of the dashboard
                larger_study(case.folder / "out", executor=DaskExecutor(1, str(running.file)))
            share = (time.process_time() - used) / (time.monotonic() - began)
            timer.join()
        if tables(case.folder / "out") != case.larger:
            return "other tables", share
        return ("" if share < SHARE else f"this process used {share:.0%} of a core"), share

    return check


def larger_study(out: Path, **how: object) -> dict[str, bytes]:
    """Run the larger study, and return its tables."""
    name, changes, replicates = LARGER
    sb.run(sb.scenario(name, changes), replicates, out=out, progress=False, **how)
    return tables(out)


def seconds(found: list[float]) -> str:
    """Say how long it took at most."""
    return f"nothing left after at most {max(found):.1f} s"


def twice(found: list[float]) -> str:
    """Say how many replicates were simulated twice."""
    return f"at most {max(found):.0f} replicates simulated twice, {sum(found):.0f} in all"


def shares(found: list[float]) -> str:
    """Say what this process used."""
    return f"this process used {', '.join(f'{one:.0%}' for one in found)} of a core"


def losses(attempts: int) -> list[Loss]:
    """Return what is tried."""
    here = [(name.partition(",")[0], more) for name, more in EXECUTORS.items()]
    lost = "dask: the scheduler is"
    return [
        *(
            Loss(f"{name}: the parent is killed", attempts, parent_is_killed(more), seconds)
            for name, more in here[1:]
        ),
        *(
            Loss(f"{name}: a worker is killed", 2 * attempts, worker_is_killed(more), twice)
            for name, more in here[1:]
        ),
        Loss(f"{lost} killed", attempts, scheduler_is_lost(signal.SIGKILL, "was lost"), twice),
        Loss(f"{lost} silent", (attempts + 1) // 2,
             scheduler_is_lost(signal.SIGSTOP, "no answer for"), twice),
        Loss("dask: one thread", 1, cluster_of([1], []), shares),
        Loss("dask: one thread, later four", 1, cluster_of([1], [1, 1, 1]), shares),
        Loss("dask: one worker of four threads", 1, cluster_of([4], []), shares),
    ]  # fmt: skip


def main() -> int:
    """Run the checks; return 1 if one fails."""
    given = options(__doc__, times=ATTEMPTS, seed=SEED, at_once=AT_ONCE)
    told = Told()
    with scratch() as above, chdir(above):
        whole = undisturbed(above / "whole")
        import_dask()
        larger = larger_study(above / "larger", jobs=1)

        def tried(case: Case) -> Found:
            found = case.loss.check(case)
            shutil.rmtree(case.folder)
            return found

        for loss in losses(given.times):
            if given.only not in loss.name:
                continue
            turns = range(loss.times)
            cases = [Case(loss, number, given.seed, above, whole, larger) for number in turns]
            # Nothing else is to take its time while that is measured.
            found = [*in_parallel(tried, cases, 1 if loss.times == 1 else given.at_once)]
            bad = [fault for fault, _ in found if fault]
            say = loss.measured([number for fault, number in found if not fault] or [0.0])
            told.case(loss.name, loss.times - len(bad), loss.times, say, bad)
    return told.code


if __name__ == "__main__":
    sys.exit(main())
