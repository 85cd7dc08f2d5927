"""Simulates the replicates of a study that are missing, keeps them, and writes its tables."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from scenarios.schema import Scenario
from sim.interrupts import first_one_asks
from sim.study.executors import Executor, Tasks
from sim.study.failed import TooManyFailedError
from sim.study.frame import UNTIL, OpenStudy
from sim.study.groups import CHUNK, CHUNK_AT_ONCE, Groups
from sim.study.progress import Advance, ignore
from sim.study.store.reading import KeptStudy
from sim.study.store.shards import Shards, pack
from sim.study.store.tables import GROUP, TableFiles, check_known, cut, read_replicates
from sim.study.tables import STUDY_TABLES
from sim.study.task import Replicate, RunReplicates, Simulated, can_run_at_once
from sim.study.until import Until

FEWEST = 20
"""Replicates before the share that failed is looked at."""


def run_chunks(
    executor: Executor, scenario: Scenario, replicate: Replicate, chunks: Tasks[range]
) -> Generator[Simulated]:
    """Yield tasks of replicates as they are finished; an executor is at work until closed."""
    with closing(executor.run(RunReplicates(scenario, replicate), chunks)) as results:
        yield from results


def run_replicates(
    study: OpenStudy,
    replicate: Replicate,
    on_progress: Advance = ignore,
    until: Until | None = None,
) -> None:
    """Simulate the replicates of a study that are missing, and write its tables.

    Parameters
    ----------
    study, replicate, on_progress
        As :func:`sim.study.runner.run_study` has them.
    until
        Precision at which it ends before it has as many replicates as it may.

    Raises
    ------
    TooManyFailedError
        If more of those simulated here failed than the setting allows.
    MachineError
        If the machine fails; what is finished is kept.
    """
    if study.whole:
        take_whole(study)
        on_progress(study.replicates, study.replicates)
        return
    most = study.replicates
    work = Work(study, replicate, on_progress, up_to=until is not None)
    for size in (most,) if until is None else until.sizes(most):
        work.simulate(size)
        if until is not None and until.is_reached(work.shards, study.first, size):
            break
    if until is not None:
        study.notes[UNTIL] = {**until.describe(most), "mcse": until.errors}
        study.setting.tell(f"{study.folder}: {until.told(size)}")
    work.write(size)


def take_whole(study: OpenStudy) -> None:
    """Check a study whose tables are there, and count its replicates.

    Raises
    ------
    InputError
        If a table is damaged.
    """
    KeptStudy(study.folder).check()
    study.tally.kept += study.replicates


@dataclass(slots=True)
class Work:
    """The replicates of a study as they are simulated.

    Attributes
    ----------
    study, replicate, on_progress
        As :func:`sim.study.runner.run_study` has them.
    up_to
        Whether there may be fewer in the end than the study has asked for.
    shards
        Those that are kept.
    """

    study: OpenStudy
    replicate: Replicate
    on_progress: Advance = ignore
    up_to: bool = False
    shards: Shards = field(init=False)
    _simulated: int = 0
    _failures: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        study = self.study
        self.shards = Shards(study.shards, sync=study.sync)
        _take_over(study, self.shards)
        most = range(study.first, study.first + study.replicates)
        done = len(most) - sum(len(gap) for gap in self.shards.missing(most))
        study.tally.kept += done
        if done or self.shards.damaged:
            study.setting.tell(_kept_so_far(study, done, self.shards.damaged, up_to=self.up_to))

    def simulate(self, size: int) -> None:
        """Simulate what is missing among the first replicates, so many."""
        study, executor = self.study, self.study.setting.executor
        wanted = range(study.first, study.first + size)
        missing = self.shards.missing(wanted)
        done = size - sum(len(gap) for gap in missing)
        at_once = can_run_at_once(self.replicate, study.scenario)
        groups = Groups(missing, executor.jobs, CHUNK_AT_ONCE if at_once else CHUNK)
        self.on_progress(done, size)
        if not missing:
            return
        results = run_chunks(executor, study.scenario, self.replicate, groups)
        with closing(results), first_one_asks(groups.stop):
            for one in results:
                check_known(one.names)
                self.shards.add(one.numbers, one.payload)
                groups.measured(one.seconds, len(one.numbers))
                self._simulated += len(one.numbers)
                done += len(one.numbers)
                on_kept(study, len(one.numbers))
                self._failures |= one.failures
                self.on_progress(done, size)
                _check_share(self._failures, self._simulated, study.setting.max_failures)
        if groups.stopped:
            raise KeyboardInterrupt

    def write(self, size: int) -> None:
        """Write the tables of the first replicates, so many: those that the study has now."""
        study = self.study
        study.replicates = size
        with TableFiles(study.folder, sync=study.sync) as files:
            for record in self.shards:
                numbers = range(record.numbers.start, min(record.numbers.stop, study.first + size))
                if numbers:  # fewer may be asked for than are kept
                    files.add(numbers, cut(record.tables(), numbers.stop))


def failures_of(folder: Path) -> tuple[int, str]:
    """Return how many replicates of a study failed, and the reason of the first, '' if none did."""
    file = folder / STUDY_TABLES["failures"].file
    if not file.is_file():
        return 0, ""
    rows = pq.read_table(file, columns=["replicate", "reason"]).sort_by("replicate")
    return rows.num_rows, rows["reason"][0].as_py() if rows.num_rows else ""


def on_kept(study: OpenStudy, replicates: int) -> None:
    """Count replicates that have been kept."""
    study.keep(replicates)


def _take_over(study: OpenStudy, shards: Shards) -> None:
    """Keep the replicates of the finished study that is made larger."""
    if not study.grown_from:
        return
    missing = shards.missing(range(study.first, study.first + study.grown_from))
    if missing:
        KeptStudy(study.folder, grown_from=study.grown_from).check()
    for gap in missing:
        for start in range(gap.start, gap.stop, GROUP):
            numbers = range(start, min(start + GROUP, gap.stop))
            shards.add(numbers, pack(read_replicates(study.folder, numbers)))


def _kept_so_far(study: OpenStudy, done: int, damaged: int, *, up_to: bool) -> str:
    where = study.setting.place.told(str(study.folder))
    told = (
        f"{where}: {done} of {study.replicates} replicates are kept, "
        f"{'up to ' if up_to else ''}{study.replicates - done} are simulated now"
    )
    return f"{told}; {damaged} damaged records were left out" if damaged else told


def _check_share(failures: dict[int, str], simulated: int, most: float) -> None:
    if simulated >= FEWEST and len(failures) > most * simulated and len(failures) < simulated:
        raise TooManyFailedError(
            f"{len(failures)} of {simulated} replicates failed, more than {most:.0%}, first: "
            f"{failures[min(failures)]}: the study was stopped; --max-failures 1 goes on with it"
        )
