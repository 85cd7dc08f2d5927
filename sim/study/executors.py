"""Executors of a study: this machine's cores, or a Dask cluster."""

import logging
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from operator import length_hint
from typing import Any, Protocol, TypeVar

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from scenarios.errors import InputError, one_line
from sim.interrupts import held
from sim.study.failed import MachineError

PACKAGE = "selfback-insilico"
"""What a worker elsewhere must have installed."""

SECONDS_TO_START = 2.5
"""Seconds until workers are ready, most of them for imports: each on a core of its own. Seconds are
of the processor: where the machine is busy, workers start as much later as tasks take longer."""

Task = TypeVar("Task")
Result = TypeVar("Result")
Given_co = TypeVar("Given_co", covariant=True)


class Tasks(Protocol[Given_co]):
    """What is to be done: handed out one by one as workers become free, at most so many."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Given_co]: ...


class Executor(Protocol):
    """Applies a function to tasks on several workers.

    Results are yielded as they are finished, in any order, and are not kept; a worker uses one
    thread. An exception in the function ends the work, and so does closing the generator. A
    function with a true attribute ``light`` makes no more of a task than starting a worker does.
    """

    @property
    def name(self) -> str:
        """What a manifest calls it."""

    @property
    def jobs(self) -> int:
        """Number of workers, at least 1."""

    def run(self, function: Callable[[Task], Result], tasks: Tasks[Task]) -> Generator[Result]:
        """Yield the results as they are finished."""


@dataclass(slots=True)
class _Here:
    """What light tasks have cost in this process, to tell when workers are worth their start.

    Attributes
    ----------
    spent
        Seconds in all.
    last
        Seconds of the last task, 0 before the first.
    """

    spent: float = 0.0
    last: float = 0.0

    def has_time(self, tasks: int, jobs: int) -> bool:
        """Return whether as many tasks more, like the last one, are still done in this process.

        With j workers, work of w seconds takes as long as their start and w / j. So they are worth
        their start if w (j - 1) / j is more than that. More tasks may be asked for later on, as by
        a search: what has been spent counts as well, and so little is ever lost by waiting.
        """
        return (self.spent + tasks * self.last) * (jobs - 1) <= SECONDS_TO_START * jobs

    def add(self, seconds: float) -> None:
        """Note what a task has cost."""
        self.spent += seconds
        self.last = seconds


@dataclass(frozen=True, slots=True)
class JoblibExecutor:
    """Processes on this machine; with one job, this process.

    Light tasks, such as trials without mechanisms, are done in this process while that is faster
    than to start workers.

    Attributes
    ----------
    jobs
        Number of processes, at least 1.
    """

    jobs: int
    _here: _Here = field(default_factory=_Here, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What a manifest calls it."""
        return "joblib"

    def run(self, function: Callable[[Task], Result], tasks: Tasks[Task]) -> Generator[Result]:
        """Yield the results as they are finished.

        Raises
        ------
        MachineError
            If the system ends a worker, most often for want of memory.
        """
        light = getattr(function, "light", False)
        waiting = iter(tasks)
        while self.jobs == 1 or (light and self._here.has_time(length_hint(waiting), self.jobs)):
            try:
                task = next(waiting)
            except StopIteration:
                return
            started = time.process_time()
            with threadpool_limits(limits=1):
                result = function(task)
            self._here.add(time.process_time() - started)
            yield result
        left = length_hint(waiting, len(tasks))
        if not left:
            return
        jobs = min(self.jobs, left)
        try:
            with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
                yield from _parallel(function, waiting)
        except TerminatedWorkerError as error:
            raise MachineError(
                f"a worker was ended: by the system for want of memory (use fewer than --jobs "
                f"{self.jobs}), or by a recommender that ends its process"
            ) from error


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """Workers of Dask: a cluster on this machine, or one that is running elsewhere.

    Attributes
    ----------
    jobs
        Number of workers, one thread each, of the cluster on this machine.
    scheduler
        Address of a running scheduler such as ``tcp://10.0.0.5:8786``; its workers need this
        package. None for a cluster of our own.
    timeout
        Seconds to wait for the scheduler, and for its first worker.
    """

    jobs: int
    scheduler: str | None = None
    timeout: float = 10.0

    @property
    def name(self) -> str:
        """What a manifest calls it."""
        return "dask"

    def run(self, function: Callable[[Task], Result], tasks: Tasks[Task]) -> Generator[Result]:
        """Yield the results as they are finished.

        Raises
        ------
        InputError
            If Dask is not installed, the scheduler is not reached, it has no workers, or a worker
            does not have this version of the package.
        MachineError
            If the scheduler is lost.
        """
        with ExitStack() as stack:
            workers = min(self.jobs, max(len(tasks), 1))
            client = stack.enter_context(self._client(stack, workers))
            self._await_worker(client)
            self._check_package(client)
            try:
                with parallel_config(backend="dask", client=client):
                    yield from _parallel(_OneThread(function), tasks)
            except OSError as error:
                raise MachineError(
                    f"{self._place} was lost: {one_line(str(error))[:200]}"
                ) from error

    @property
    def _place(self) -> str:
        return f"--scheduler {self.scheduler}" if self.scheduler else "Dask on this machine"

    def _client(self, stack: ExitStack, workers: int) -> Any:
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise InputError(
                "--executor dask needs the extra 'dask': pip install 'selfback-insilico[dask]'"
            ) from error
        if self.scheduler is None:
            with held():
                cluster = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    # No dashboard; what is served over HTTP all the same takes any free port.
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,  # workers complain when a study is broken off
                )
                stack.enter_context(cluster)
            return distributed.Client(cluster, timeout=self.timeout)
        try:
            return distributed.Client(self.scheduler, timeout=self.timeout)
        except (OSError, ValueError, TypeError) as error:
            reason = one_line(str(error))[:200]
            raise InputError(
                f"--scheduler {self.scheduler} is not reached within {self.timeout:g} s: {reason}"
            ) from error

    def _await_worker(self, client: Any) -> None:
        try:
            client.wait_for_workers(1, timeout=self.timeout)
        except TimeoutError as error:
            raise InputError(f"{self._place} has no workers after {self.timeout:g} s") from error

    def _check_package(self, client: Any) -> None:
        """Refuse workers that cannot read our tasks: they would keep us waiting for ever."""
        ours = version(PACKAGE)
        found = client.run(version, PACKAGE, on_error="return")
        for worker, theirs in found.items():
            if theirs != ours:
                raise InputError(
                    f"{self._place}: worker {worker} does not have {PACKAGE} {ours}: {theirs}"
                )


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # joblib hashes and names it
class _OneThread:
    """A function that leaves the other threads of its worker alone."""

    function: Callable[[Any], Any]

    def __call__(self, task: Any) -> Any:
        with threadpool_limits(limits=1):
            return self.function(task)


