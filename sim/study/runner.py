"""Runs many replicates of one scenario and keeps their tables in a folder."""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from analysis.plan.own import find_own
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.interrupts import first_one_asks
from sim.recommenders.own import try_out
from sim.replicates.analysed import run_replicate
from sim.study.executors import Executor, Tasks
from sim.study.failed import AllFailedError, TooManyFailedError
from sim.study.frame import UNTIL, OpenStudy, open_part, open_study
from sim.study.groups import CHUNK, CHUNK_AT_ONCE, Groups
from sim.study.identity import described
from sim.study.identity.same import check_repeated
from sim.study.progress import Advance, ignore
from sim.study.setting import Setting
from sim.study.store.place import Place
from sim.study.store.reading import KeptStudy
from sim.study.store.shards import Shards, pack
from sim.study.store.tables import GROUP, TableFiles, check_known, cut, read_replicates
from sim.study.tables import STUDY_TABLES
from sim.study.task import Replicate, RunReplicates, Simulated, can_run_at_once
from sim.study.until import Until

FEWEST = 20
"""Replicates before the share that failed is looked at."""
LARGEST = 2**31
"""Replicate numbers are 32-bit in the tables."""


@dataclass(frozen=True, slots=True)
class StudyResult:
    """A study that has been run.

    Attributes
    ----------
    directory
        Where its tables are.
    replicates
        How many it has.
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


def run_chunks(
    executor: Executor, scenario: Scenario, replicate: Replicate, chunks: Tasks[range]
) -> Generator[Simulated]:
    """Yield tasks of replicates as they are finished; an executor is at work until closed."""
    with closing(executor.run(RunReplicates(scenario, replicate), chunks)) as results:
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
    setting: Setting | None = None,
    until: Until | None = None,
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
        The folder to make, or that of an unfinished study to go on with. A finished one is replaced
        when this one is whole.
    overwrite
        Replace a finished study that is there.
    on_progress
        Called with the replicates done and those asked for, first with none done.
    finish
        Called with the folder when the tables are safe, to add to it; not called when every
        replicate failed.
    replicate
        What to do for one replicate.
    setting
        How it is run, where there is more to say; then ``executor``, ``out`` and ``overwrite`` are
        its.
    until
        Precision at which it ends before it has so many replicates.

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
    started = time.monotonic()
    place = out if isinstance(out, Place) else Place(out)
    setting = setting or Setting(executor, place, overwrite=overwrite)
    check_repeated(scenario, setting)
    try_out(scenario)
    find_own(scenario.analysis)
    with open_study(
        scenario, setting, replicates=replicates, first=first,
        study={"replicate": described(replicate)},
        precise=None if until is None else until.describe(replicates),
    ) as study:  # fmt: skip
        run_replicates(study, replicate, on_progress, until)
        failed, reason = failures_of(study.folder)
        study.failed, made = failed, study.replicates
        if finish is not None and failed < made:
            study.afterwards(finish)
    return StudyResult(place.path, made, failed, reason, time.monotonic() - started)


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
        As :func:`run_study` has them.
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
        KeptStudy(study.folder).check()
        study.tally.kept += study.replicates
        on_progress(study.replicates, study.replicates)
        return
    shards = Shards(study.shards, sync=study.sync)
    _take_over(study, shards)
    most = range(study.first, study.first + study.replicates)
    done = len(most) - sum(len(gap) for gap in shards.missing(most))
    study.tally.kept += done
    if done or shards.damaged:
        study.setting.tell(_kept_so_far(study, done, shards.damaged, up_to=until is not None))
    work = _Work(study, replicate, shards, on_progress)
    for size in (study.replicates,) if until is None else until.sizes(study.replicates):
        work.simulate(size)
        if until is not None and until.is_reached(shards, study.first, size):
            break
    if until is not None:
        study.notes[UNTIL] = {**until.describe(len(most)), "mcse": until.errors}
        study.setting.tell(f"{study.folder}: {until.told(size)}")
    study.replicates = size
    with TableFiles(study.folder, sync=study.sync) as files:
        for record in shards:
            numbers = range(record.numbers.start, min(record.numbers.stop, study.first + size))
            if numbers:  # fewer may be asked for than are kept
                files.add(numbers, cut(record.tables(), numbers.stop))


@dataclass(slots=True)
class _Work:
    """The replicates of a study as they are simulated."""

    study: OpenStudy
    replicate: Replicate
    shards: Shards
    on_progress: Advance
    simulated: int = 0
    failures: dict[int, str] = field(default_factory=dict)

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
                self.simulated += len(one.numbers)
                done += len(one.numbers)
                on_kept(study, len(one.numbers))
                self.failures |= one.failures
                self.on_progress(done, size)
                _check_share(self.failures, self.simulated, study.setting.max_failures)
        if groups.stopped:
            raise KeyboardInterrupt


def on_kept(study: OpenStudy, replicates: int) -> None:
    """Count replicates that have been kept."""
    study.keep(replicates)


def failures_of(folder: Path) -> tuple[int, str]:
    """Return how many replicates of a study failed, and the reason of the first, '' if none did."""
    file = folder / STUDY_TABLES["failures"].file
    if not file.is_file():
        return 0, ""
    rows = pq.read_table(file, columns=["replicate", "reason"]).sort_by("replicate")
    return rows.num_rows, rows["reason"][0].as_py() if rows.num_rows else ""


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


def run_shown(
    scenario: Scenario,
    setting: Setting,
    *,
    replicates: int,
    finish: Callable[[Path], None],
    replicate: Replicate = run_replicate,
    until: Until | None = None,
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
            on_progress=advance,
            finish=finish,
            replicate=replicate,
            setting=setting,
            until=until,
        )
    if result.failed == result.replicates:
        raise AllFailedError(
            f"{result.failed} of {result.replicates} replicates failed, first: "
            f"{result.first_failure}"
        )
    return result


def run_part(
    study: OpenStudy,
    name: str,
    scenario: Scenario,
    *,
    replicates: int,
    replicate: Replicate,
    first: int = 0,
    on_progress: Advance = ignore,
    label: str = "",
    stays: bool = True,
) -> Path:
    """Run replicates into a folder within a study, and count those that failed.

    Parameters
    ----------
    study
        The whole one.
    name
        Of the folder.
    label
        What a message calls these replicates; the scenario's name if empty.
    stays
        Whether the folder stays when the whole study is finished.

    Raises
    ------
    InputError
        If every replicate failed.
    """
    with open_part(
        study, study.part(name, stays=stays), scenario, replicates=replicates, first=first,
        study={"replicate": described(replicate)},
    ) as part:  # fmt: skip
        run_replicates(part, replicate, on_progress)
        failed, reason = failures_of(part.folder)
        part.failed = failed
    study.count(failed, replicates, reason, label or scenario.name)
    return part.folder
