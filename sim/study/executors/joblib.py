"""Processes on this machine: a pool of one process for each worker, from joblib's loky.

A pool of several processes breaks as a whole when one of them is lost. With one each, a lost worker
costs its own task and no other.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from operator import length_hint
from typing import Any, Generic

import cloudpickle
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from sim.study.executors.here import Here
from sim.study.executors.protocol import Result, Task
from sim.study.executors.starting import ENVIRONMENT, starting_workers
from sim.study.executors.worker import begin, work
from sim.study.failed import MachineError, machine_failure

TICK = 1.0
"""Seconds between two looks at tasks under way."""
MOST_LOSSES = 3
"""Workers that one task may cost before it is not tried again."""
UNKNOWN = 1 << 30
"""Number of tasks of a source that does not say how many it has."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a task may take before its worker counts as stuck.

    Attributes
    ----------
    first
        Seconds, while no task is finished.
    least, times
        Afterwards: as many times the longest task so far, and at least these seconds.
    """

    first: float = 1800.0
    least: float = 120.0
    times: float = 20.0

    def seconds(self, longest: float) -> float:
        """Return the seconds that a task may take; ``longest`` is 0 before the first is done."""
        return max(self.least, self.times * longest) if longest > 0.0 else self.first


@dataclass(slots=True)
class _Worker:
    """A pool of one process, and the number of the function that the process has."""

    pool: Any = field(default_factory=lambda: _pool_of_one())
    function: int = -1


@dataclass(slots=True)
class _Job(Generic[Task]):
    """A task, how many workers it has cost, and how long it is under way, in seconds."""

    task: Task
    losses: int = 0
    waited: float = 0.0


@dataclass(slots=True)
class Crew:
    """Workers that wait for more to do, from one call to the next.

    Attributes
    ----------
    idle
        Those without a task.
    functions
        Number of functions they were given so far.
    lost
        Number of workers that were lost or stuck so far.
    """

    idle: list[_Worker] = field(default_factory=list)
    functions: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class JoblibExecutor:
    """Processes on this machine; with one job, this process.

    Light tasks, such as trials without mechanisms, are done in this process while that is faster
    than to start workers.

    Attributes
    ----------
    jobs
        Number of processes, at least 1.
    patience
        When a worker counts as stuck.
    """

    jobs: int
    patience: Patience = Patience()
    crew: Crew = field(default_factory=Crew, compare=False, repr=False)
    _here: Here = field(default_factory=Here, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What a manifest calls it."""
        return "joblib"

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Generator[Result]:
        """Yield the results as they are finished.

        Raises
        ------
        MachineError
            If memory or files run out, or a task costs one worker after another.
        """
        try:
            rest = iter(tasks)
            number = length_hint(tasks, UNKNOWN)
            light = getattr(function, "light", False)
            while number > 0 and (self.jobs == 1 or (light and self._here.has_time(number))):
                for task in rest:
                    yield self._here.work(function, task)
                    number -= 1
                    break
                else:
                    return
            if number > 0:
                yield from self._by_workers(function, rest, min(self.jobs, number))
        except (OSError, MemoryError, RuntimeError) as error:
            failure = machine_failure(error)
            if not failure:
                raise
            raise MachineError(failure) from error

    def _by_workers(
        self, function: Callable[[Task], Result], tasks: Iterator[Task], jobs: int
    ) -> Generator[Result]:
        crew = self.crew
        crew.functions += 1
        pickled = cloudpickle.dumps(function)
        again: deque[_Job[Task]] = deque()
        done: deque[Result] = deque()
        busy: dict[Future[Result], tuple[_Worker, _Job[Task]]] = {}
        longest = 0.0
        try:
            while True:
                while len(busy) < jobs and (job := _next_job(again, tasks)) is not None:
                    worker, future = self._give(pickled, job.task)
                    busy[future] = (worker, job)
                if done:
                    yield done.popleft()
                    continue
                if not busy:
                    return
                started = time.monotonic()
                finished = wait(busy, timeout=TICK, return_when=FIRST_COMPLETED).done
                # Where this process itself was stopped, its workers are not to blame.
                waited = min(time.monotonic() - started, 2.0 * TICK)
                for _worker, job in busy.values():
                    job.waited += waited
                for future in finished:
                    worker, job = busy.pop(future)
                    try:
                        done.append(future.result())
                    except BrokenProcessPool:
                        self._lose(worker, job, "was ended")
                        again.append(job)
                    else:
                        crew.idle.append(worker)
                        longest = max(longest, job.waited)
                for future, (worker, job) in list(busy.items()):
                    if job.waited > self.patience.seconds(longest):
                        del busy[future]
                        self._lose(worker, job, f"was stuck for {job.waited:.0f} s")
                        again.append(job)
        finally:
            for worker, _job in busy.values():
                worker.pool.shutdown(wait=True, kill_workers=True)

    def _give(self, pickled: bytes, task: Task) -> tuple[_Worker, Future[Any]]:
        """Give a task to an idle worker, or to a new one; the function goes there once."""
        number = self.crew.functions
        while self.crew.idle:
            worker = self.crew.idle.pop()
            sent = None if worker.function == number else pickled
            try:
                future = worker.pool.submit(work, number, sent, task)
            except BrokenProcessPool:  # it was ended while it had nothing to do
                continue
            worker.function = number
            return worker, future
        with starting_workers():
            worker = _Worker(function=number)
            return worker, worker.pool.submit(work, number, pickled, task)

    def _lose(self, worker: _Worker, job: _Job[Task], what: str) -> None:
        """Note that a task has cost a worker.

        Raises
        ------
        MachineError
            If it has cost too many.
        """
        worker.pool.shutdown(wait=False, kill_workers=True)
        self.crew.lost += 1
        job.losses += 1
        job.waited = 0.0
        if job.losses >= MOST_LOSSES:
            raise MachineError(
                f"a worker {what}, {job.losses} times at the same replicates: by the system for "
                f"want of memory (use fewer than --jobs {self.jobs}), or by a recommender that "
                "ends or blocks its process"
            )


def _pool_of_one() -> Any:
    return ProcessPoolExecutor(
        max_workers=1, initializer=begin, initargs=(os.getpid(),), env=ENVIRONMENT
    )


def _next_job(again: deque[_Job[Task]], tasks: Iterator[Task]) -> _Job[Task] | None:
    """Return a task that is to be done again, else the next one; None if there is none."""
    if again:
        return again.popleft()
    return next((_Job(task) for task in tasks), None)
