"""The frame of every study: its folder, its manifest, its progress and its failures.

A study runs trials and keeps what they yield. What is common to all of them stands here, and only
here: the folder appears whole or not at all, the manifest says what was run, replicates that fail
are counted, and a study of which every replicate failed is none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from analysis.replicates.study_folder import MANIFEST
from scenarios.errors import InputError
from scenarios.schema import Scenario
from sim.study.executors import Executor, JoblibExecutor, make_executor
from sim.study.folder import new_folder, write_json
from sim.study.manifest import describe_run
from sim.study.place import Place
from sim.study.progress import ShowProgress, no_progress, show_progress


class Landing(TypedDict, total=False):
    """The part of :class:`How` that every command has."""

    jobs: int | None
    out: str | Path | None
    overwrite: bool


class How(Landing, total=False):
    """How a study is run, as its caller says it; all have defaults.

    ``jobs``
        Number of workers, at least 1; as many as there are cores.
    ``executor``
        ``"joblib"``, the cores of this machine; ``"dask"``; or an :class:`Executor`.
    ``scheduler``
        Address of a running Dask scheduler, for ``"dask"``.
    ``out``
        Folder to make for the results; nothing is saved.
    ``overwrite``
        Whether to replace a study that is in that folder; false.
    ``progress``
        Whether progress is shown; true.
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
    overwrite
        Whether to replace a study that is there.
    progress
        Shows what is under way.
    """

    executor: Executor
    place: Place = field(default_factory=Place)
    overwrite: bool = False
    progress: ShowProgress = no_progress


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
    return Setting(
        executor,
        Place(how.get("out")),
        overwrite=how.get("overwrite", False),
        progress=show_progress if how.get("progress", True) else no_progress,
    )


HERE = JoblibExecutor(1)
"""This process: runs one trial."""


@dataclass(slots=True)
class OpenStudy:
    """A study that is under way.

    Attributes
    ----------
    folder
        Where it writes; it is put in place at the end.
    scenario, first, replicates
        What the manifest says was run.
    failed
        Replicates that failed so far.
    notes
        What else the manifest says.
    """

    folder: Path
    scenario: Scenario
    first: int
    replicates: int
    failed: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    _afterwards: list[Callable[[Path], None]] = field(default_factory=list)

    def part(self, name: str) -> Place:
        """Return the place of a study within this one."""
        return Place(self.folder / name)

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
    scenario: Scenario, setting: Setting, *, replicates: int, first: int = 0
) -> Iterator[OpenStudy]:
    """Give a study to write to, and put its folder in place with a manifest at the end.

    If the body raises, or is interrupted, nothing is left behind and an older study stays.

    Parameters
    ----------
    scenario, replicates, first
        What the manifest says, unless the body says otherwise.
    setting
        How it is run.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    started = datetime.now(tz=UTC)
    executor = setting.executor
    with new_folder(setting.place.path, overwrite=setting.overwrite) as folder:
        study = OpenStudy(folder, scenario, first, replicates)
        yield study
        manifest = describe_run(
            study.scenario,
            first=study.first,
            replicates=study.replicates,
            started=started,
            failed=study.failed,
            executor=executor.name,
            jobs=executor.jobs,
            **study.notes,
        )
        write_json(folder / MANIFEST, manifest)
        study.finish()
