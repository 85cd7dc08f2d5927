"""Workers on this machine: what they cost when they are lost, and that none stays behind."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sim.study.executors import joblib
from sim.study.executors.joblib import JoblibExecutor, Patience
from sim.study.failed import MachineError

ROOT = Path(__file__).parents[4]


def once_fatal(mark: Path, number: int, ending: str = "killed"):
    """Return a function that ends or stops its process at one number, the first time.

    It is a closure, so that it travels to workers by value: they do not import tests.
    """

    def square(value: int) -> int:
        if value == number and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL if ending == "killed" else signal.SIGSTOP)
        with (mark.parent / f"calls of {value}").open("a") as calls:
            calls.write(".")
        return value * value

    return square


def calls(folder: Path) -> dict[int, int]:
    return {int(f.name.split()[-1]): f.stat().st_size for f in folder.glob("calls of *")}


def test_a_killed_worker_costs_its_task_and_no_other(tmp_path):
    executor = JoblibExecutor(2)
    found = sorted(executor.run(once_fatal(tmp_path / "mark", 3), range(6)))
    assert found == [0, 1, 4, 9, 16, 25]
    assert executor.crew.lost == 1
    assert calls(tmp_path) == dict.fromkeys(range(6), 1)  # no finished task was done again


def test_a_stopped_worker_is_replaced(tmp_path):
    executor = JoblibExecutor(2, Patience(least=2.0, times=1.0))
    found = sorted(executor.run(once_fatal(tmp_path / "mark", 2, "stopped"), range(5)))
    assert found == [0, 1, 4, 9, 16]
    assert executor.crew.lost == 1


def test_a_task_that_ends_every_worker_is_given_up_in_one_line():
    def fatal(_value: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(MachineError, match="a worker was ended, 3 times at the same") as caught:
        list(JoblibExecutor(2).run(fatal, range(1, 3)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory ran out"),
        (OSError(errno.EMFILE, "Too many open files"), "too many open files for one process"),
        (OSError(errno.ENOSPC, "No space", "a.parquet"), "a.parquet: no space left on the disk"),
    ],
)
def test_limits_of_the_machine_are_told_in_one_line(error, words):
    def limited(_value: int) -> None:
        raise error

    for jobs in (1, 2):
        with pytest.raises(MachineError, match=words) as caught:
            list(JoblibExecutor(jobs).run(limited, range(2)))
        assert "\n" not in str(caught.value)


def test_other_errors_are_passed_on():
    def wrong(_value: int) -> None:
        raise FileNotFoundError("that one")

    for jobs in (1, 2):
        with pytest.raises(FileNotFoundError, match="that one"):
            list(JoblibExecutor(jobs).run(wrong, range(2)))


def test_tasks_are_taken_only_when_a_worker_is_free():
    taken = []

    def source():
        for number in range(100):
            taken.append(number)
            yield number

    results = JoblibExecutor(2).run(abs, source())
    assert next(results) in {0, 1, 2}
    assert len(taken) <= 4
    results.close()


def test_workers_are_used_again_for_the_next_function():
    executor = JoblibExecutor(2)

    def process(_value: int) -> int:
        return os.getpid()

    def process_and_number(value: int) -> tuple[int, int]:
        return os.getpid(), value

    first = set(executor.run(process, range(4)))
    assert {process for process, _number in executor.run(process_and_number, range(4))} <= first
    for worker in first:
        os.kill(worker, signal.SIGKILL)
    # They were lost while they had nothing to do: no task has cost a worker.
    assert not first & set(executor.run(process, range(4)))


PARENT = """
import os, sys, time
from sim.study.executors import JoblibExecutor, DaskExecutor

def process(_value):
    time.sleep(0.05)
    return os.getpid()

if __name__ == "__main__":
    executor = {"joblib": JoblibExecutor, "dask": DaskExecutor}[sys.argv[1]](2)
    workers = set()
    for worker in executor.run(process, range(10_000)):
        if worker not in workers:
            workers.add(worker)
            print(worker, flush=True)
"""


@pytest.mark.parametrize("executor", ["joblib", "dask"])
def test_nothing_is_left_of_a_parent_that_was_killed(tmp_path, executor, until):
    (tmp_path / "parent.py").write_text(PARENT)
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "parent.py", executor],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as parent:
        workers = {int(parent.stdout.readline()) for _ in range(2)}
        assert len(workers) == 2
        parent.kill()
    # checks/workers.py has the seconds.
    until(lambda: not alive(parent.pid), "its workers end")
    until(lambda: not shared_with(parent.pid), "its semaphores are gone")


def shared_with(process: int) -> list[str]:
    """Return what joblib keeps in shared memory for a process: it has its number in the name."""
    shared = Path("/dev/shm")  # noqa: S108 - where semaphores are
    return [path.name for path in shared.iterdir() if f"-{process}-" in path.name]


def alive(session: int) -> list[str]:
    """Return the live processes of a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, of = status.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append((status.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has just ended
            continue
    return found


def test_patience_grows_with_the_longest_task():
    patience = Patience(first=100.0, least=10.0, times=5.0)
    assert [patience.seconds(longest) for longest in (0.0, 1.0, 4.0)] == [100.0, 10.0, 20.0]
    assert joblib.MOST_LOSSES == 3


def test_a_worker_between_two_tasks_is_ended_with_the_others_by_an_interrupt(monkeypatch):
    """While it is given a task a worker is neither idle nor busy; it must not stay behind."""
    executor = JoblibExecutor(2)
    results = executor.run(lambda value: value, range(1, 9))
    assert next(results) in range(1, 9)
    workers = list(executor.crew.workers)
    processes = [pid for worker in workers for pid in worker.pool._processes]
    assert len(processes) == 2

    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    for worker in workers:
        monkeypatch.setattr(worker.pool, "submit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(results)
    executor.crew.idle.clear()  # as at the end of this process
    executor.crew.end_busy()
    assert executor.crew.workers == []
    for pid in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
