"""Runs many replicates of one scenario and keeps their tables in a folder."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.plan.own import find_own
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.recommenders.own import try_out
from sim.replicates.analysed import run_replicate
from sim.study.executors import Executor
from sim.study.failed import AllFailedError
from sim.study.frame import OpenStudy, open_part, open_study
from sim.study.identity import described
from sim.study.identity.same import check_repeated
from sim.study.missing import failures_of, run_replicates
from sim.study.progress import Advance, ignore
from sim.study.setting import Setting
from sim.study.store.place import Place
from sim.study.task import Replicate
from sim.study.until import Until

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