def _parallel(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Generator[Result]:
    parallel = Parallel(return_as="generator_unordered", batch_size=1)
    with ExitStack() as stack:
        with held():  # workers are started with the first tasks
            results = parallel(delayed(function)(task) for task in tasks)
            stack.callback(_break_off, results)
        for result in results:  # noqa: UP028 - "yield from" would close the results by itself
            yield result


def _break_off(results: Generator[Any]) -> None:
    """Stop the workers, if they are not done."""
    usual = threading.excepthook

    def tell(failure: threading.ExceptHookArgs) -> None:
        # The thread that feeds workers stumbles over tasks that are taken away from it.
        if failure.exc_type is not KeyError:
            usual(failure)

    threading.excepthook = tell
    try:
        with warnings.catch_warnings():
            # Who breaks a study off knows that tasks were cancelled.
            warnings.filterwarnings("ignore", message=".*have been cancelled", category=UserWarning)
            results.close()
    finally:
        threading.excepthook = usual


def make_executor(
    kind: str = "joblib", jobs: int | None = None, scheduler: str | None = None
) -> Executor:
    """Return the executor of this name.

    Parameters
    ----------
    kind
        ``"joblib"`` or ``"dask"``.
    jobs
        Number of workers, at least 1; by default as many as there are cores.
    scheduler
        Address of a running Dask scheduler.

    Raises
    ------
    InputError
        If the name is unknown, ``jobs`` is below 1, or a scheduler is given to joblib.
    """
    if jobs is None:
        jobs = int(cpu_count())
    if jobs < 1:
        raise InputError(f"--jobs {jobs} is not allowed: must be at least 1")
    if kind == "dask":
        return DaskExecutor(jobs, scheduler)
    if kind != "joblib":
        raise InputError(f"--executor {kind} is not allowed: must be joblib or dask")
    if scheduler is not None:
        raise InputError(f"--scheduler {scheduler} needs --executor dask")
    return JoblibExecutor(jobs)
