"""Runs many replicates of one scenario and keeps their tables in a folder."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeGuard, runtime_checkable

import pyarrow as pa

from analysis.plan.own import find_own
from recommender.protocol import RecommenderError
from scenarios.errors import InputError, one_line
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.recommenders.own import try_out
from sim.replicates.analysed import FAILURE_SCHEMA, run_replicate
from sim.study.executors import Executor
from sim.study.failed import AllFailedError
from sim.study.frame import OpenStudy, Setting, open_study
from sim.study.place import Place
from sim.study.progress import Advance, ignore
from sim.study.store import StudyStore

CHUNK = 5
"""Replicates in a task. Fixed, so that tables do not depend on the number of workers."""
CHUNK_AT_ONCE = 25
"""Replicates in a task where they are run together: a task takes about as long."""
LARGEST = 2**31
"""Replicate numbers are 32-bit in the tables."""

Replicate = Callable[[Scenario, int], dict[str, pa.Table]]


@runtime_checkable
class Several(Protocol):
    """A :data:`Replicate` that can run several replicates together for less."""

    def at_once(self, scenario: Scenario) -> bool:
        """Return whether it can for this scenario."""
        ...

    def several(self, scenario: Scenario, replicates: Sequence[int]) -> dict[str, pa.Table]:
        """Return the same tables as of one replicate after another, or raise an exception."""
        ...


@dataclass(frozen=True, slots=True)
class StudyResult:
    """A study that has been run.

    Attributes
    ----------
    directory
        Where its tables are.
    replicates
        How many were asked for.
    failed
        How many of them raised an exception; each is a row of the table of failures.
    first_failure
        Reason of the first of these, '' if there is none.
    seconds
        Duration.
    """

    directory: Path
    replicates: int
    failed: int
    first_failure: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """Tables of consecutive replicates, and the failures among them."""

    first: int
    replicates: int
    tables: dict[str, pa.Table]
    failures: dict[int, str]


@dataclass(frozen=True, slots=True)
class RunChunk:
    """Runs consecutive replicates of a scenario: the task of a worker.

    It carries the folder in which the study was begun, so that a worker finds there the module of a
    recommender or an analysis that the scenario names.
    """

    scenario: Scenario
    replicate: Replicate
    folder: Path = field(default_factory=Path.cwd)

    @property
    def light(self) -> bool:
        """Whether replicates are run together, and cost so little that workers may not pay.

        What a user's own analysis costs, and whether it ends its process, is not known.
        """
        own = self.scenario.analysis.own_analyses
        return not own and can_run_at_once(self.replicate, self.scenario)

    def __call__(self, numbers: range) -> ChunkResult:
        """Run them; one that raises becomes a row of the failures, and the others go on."""
        if self.scenario.recommender.is_own or self.scenario.analysis.own_analyses:
            look_in(self.folder)
        replicate = self.replicate
        if can_run_at_once(replicate, self.scenario):
            # Whatever is wrong with one of them, it says itself when it is run by itself.
            with suppress(Exception):
                together = replicate.several(self.scenario, numbers)
                return ChunkResult(numbers.start, len(numbers), together, {})
        done: list[dict[str, pa.Table]] = []
        failures: dict[int, str] = {}
        for number in numbers:
            try:
                done.append(replicate(self.scenario, number))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is kept as a row
                stage = "recommender" if isinstance(error, RecommenderError) else "replicate"
                failures[number] = one_line(f"{type(error).__name__}: {error}")
                done.append({"failures": _failure(number, stage, failures[number])})
        names = dict.fromkeys(name for tables in done for name in tables)
        tables = {n: pa.concat_tables([t[n] for t in done if n in t]) for n in names}
        return ChunkResult(numbers.start, len(numbers), tables, failures)


def can_run_at_once(replicate: Replicate, scenario: Scenario) -> TypeGuard[Several]:
    """Return whether several replicates of a scenario are run together."""
    return isinstance(replicate, Several) and replicate.at_once(scenario)


def run_chunks(
    executor: Executor, scenario: Scenario, replicate: Replicate, chunks: Sequence[range]
) -> Generator[ChunkResult]:
    """Yield chunks of replicates as they are finished; an executor is at work until closed."""
    with closing(executor.run(RunChunk(scenario, replicate), chunks)) as results:
        yield from results


def run_study(
    scenario: Scenario,
    *,
    replicates: int,
    executor: Executor,
    out: Path | Place,
    overwrite: bool = False,
    first: int = 0,
    on_progress: Advance = ignore,
    finish: Callable[[Path], None] | None = None,
    replicate: Replicate = run_replicate,
) -> StudyResult:
    """Run replicates and write their tables and a manifest to a folder.

    One failed replicate never ends a study. The tables are the same, byte for byte, whatever the
    executor and its number of workers.

    Parameters
    ----------
    scenario
        What to simulate.
    replicates, first
        How many, and the number of the first.
    executor
        Runs the replicates.
    out
        The folder to make. It appears when all is done, and replaces an older one only then.
    overwrite
        Replace a study that is there.
    on_progress
        Called with the replicates done and those asked for, first with none done.
    finish
        Called with the folder before it is put in place, to add to it; not called when every
        replicate failed.
    replicate
        What to do for one replicate.

    Raises
    ------
    InputError
        If the folder cannot be written; the executor, the recommender or an analysis cannot be
        reached; or the numbers are not allowed.
    """
    if replicates < 1 or first < 0 or first + replicates > LARGEST:
        raise InputError(
            f"replicates {first} to {first + replicates - 1} are not allowed: "
            f"at least 1 is needed, numbered from 0 to {LARGEST - 1}"
        )
    try_out(scenario)
    find_own(scenario.analysis)
    started = time.monotonic()
    end = first + replicates
    size = CHUNK_AT_ONCE if can_run_at_once(replicate, scenario) else CHUNK
    chunks = [range(start, min(start + size, end)) for start in range(first, end, size)]
    failures: dict[int, str] = {}
    done = 0
    place = out if isinstance(out, Place) else Place(out)
    setting = Setting(executor, place, overwrite=overwrite)
    with open_study(scenario, setting, replicates=replicates, first=first) as study:
        store = StudyStore(study.folder)
        on_progress(done, replicates)
        with closing(run_chunks(executor, scenario, replicate, chunks)) as results:
            for chunk in results:
                store.add(chunk.first, chunk.tables)
                failures |= chunk.failures
                done += chunk.replicates
                on_progress(done, replicates)
        store.merge()
        study.failed = len(failures)
        if finish is not None and len(failures) < replicates:
            study.afterwards(finish)
    reason = failures[min(failures)] if failures else ""
    return StudyResult(place.path, replicates, len(failures), reason, time.monotonic() - started)


def run_shown(
    scenario: Scenario,
    setting: Setting,
    *,
    replicates: int,
    finish: Callable[[Path], None],
    replicate: Replicate = run_replicate,
) -> StudyResult:
    """Run a study of one scenario and show how far it is; see :func:`run_study`.

    Raises
    ------
    AllFailedError
        If every replicate failed. The folder is there all the same, with the failures.
    """
    with setting.progress(f"simulating {scenario.name}") as advance:
        result = run_study(
            scenario,
            replicates=replicates,
            executor=setting.executor,
            out=setting.place,
            overwrite=setting.overwrite,
            on_progress=advance,
            finish=finish,
            replicate=replicate,
        )
    if result.failed == replicates:
        raise AllFailedError(
            f"{result.failed} of {replicates} replicates failed, first: {result.first_failure}"
        )
    return result


def run_part(
    study: OpenStudy,
    name: str,
    scenario: Scenario,
    setting: Setting,
    *,
    replicates: int,
    replicate: Replicate,
    first: int = 0,
    on_progress: Advance = ignore,
    label: str = "",
) -> Path:
    """Run replicates into a folder within a study, and count those that failed.

    Parameters
    ----------
    name
        Of the folder.
    label
        What a message calls these replicates; the scenario's name if empty.
    setting
        How the whole study is run.

    Raises
    ------
    InputError
        If every replicate failed.
    """
    result = run_study(
        scenario,
        replicates=replicates,
        first=first,
        executor=setting.executor,
        out=study.part(name),
        on_progress=on_progress,
        replicate=replicate,
    )
    study.count(result.failed, replicates, result.first_failure, label or scenario.name)
    return result.directory


def _failure(number: int, stage: str, reason: str) -> pa.Table:
    row = {"replicate": number, "stage": stage, "reason": reason}
    return pa.Table.from_pylist([row], schema=FAILURE_SCHEMA)
