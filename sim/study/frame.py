"""The frame of every study: its folder, its manifest, its progress and its failures.

A study runs trials and keeps what they yield. What is common to all of them stands here, and only
here: where it grows, how an unfinished one is found and gone on with, what the manifest says of it,
and that what is made of its tables is made when these are safe.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.machine import MachineError
from scenarios.schema import Scenario
from sim.study.identity import Identity
from sim.study.identity.same import check_repeated, check_same, how_to_go_on, resumed
from sim.study.setting import Setting
from sim.study.store.durable import sync_tree
from sim.study.store.folder import write_json
from sim.study.store.growing import (
    REPLACES,
    Ground,
    begin,
    ground_for,
)
from sim.study.store.manifest import describe_run
from sim.study.store.manifest_file import (
    FINISHED,
    RUNNING,
    SIMULATED,
    read_state,
    write_manifest,
)
from sim.study.store.status import PARTS, SHARDS, kept_in
from sim.study.store.tables import table_checksums
from sim.study.tables import STUDY_TABLES
from sim.tables.codebook import write_codebook

UNTIL = "until_mcse"
"""Of a manifest: precision that was asked for, and what was reached."""
GROWN = "grown_from"
"""Of the manifest of a study under way: replicates of the finished one that is made larger."""


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
    results
        Names of files that were written with the tables; see :meth:`write_result`.
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
    results: list[str] = field(default_factory=list)
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

    def write_result(self, name: str, content: object) -> None:
        """Write what was found as JSON, a file that the manifest names as it does the tables."""
        write_json(self.folder / name, content)
        self.results.append(name)

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
        """Make what is made of the tables and the manifest, and the codebook of the tables."""
        there = {
            name: table.schema.names
            for name, table in STUDY_TABLES.items()
            if (self.folder / table.file).is_file()
        }
        if there and self.setting.place.kept:
            write_codebook(self.folder, there, self.scenario)
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
    precise: Mapping[str, Any] | None = None,
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
    precise
        What ends it before it has so many replicates, as :meth:`sim.study.until.Until.describe` has
        it; None for nothing.

    Raises
    ------
    InputError
        If the folder cannot be written, an unfinished study of another scenario, seed, content or
        code is in it, or it is given again and names code that is not trusted.
    """
    place = setting.place
    check_repeated(scenario, setting)
    identity = Identity.of(scenario, first, study)
    if not place.kept:
        with _kept(
            Ground(place.path, place.path), identity, setting, replicates, Tally(), precise
        ) as made:
            yield made
        return

    def check(folder: Path, manifest: Mapping[str, Any]) -> None:
        try:
            check_same(folder, manifest, identity, setting, replicates)
        except InputError as error:
            if not setting.begin_anew:
                raise
            setting.tell(f"begun anew, since what is kept is of another: {error}")
            shutil.rmtree(folder)

    with (
        place.ready(),
        ground_for(place.path, check, overwrite=setting.overwrite, repeat=setting.repeat) as ground,
    ):
        tally, there = Tally(), ground.folder.exists()
        try:
            with _kept(ground, identity, setting, replicates, tally, precise) as made:
                yield made
        except BaseException as error:
            # A signal may come when replicates have been written and are not counted yet.
            kept = max(tally.kept, _kept_there(ground.folder))
            if not there and not kept:
                shutil.rmtree(ground.folder, ignore_errors=True)
                with suppress(MachineError):
                    place.push()
                if isinstance(error, MachineError):
                    error.add_note("no replicates are kept: the same command begins anew")
            else:
                same = how_to_go_on(scenario, setting)
                error.add_note(_what_is_kept(ground, kept, setting, same, error))
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
    precise: Mapping[str, Any] | None = None,
) -> Iterator[OpenStudy]:
    """Give a study within a study; see :func:`open_study`."""
    check_repeated(scenario, whole.setting)
    identity = Identity.of(scenario, first, study)
    there = read_state(folder)
    if there is not None:
        check_same(folder, there, identity, whole.setting, replicates)
    ground = Ground(folder, folder)
    with _kept(ground, identity, whole.setting, replicates, whole.tally, precise) as made:
        yield made


@contextmanager
def _kept(
    ground: Ground,
    identity: Identity,
    setting: Setting,
    replicates: int,
    tally: Tally,
    precise: Mapping[str, Any] | None = None,
) -> Iterator[OpenStudy]:
    """Give a study that grows in a folder, and complete its manifest as it becomes whole."""
    folder, now = ground.folder, datetime.now(tz=UTC)
    there = read_state(folder)
    sync = setting.place.synced
    study = OpenStudy(
        folder, identity.scenario, identity.first, replicates, setting, tally=tally,
    )  # fmt: skip
    manifest: dict[str, Any] = resumed(there, identity) if there else {"started": now}
    if ground.replaces:
        manifest[REPLACES] = ground.replaces
    if there is not None:
        _take_up(study, there, precise)
    if not study.whole:
        more: dict[str, Any] = {}
        if there is not None and study.grown_from:
            more = {GROWN: study.grown_from, "tables": there.get("tables", {})}
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
        failed=study.failed, tables=table_checksums(folder, study.results), **study.notes,
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


def _take_up(study: OpenStudy, there: Mapping[str, Any], precise: Mapping[str, Any] | None) -> None:
    """Say of a study that is gone on with whether its tables are whole, or are those of less."""
    before, running = int(there.get("replicates", 0)), there["state"] == RUNNING
    study.whole = not running and before == study.replicates
    study.grown_from = int(there.get(GROWN, 0)) if running else before
    ended = there.get(UNTIL)
    if precise is None or ended is None or running:
        return
    if precise == {key: ended.get(key) for key in precise}:  # it ended early, as it would again
        study.whole, study.replicates = True, before
        study.notes[UNTIL] = ended


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


def _kept_there(folder: Path) -> int:
    """Return how many replicates are kept in a folder, 0 where its manifest does not say."""
    with suppress(InputError):
        manifest = read_state(folder)
        return kept_in(folder, manifest) if manifest else 0
    return 0


def _what_is_kept(
    ground: Ground, kept: int, setting: Setting, same: str, error: BaseException
) -> str:
    """Return what is kept of a study that ended early, and how to go on with it if that helps."""
    where = setting.place.told(str(ground.final if ground.whole else ground.folder))
    if ground.whole:
        return f"all replicates are kept in {where}: {same} makes what is missing"
    told = f"{kept} replicates are kept in {where}"
    return told if isinstance(error, InputError) else f"{told}: {same} goes on with them"
