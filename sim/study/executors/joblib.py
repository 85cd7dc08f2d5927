"""Processes on this machine: a pool of one process for each worker, from joblib's loky.

A pool of several processes breaks as a whole when one of them is lost. With one each, a lost worker
costs its own task and no other.
"""

import atexit
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, suppress
from dataclasses import dataclass, field
from operator import length_hint
from typing import Any, Generic, cast

import cloudpickle
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from sim.study.executors.here import Here
from sim.study.executors.protocol import Result, Task
from sim.study.executors.starting import ENVIRONMENT, check_files, starting_workers
from sim.study.executors.worker import begin, work
from sim.study.failed import MachineError, machine_failure

TICK = 1.0
"""Seconds between two looks at tasks under way."""
MOST_LOSSES = 3
"""Workers that one task may cost before it is not tried again."""
FILES = 24
"""Files that are open in this process while a worker is started, at most; some stay open."""
UNKNOWN = 1 << 30
"""Number of tasks of a source that does not say how many it has."""
_END = object()


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


@dataclass(slots=True, eq=False)
class _Worker:
    """A pool of one process, and the number of the function that the process has."""

    pool: Any
    function: int = -1

    def end(self, *, wait: bool) -> None:
        """End the process, whatever it does."""
        # The thread of the pool that would do so may have met a limit, and be gone.
        for pid in list(self.pool._processes or {}):  # noqa: SLF001 - no public name
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.pool.shutdown(wait=wait, kill_workers=True)


@dataclass(slots=True)
class Crew:
    """Workers that wait for more to do, from one call to the next.

    Attributes
    ----------
    workers
        All that were started and not ended. An interrupt may come while one is between two tasks,
        and in no other list.
    idle
        Those without a task.
    functions
        Number of functions they were given so far.
    lost
        Number of workers that were lost or stuck so far.
    """

    workers: list[_Worker] = field(default_factory=list)
    idle: list[_Worker] = field(default_factory=list)
    functions: int = 0
    lost: int = 0

    def __post_init__(self) -> None:
        """End the workers when this process ends, which would wait for them otherwise."""
        atexit.register(self._end)

    def _end(self) -> None:
        self.idle.clear()
        self.end_busy()

    def end(self, worker: _Worker, *, wait: bool) -> None:
        """End one of the workers."""
        worker.end(wait=wait)
        if worker in self.workers:
            self.workers.remove(worker)

    def end_busy(self) -> None:
        """End all workers that are not idle."""
        for worker in [each for each in self.workers if each not in self.idle]:
            self.end(worker, wait=True)


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
    crew
        The processes between two calls.
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
        rest = iter(tasks)
        light = getattr(function, "light", False)
        try:
            while self.jobs == 1 or (
                light and self._here.has_time(length_hint(rest, UNKNOWN), self.jobs)
            ):
                task = next(rest, _END)
                if task is _END:
                    return
                yield self._here.work(function, cast("Task", task))
            left = length_hint(rest, UNKNOWN)
            if left > 0:
                run = _Run(self.crew, min(self.jobs, left), self.patience, function, rest)
                with closing(run.results()) as results:
                    yield from results
        except Exception as error:  # a library may have met the limit, and stumbled over it
            failure = machine_failure(error)
            if not failure:
                raise
            raise MachineError(failure) from error


@dataclass(slots=True)
class _Job(Generic[Task]):
    """A task, how many workers it has cost, and how long it is under way, in seconds."""

    task: Task
    losses: int = 0
    waited: float = 0.0


