"""The frame of every study: its folder, its manifest, its progress and its failures.

A study runs trials and keeps what they yield. What is common to all of them stands here, and only
here: where it grows, how an unfinished one is found and gone on with, what the manifest says of it,
and that what is made of its tables is made when these are safe.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from scenarios.errors import InputError
from scenarios.machine import MachineError
from scenarios.schema import Scenario
from sim.study.executors import Executor, JoblibExecutor, make_executor
from sim.study.identity import Identity
from sim.study.progress import ShowProgress, no_progress, remark, say_nothing, show_progress
from sim.study.store.durable import sync_tree
from sim.study.store.growing import (
    FINISHED,
    REPLACES,
    RUNNING,
    SIMULATED,
    Ground,
    begin,
    ground_for,
    read_state,
    write_manifest,
)
from sim.study.store.manifest import describe_run
from sim.study.store.place import Place
from sim.study.store.status import PARTS, SHARDS, kept_in
from sim.study.store.tables import table_checksums

GROWN = "grown_from"
"""Of the manifest of a study under way: replicates of the finished one that is made larger."""


class Landing(TypedDict, total=False):
    """The part of :class:`How` that every command has."""

    jobs: int | None
    out: str | Path | None
    overwrite: bool
    allow_code_change: bool
    max_failures: float
    command: Sequence[str]
    repeat: str


class How(Landing, total=False):
    """How a study is run, as its caller says it; all have defaults.

    ``jobs``
        Number of workers, at least 1; as many as there are cores.
    ``executor``
        ``"joblib"``, the cores of this machine; ``"dask"``; or an :class:`Executor`.
    ``scheduler``
        Address of a running Dask scheduler, for ``"dask"``.
    ``out``
        Folder to make for the results, or its address on object storage (``s3://bucket/folder``,
        with the extra ``remote``); nothing is saved. If there is an unfinished study of the
        same scenario, seed and code in it, that is gone on with.
    ``overwrite``
        Whether to replace a finished study that is in that folder; false.
    ``allow_code_change``
        Whether to go on with an unfinished study of other code, which is recorded; false.
    ``max_failures``
        Share of replicates that may fail before the study is stopped, 0 to 1; 0.5.
    ``progress``
        Whether progress is shown; true.
    ``command``, ``repeat``
        The folder and the command line, for ``selfback resume`` to give it again; and why it is
        given again: ``"resume"``, ``"grow"`` or neither.
    """

    executor: str | Executor
    scheduler: str | None
    progress: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """How a study is run.

    Attributes
    ----------
    executor
        Runs the replicates.
    place
        Where the results go.
    overwrite, allow_code_change, max_failures, command, repeat
        See :class:`How`.
    progress
        Shows what is under way.
    tell
        Is told what is kept of an unfinished study.
    """

    executor: Executor
    place: Place = field(default_factory=Place)
    overwrite: bool = False
    allow_code_change: bool = False
    max_failures: float = 0.5
    command: Sequence[str] = ()
    repeat: str = ""
    progress: ShowProgress = no_progress
    tell: Callable[[str], None] = say_nothing


def set_up(how: How) -> Setting:
    """Return how a study is run, with the defaults of :class:`How`.

    Raises
    ------
    InputError
        If there is no such executor.
    """
    executor = how.get("executor", "joblib")
    if isinstance(executor, str):
        executor = make_executor(executor, how.get("jobs"), how.get("scheduler"))
    shown = how.get("progress", True)
    return Setting(
        executor,
        Place(how.get("out")),
        overwrite=how.get("overwrite", False),
        allow_code_change=how.get("allow_code_change", False),
        max_failures=how.get("max_failures", 0.5),
        command=how.get("command", ()),
        repeat=how.get("repeat", ""),
        progress=show_progress if shown else no_progress,
        tell=remark if shown else say_nothing,
    )


HERE = JoblibExecutor(1)
"""This process: runs one trial."""


@dataclass(slots=True)
class Tally:
    """How many replicates a study has kept, those of its parts included."""

    kept: int = 0


@dataclass(slots=True)
class OpenStudy:
    """A study that is under way.

    Attributes
    ----------
    folder
        Where it grows.
    scenario, first, replicates
        What the manifest says was run.
    setting
        How it is run.
    whole
        Whether its tables are there already, and only what is made of them is missing.
    grown_from
        Replicates of the finished study that is grown, whose tables are still in the folder; 0 if
        none is.
    tally
        What is kept.
    failed
        Replicates that failed so far.
    notes
        What else the manifest says.
    """

    folder: Path
    scenario: Scenario
    first: int
    replicates: int
    setting: Setting
    whole: bool = False
    grown_from: int = 0
    tally: Tally = field(default_factory=Tally)
    failed: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    _afterwards: list[Callable[[Path], None]] = field(default_factory=list)

    @property
    def sync(self) -> bool:
        """Whether what is written is to survive a loss of power: not if it is temporary."""
        return self.setting.place.synced

    def keep(self, replicates: int) -> None:
        """Count replicates that have been written, and let them be where they are safe."""
        self.setting.place.push()
        self.tally.kept += replicates

    @property
    def shards(self) -> Path:
        """Folder of the replicates that are kept."""
        return self.folder / SHARDS

    def part(self, name: str, *, stays: bool = True) -> Path:
        """Return the folder of a study within this one; unless it stays, it goes at the end."""
        if stays:
            return self.folder / name
        (self.folder / PARTS).mkdir(exist_ok=True)
        return self.folder / PARTS / name

    def count(self, failed: int, replicates: int, first_failure: str, what: str) -> None:
        """Count the failures of some replicates.

        Raises
        ------
        InputError
            If all of them failed.
        """
        self.failed += failed
        if failed == replicates:
            raise InputError(f"{what}: every replicate failed, first: {first_failure}")

    def afterwards(self, act: Callable[[Path], None]) -> None:
        """Make a summary or a figure of the folder when its tables and manifest are written."""
        self._afterwards.append(act)

    def finish(self) -> None:
        """Make what is made of the tables and the manifest."""
        for act in self._afterwards:
            act(self.folder)


@contextmanager
def open_study(
    scenario: Scenario,
    setting: Setting,
    *,
    replicates: int,
    first: int = 0,
    study: Mapping[str, Any],
) -> Iterator[OpenStudy]:
    """Give a study to write to; an unfinished one of the same content is gone on with.

    When the body is done the tables are safe. Then what is to be made afterwards is made, and if
    that fails the study is there all the same. If the body raises, or is interrupted, what is kept
    of the study stays, and the exception has a note that says how to go on; if nothing is kept,
    nothing is left behind. An older study that is to be replaced stays until this one is whole.

    Parameters
    ----------
    scenario, replicates, first
        What the manifest says, unless the body says otherwise.
    setting
        How it is run.
    study
        What is done with the trials, as plain data; an unfinished study of other content is
        refused.

    Raises
    ------
    InputError
        If the folder cannot be written, or an unfinished study of another scenario, seed, content
        or code is in it.
    """
    identity = Identity(scenario, first, study)
    place = setting.place
    if not place.kept:
        with _kept(Ground(place.path, place.path), identity, setting, replicates, Tally()) as made:
            yield made
        return

    def check(folder: Path, manifest: Mapping[str, Any]) -> None:
        _check_same(folder, manifest, identity, setting, replicates)

    with (
        place.ready(),
        ground_for(place.path, check, overwrite=setting.overwrite, repeat=setting.repeat) as ground,
    ):
        tally, there = Tally(), ground.folder.exists()
        try:
            with _kept(ground, identity, setting, replicates, tally) as made:
                yield made
        except BaseException as error:
            # A signal may come when replicates have been written and are not counted yet.
            manifest = read_state(ground.folder)
            kept = max(tally.kept, kept_in(ground.folder, manifest) if manifest else 0)
            if not there and not kept:
                shutil.rmtree(ground.folder, ignore_errors=True)
                with suppress(MachineError):
                    place.push()
            else:
                error.add_note(_what_is_kept(ground, kept, setting, error))
            raise


@contextmanager
def open_part(
    whole: OpenStudy,
    folder: Path,
    scenario: Scenario,
    *,
    replicates: int,
    first: int,
    study: Mapping[str, Any],
) -> Iterator[OpenStudy]:
    """Give a study within a study; see :func:`open_study`."""
    identity = Identity(scenario, first, study)
    there = read_state(folder)
    if there is not None:
        _check_same(folder, there, identity, whole.setting, replicates)
    ground = Ground(folder, folder)
    with _kept(ground, identity, whole.setting, replicates, whole.tally) as made:
        yield made


@contextmanager
def _kept(
    ground: Ground, identity: Identity, setting: Setting, replicates: int, tally: Tally
) -> Iterator[OpenStudy]:
    """Give a study that grows in a folder, and complete its manifest as it becomes whole."""
    folder, now = ground.folder, datetime.now(tz=UTC)
    there = read_state(folder)
    sync = setting.place.synced
    study = OpenStudy(
        folder, identity.scenario, identity.first, replicates, setting, tally=tally,
    )  # fmt: skip
    manifest: dict[str, Any] = _resumed(there, identity) if there else {"started": now}
    if ground.replaces:
        manifest[REPLACES] = ground.replaces
    if there is not None:
        before = int(there.get("replicates", 0))
        study.whole = there["state"] != RUNNING and before >= replicates
        study.grown_from = int(there.get(GROWN, 0)) if there["state"] == RUNNING else before
    if not study.whole:
        more = {GROWN: study.grown_from} if study.grown_from else {}
        running = _describe(study, identity, manifest, RUNNING, now, failed=0, **more)
        if there is None:
            begin(folder, running, sync=sync)
        else:
            write_manifest(folder, running, sync=sync)
        setting.place.push()
    yield study
    if there is not None and there["state"] == FINISHED and study.whole:
        study.finish()  # a part that was whole before, or what is made of a study is made again
        return
    if sync:
        sync_tree(folder)
    done = _describe(
        study, identity, manifest, SIMULATED, now,
        failed=study.failed, tables=table_checksums(folder), **study.notes,
    )  # fmt: skip
    write_manifest(folder, done, sync=sync)
    setting.place.push()
    ground.whole = True
    study.finish()
    setting.place.push()
    for name in (SHARDS, PARTS):
        shutil.rmtree(folder / name, ignore_errors=True)
    if sync:
        sync_tree(folder)
    write_manifest(folder, {**done, "state": FINISHED}, sync=sync)
    setting.place.push()


def _describe(
    study: OpenStudy,
    identity: Identity,
    manifest: Mapping[str, Any],
    state: str,
    now: datetime,
    **more: Any,
) -> dict[str, Any]:
    executor = study.setting.executor
    return describe_run(
        study.scenario,
        state=state,
        first=study.first,
        replicates=study.replicates,
        since=now,
        executor=executor.name,
        jobs=executor.jobs,
        command=list(study.setting.command),
        **identity.describe(),
        **manifest,
        **more,
    )


def _resumed(there: Mapping[str, Any], identity: Identity) -> dict[str, Any]:
    """Return what stays of the manifest of an unfinished study, with what has changed since."""
    kept = {"started": datetime.fromisoformat(there["started"]), "before": there["duration"]}
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    changed = (*identity.code_differences(there), *identity.machine_differences(there))
    changes = [*there.get("changes", ()), *(f"{now}: {line}" for line in changed)]
    return {**kept, **({"changes": changes} if changes else {})}


def _check_same(
    folder: Path,
    manifest: Mapping[str, Any],
    identity: Identity,
    setting: Setting,
    replicates: int,
) -> None:
    """Refuse to go on with a study that is another one; say what may differ in the last digits."""
    told = identity.differences(manifest)
    named = setting.place.told(str(folder))
    if told:
        raise InputError(
            f"{named} has an unfinished study that is another one: {'; '.join(told)}: choose "
            f"another folder, or remove {named}"
        )
    if manifest["state"] != RUNNING and int(manifest["replicates"]) >= replicates:
        return  # nothing is simulated
    told = identity.code_differences(manifest)
    if told and not setting.allow_code_change:
        raise InputError(
            f"{named} has an unfinished study of other code: {'; '.join(told)}: add "
            f"--allow-code-change to go on with it all the same, which is recorded, or remove "
            f"{named}"
        )
    for line in identity.machine_differences(manifest):
        setting.tell(f"{named} was begun on another machine, last digits may differ: {line}")


def _what_is_kept(ground: Ground, kept: int, setting: Setting, error: BaseException) -> str:
    """Return what is kept of a study that ended early, and how to go on with it if that helps."""
    place = setting.place
    where = place.told(str(ground.final if ground.whole else ground.folder))
    resumes = setting.command and place.remote is None
    same = f"selfback resume {place.path}" if resumes else "the same call"
    if ground.whole:
        return f"all replicates are kept in {where}: {same} makes what is missing"
    told = f"{kept} replicates are kept in {where}"
    return told if isinstance(error, InputError) else f"{told}: {same} goes on with them"
