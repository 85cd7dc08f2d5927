"""Workers of Dask: a cluster on this machine, or one that is running elsewhere."""

import os
import time
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from operator import length_hint
from queue import Empty, SimpleQueue
from typing import Any

import cloudpickle

from scenarios.errors import one_line
from sim.study.executors.cluster import Session, connect
from sim.study.executors.dask_worker import load, work
from sim.study.executors.protocol import Result, Task
from sim.study.failed import MachineError, machine_failure

TICK = 1.0
"""Seconds between two looks at the cluster."""
AHEAD = 2
"""Tasks under way for each thread of a cluster elsewhere: one that runs, and one that waits for its
end. On this machine there is one: a new one is there at once, and no more is lost with us."""
ANYWHERE = "anywhere"
"""Place of a task that is given to no worker."""
UNKNOWN = 1 << 30
"""Number of tasks of a source that does not say how many it has."""
_END = object()


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds after which we stop waiting for a cluster.

    Attributes
    ----------
    start
        For a scheduler that is running.
    own
        For the scheduler of a cluster of our own, which starts on a machine that may be busy.
    silence
        For an answer of a scheduler.
    workers
        For a worker, when there are none yet or all are gone.
    result
        For a result, while there are workers.
    """

    start: float = 10.0
    own: float = 120.0
    silence: float = 30.0
    workers: float = 300.0
    result: float = 1800.0


@dataclass(frozen=True, slots=True, weakref_slot=True)
class DaskExecutor:
    """Workers of Dask: a cluster on this machine, or one that is running elsewhere.

    The cluster may have any number of threads, and grow and shrink: as many tasks are under way as
    it has use for. What is lost with a worker, the scheduler gives to another. This process only
    hands out tasks and takes results.

    Attributes
    ----------
    workers
        How many, one thread each, the cluster on this machine has.
    scheduler
        Address of a running scheduler such as ``tcp://10.0.0.5:8786``, or the file that it wrote
        (``dask scheduler --scheduler-file``); its workers need this package. None for a cluster of
        our own.
    waits
        How long we wait.
    seen
        How many threads the cluster was seen to have.
    """

    workers: int
    scheduler: str | None = None
    waits: Waits = Waits()
    seen: set[int] = field(default_factory=set, compare=False, repr=False)
    _open: list[Session] = field(default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        weakref.finalize(self, _close, self._open)

    @property
    def name(self) -> str:
        """What a manifest calls it."""
        return "dask"

    @property
    def jobs(self) -> int:
        """Number of workers: of a cluster elsewhere, its threads, as many as were seen at once."""
        return self.workers if self.scheduler is None else max(self.seen, default=1)

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Generator[Result]:
        """Yield the results as they are finished.

        Raises
        ------
        InputError
            If Dask is not installed, the scheduler is not reached, it has no workers, or a worker
            does not have this version of the package.
        MachineError
            If the scheduler is lost or silent, there are no workers for too long, or a task ends
            one worker after another.
        """
        rest = iter(tasks)
        number = length_hint(tasks, UNKNOWN)
        if number == 0:
            return
        if not self._open:
            jobs = min(self.workers, number)
            start = self.waits.own if self.scheduler is None else self.waits.start
            self._open.append(connect(jobs, self.scheduler, start, self.waits.workers))
        try:
            with closing(_Run(self._open[0], self, function).results(rest)) as results:
                yield from results
        except BaseException as error:
            # Whatever is still under way there is not wanted any more.
            _close(self._open)
            failure = machine_failure(error) if isinstance(error, Exception) else ""
            if failure and not isinstance(error, MachineError):
                raise MachineError(failure) from error
            raise


def _close(sessions: list[Session]) -> None:
    while sessions:
        sessions.pop().close()


class _Run:
    """One function on the tasks of one call."""

    _numbers = count()

    def __init__(
        self, session: Session, executor: DaskExecutor, function: Callable[[Any], Any]
    ) -> None:
        self.session, self.waits, self.counts = session, executor.waits, executor.seen
        self.name = f"selfback-{os.getpid()}-{id(session):x}-{next(self._numbers)}"
        self.pickled = cloudpickle.dumps(function)
        self.finished: SimpleQueue[Any] = SimpleQueue()
        self.threads: dict[str, int] = {}
        self.heard = self.seen = self.looked = time.monotonic()

    def results(self, tasks: Iterator[Task]) -> Generator[Any]:
        """Yield the results as they are finished."""
        client = self.session.client
        self._look()
        # A task of its own: the scheduler has it once, hands it from worker to worker, and has it
        # made again where a worker that had it is lost.
        function = client.submit(load, self.pickled, key=f"{self.name}-function", pure=False)
        numbers = count()
        pending: dict[Any, tuple[Any, str]] = {}
        more = True
        while True:
            while more and (place := self._with_room([place for _, place in pending.values()])):
                task = next(tasks, _END)
                if task is _END:
                    more = False
                    break
                key = f"{self.name}-{next(numbers)}"
                # By itself the scheduler would rather give all tasks to the worker that has the
                # function. If the place is lost it may give the task to another.
                where = None if place == ANYWHERE else [place]
                future = client.submit(
                    work, function, task, key=key, pure=False, workers=where,
                    allow_other_workers=where is not None,
                )  # fmt: skip
                pending[key] = future, place
                future.add_done_callback(self.finished.put)
            if not pending and not more:
                return
            if time.monotonic() - self.looked >= TICK:
                self._look()
            try:
                future = self.finished.get(timeout=TICK)
            except Empty:
                continue
            self.heard = time.monotonic()
            del pending[future.key]
            yield self._result(future)
            self.heard = time.monotonic()

    def _with_room(self, busy: list[str]) -> str:
        """Return the address of the worker that has most need of a task, '' if none has any.

        :data:`ANYWHERE` stands for the workers to come, where there are none.

        Parameters
        ----------
        busy
            Addresses of the workers that tasks under way were given to.
        """
        if not self.threads:
            # A cluster that adapts starts workers when there is a task for them.
            return "" if busy else ANYWHERE
        ahead = 1 if self.session.cluster is not None else AHEAD
        given = Counter(busy)
        room = {place: ahead * most - given[place] for place, most in self.threads.items()}
        place = max(room, key=room.__getitem__)
        return place if room[place] > 0 else ""

    def _result(self, future: Any) -> Any:
        if future.status == "finished":
            with self.session.answering(self.waits.silence):
                return future.result(timeout=self.waits.silence)
        if future.status == "error":
            with self.session.answering(self.waits.silence):
                error = future.exception(timeout=self.waits.silence)
            self._tell(error)
        raise self.session.lost("its connection was closed")

    def _tell(self, error: BaseException) -> None:
        """Raise what ended a task; a worker that was lost or cannot do it, in one line."""
        place = self.session.place
        if type(error).__name__ == "KilledWorker":
            raise MachineError(
                f"{place}: the same replicates ended one worker after another: for want of memory, "
                "or by a recommender that ends its process"
            ) from error
        if isinstance(error, (ImportError, AttributeError)):
            self.session.check_package()
        if type(error).__module__.partition(".")[0] == "distributed":
            raise MachineError(f"{place}: {one_line(str(error))[:200]}") from error
        raise error

    def _look(self) -> None:
        """Ask the scheduler for its threads.

        Raises
        ------
        MachineError
            If it does not answer, or there have been no workers, or no results, for too long.
        """
        self.threads = self.session.threads(self.waits.silence)
        threads = sum(self.threads.values())
        self.counts.add(max(threads, 1))
        now = self.looked = time.monotonic()
        place = self.session.place
        if threads:
            self.seen = now
        elif now - self.seen > self.waits.workers:
            raise MachineError(f"{place} has had no workers for {self.waits.workers:g} s")
        if now - self.heard > self.waits.result + (now - self.seen):
            raise MachineError(f"{place}: no result for {self.waits.result:g} s")