class _Run(Generic[Task, Result]):
    """One function on the tasks of one call."""

    def __init__(
        self,
        crew: Crew,
        jobs: int,
        patience: Patience,
        function: Callable[[Task], Result],
        tasks: Iterator[Task],
    ) -> None:
        crew.functions += 1
        self.crew, self.jobs, self.patience, self.tasks = crew, jobs, patience, tasks
        self.pickled = cloudpickle.dumps(function)
        self.again: deque[_Job[Task]] = deque()
        self.busy: dict[Future[Result], tuple[_Worker, _Job[Task]]] = {}
        self.longest = 0.0
        self.stumbled: list[BaseException] = []

    def results(self) -> Generator[Result]:
        """Yield the results as they are finished."""
        before = threading.excepthook
        threading.excepthook = self._hear
        try:
            done: deque[Result] = deque()
            while True:
                # A worker goes on when its result has been taken, and is kept: so no more than one
                # task of each worker is lost, at whatever instant this process ends.
                while len(self.busy) + len(done) < self.jobs and (job := self._next()) is not None:
                    self._give(job)
                if done:
                    yield done.popleft()
                elif self.busy:
                    done.extend(self._finished())
                    self._end_stuck()
                else:
                    return
        finally:
            threading.excepthook = before
            self.crew.end_busy()

    def _hear(self, given: threading.ExceptHookArgs) -> None:
        """Take note of an exception in a thread: where one of a pool ends, no result comes."""
        if given.exc_value is not None:
            self.stumbled.append(given.exc_value)

    def _next(self) -> _Job[Task] | None:
        """Return a task that is to be done again, else the next one; None if there is none."""
        if self.again:
            return self.again.popleft()
        return next((_Job(task) for task in self.tasks), None)

    def _give(self, job: _Job[Task]) -> None:
        """Give a task to an idle worker, or to a new one; the function goes there once."""
        number = self.crew.functions
        while self.crew.idle:
            worker = self.crew.idle.pop()
            sent = None if worker.function == number else self.pickled
            try:
                future = worker.pool.submit(work, number, sent, job.task)
            except BrokenProcessPool:  # it was ended while it had nothing to do
                self.crew.end(worker, wait=False)
                continue
            worker.function = number
            self.busy[future] = (worker, job)
            return
        check_files(FILES)
        with starting_workers():
            pool = ProcessPoolExecutor(
                max_workers=1, initializer=begin, initargs=(os.getpid(),), env=ENVIRONMENT
            )
            worker = _Worker(pool, number)
            self.crew.workers.append(worker)
            self.busy[pool.submit(work, number, self.pickled, job.task)] = (worker, job)

    def _finished(self) -> Iterator[Result]:
        """Wait a moment, and yield what has been finished meanwhile."""
        if self.stumbled:
            raise self.stumbled[0]
        started = time.monotonic()
        finished = wait(self.busy, timeout=TICK, return_when=FIRST_COMPLETED).done
        # Where this process itself was stopped, its workers are not to blame.
        waited = min(time.monotonic() - started, 2.0 * TICK)
        for _worker, job in self.busy.values():
            job.waited += waited
        for future in finished:
            worker, job = self.busy.pop(future)
            try:
                result = future.result()
            except BrokenProcessPool:
                self._lose(worker, job, "was ended")
            except (
                BaseException
            ):  # of the task: the worker itself is well, and ended with the others
                self.crew.idle.append(worker)
                raise
            else:
                self.crew.idle.append(worker)
                self.longest = max(self.longest, job.waited)
                yield result

    def _end_stuck(self) -> None:
        for future, (worker, job) in list(self.busy.items()):
            if job.waited > self.patience.seconds(self.longest):
                del self.busy[future]
                self._lose(worker, job, f"was stuck for {job.waited:.0f} s")

    def _lose(self, worker: _Worker, job: _Job[Task], what: str) -> None:
        """Let the task of a lost worker be done again.

        Raises
        ------
        MachineError
            If it has cost too many workers.
        """
        self.crew.end(worker, wait=False)
        self.crew.lost += 1
        job.losses += 1
        job.waited = 0.0
        if job.losses >= MOST_LOSSES:
            raise MachineError(
                f"a worker {what}, {job.losses} times at the same replicates: by the system for "
                "want of memory (use fewer --jobs), or by a recommender that ends or blocks its "
                "process"
            )
        self.again.append(job)
