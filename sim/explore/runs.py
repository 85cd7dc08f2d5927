"""Runs that are made from the page, and the studies that it shows: each is a results folder.

A run is the command in a process of its own, see :mod:`.worker`. Whatever becomes of the page, of
this server or of the run, its folder has what is finished, and is gone on with.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any

from scenarios.design.outcomes import NAME
from scenarios.errors import InputError
from scenarios.printable import printable
from sim.explore.draft import Checked
from sim.explore.names import address_name, derived_name, fault_of
from sim.study.store.durable import written
from sim.study.store.growing import NEW, beside
from sim.study.store.manifest_file import FINISHED, SIMULATED, read_state
from sim.study.store.status import Status, read_status

ROOT = Path("results") / "explore"
"""Where runs land that are made from the page."""
RUNNING, INTERRUPTED, FAILED = "running", "interrupted", "failed"
PATIENCE = 30.0
"""Seconds in which runs finish what is under way when the server ends; then they are ended."""
OURS = "selfback: "
"""Begins what a command says."""
ENDED = ("interrupted", "terminated")
"""Begins what it says of a signal that ended it."""
LAST_LINES = 3
"""Of what a run said, that are shown if it failed."""


@dataclass(frozen=True, slots=True)
class Study:
    """A results folder.

    Attributes
    ----------
    name
        By which a page names it.
    folder
        Where it is.
    """

    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class State:
    """How far a study is.

    Attributes
    ----------
    state
        ``"running"``, ``"interrupted"``, ``"failed"`` (nothing is kept), ``"simulated"`` (summary
        or figures are missing), ``"finished"``.
    kept, replicates
        Trials that are kept, of those asked for.
    said
        The last lines that it said, if it did not end as it should.
    stoppable
        Whether its process is ours.
    stopping
        Whether it has been asked to stop.
    """

    state: str
    kept: int = 0
    replicates: int = 0
    said: tuple[str, ...] = ()
    stoppable: bool = False
    stopping: bool = False

    @property
    def whole(self) -> bool:
        """Whether there is a result to be shown."""
        return self.state in {FINISHED, SIMULATED}


@dataclass(slots=True)
class _Process:
    process: subprocess.Popen[bytes]
    replicates: int
    stopping: bool = False


class Runs:
    """The runs of a server, and the results folders that it was given.

    Parameters
    ----------
    root
        Folder of the runs.
    given
        Other results folders.
    jobs
        Workers of a run; None for all cores.
    """

    def __init__(
        self, root: Path = ROOT, given: Sequence[Path] = (), jobs: int | None = None
    ) -> None:
        self.root = root
        self._jobs = [] if jobs is None else ["--jobs", str(jobs)]
        self._given: dict[str, Path] = {}
        for folder in given:
            self._given[address_name(folder.resolve().name, self._given)] = folder
        self._processes: dict[str, _Process] = {}
        self._lock = Lock()

    def studies(self) -> list[Study]:
        """Return all studies: those given, then the runs, the latest first."""
        found = [Study(name, folder) for name, folder in self._given.items()]
        names = set(self._processes)
        with suppress(OSError):
            names |= {each.name.removesuffix(NEW) for each in self.root.iterdir()
                      if each.is_dir() and re.fullmatch(NAME, each.name)}  # fmt: skip
        own = [Study(name, self.root / name) for name in names if name not in self._given]
        return [*found, *sorted(own, key=_begun, reverse=True)]

    def study(self, name: str) -> Study:
        """Return a study by its name.

        Raises
        ------
        InputError
            If there is none.
        """
        for each in self.studies():
            if each.name == name:
                return each
        raise InputError(f"there is no run {name[:60]!r}: it may have been moved or removed")

    def free_name(self, base: str) -> str:
        """Return a name for a run that no folder has."""
        start = derived_name(Path(base).name.removesuffix(".toml"))
        number = 1
        while self._is_taken(f"{start}_{number}"):
            number += 1
        return f"{start}_{number}"

    def start(self, checked: Checked, replicates: int, name: str = "") -> Study:
        """Begin a run in a process of its own.

        Parameters
        ----------
        checked
            The scenario; one without mistakes.
        replicates
            Trials.
        name
            Of its folder; a free one by default.

        Raises
        ------
        InputError
            If the name is not allowed or taken, or the scenario names code that only a command may
            run.
        """
        if name and (fault := fault_of(name)):
            raise InputError(fault)
        if checked.base.own_code:
            raise InputError(
                f"{checked.base.key} names code that would be run: "
                f"{', '.join(checked.base.own_code)}: give the command in a terminal if you know "
                "what it does"
            )
        with self._lock:
            if name and self._is_taken(name):
                raise InputError(f"name {name} is not allowed: {self.root / name} exists")
            chosen = name or self.free_name(checked.base.key.removeprefix("study:"))
            with self._able_to_begin():
                source = "" if checked.base.portable else self._save(checked, chosen)
                arguments = checked.arguments(replicates, self.root / chosen, source)
                self._begin(chosen, arguments, replicates)
        return Study(chosen, self.root / chosen)

    def go_on(self, name: str) -> None:
        """Go on with a run that was interrupted, in a process of its own.

        Raises
        ------
        InputError
            If there is none, or it is under way.
        """
        study = self.study(name)
        with self._lock:
            if self.state(study).state == RUNNING:
                raise InputError(f"{name} is under way")
            status = _status(study.folder)
            with self._able_to_begin():
                self._begin(name, ["resume", str(study.folder)], status.replicates if status else 0)

    def cancel(self, name: str) -> None:
        """Ask a run to stop: what is under way is finished and kept; asked again, it stops at once.

        Raises
        ------
        InputError
            If it is not under way, or its process is not ours.
        """
        run = self._processes.get(name)
        if run is None or run.process.poll() is not None:
            raise InputError(f"{name[:60]} is not under way in this server")
        if run.stopping:
            run.process.terminate()
        run.stopping = True
        _close(run.process)

    def state(self, study: Study) -> State:
        """Return how far a study is."""
        run = self._processes.get(study.name)
        alive = run is not None and run.process.poll() is None
        if run is not None and not alive:
            _close(run.process)
        status = _status(study.folder)
        replicates = status.replicates if status else run.replicates if run else 0
        kept = status.kept if status else 0
        if alive or (status is not None and status.state == RUNNING):
            stopping = run is not None and run.stopping
            return State(RUNNING, kept, replicates, stoppable=alive, stopping=stopping)
        said = self._said(study.name) if run is None or run.process.returncode else ()
        if status is None:
            return State(FAILED, 0, replicates, said)
        return State(status.state, kept, replicates, () if status.state == FINISHED else said)

    def stop(self, tell: Callable[[str], None]) -> None:
        """End all runs that are under way, and say of each how to go on with it."""
        alive = {name: run for name, run in self._processes.items() if run.process.poll() is None}
        for run in alive.values():
            _close(run.process)
        for name, run in alive.items():
            try:
                run.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                run.process.terminate()
                run.process.wait()
            state = self.state(Study(name, self.root / name))
            if not state.whole:
                tell(
                    f"{self.root / name}: {state.kept} of {state.replicates} replicates are kept: "
                    f"selfback resume {self.root / name}, or go on from the page"
                )

    def _is_taken(self, name: str) -> bool:
        folder = self.root / name
        there = folder.exists() or beside(folder).exists()
        run = self._processes.get(name)
        return there or name in self._given or (run is not None and run.process.poll() is None)

    @contextmanager
    def _able_to_begin(self) -> Iterator[None]:
        """Say in a line why a run cannot be begun."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"cannot begin a run in {self.root}: {error.strerror or error}"
            ) from error

    def _begin(self, name: str, arguments: Sequence[str], replicates: int) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command, without a shell
                [sys.executable, "-m", "sim.explore.worker", *arguments, *self._jobs],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C of the server's terminal is the server's
            )
        self._processes[name] = _Process(process, replicates)

    def _save(self, checked: Checked, name: str) -> str:
        """Write the scenario of a run that no other file has; return the file."""
        self.root.mkdir(parents=True, exist_ok=True)
        file = self.root / f"{name}.toml"
        with written(file, sync=False) as opened:
            opened.write(checked.toml(name).encode())
        return str(file)

    def _log(self, name: str) -> Path:
        return self.root / f"{name}.log"

    def _said(self, name: str) -> tuple[str, ...]:
        """Return the last lines that a run said about itself."""
        try:
            lines = self._log(name).read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return ()
        ours = [line.removeprefix(OURS) for line in lines if line.startswith(OURS)]
        # What ended it says what is kept; what was said before is of a terminal and its keys.
        ended = [line for line in ours if line.startswith(ENDED)]
        return tuple(map(printable, ended[-1:] or (ours or lines)[-LAST_LINES:]))


def _status(folder: Path) -> Status | None:
    """Return how far a study is by its folder; None where there is none that can be read."""
    with suppress(InputError, OSError):
        return read_status(folder)
    return None


def manifest_of(study: Study) -> Mapping[str, Any]:
    """Return the manifest of a study, of one under way as well.

    Raises
    ------
    InputError
        If there is none, or it is damaged.
    """
    found = read_state(study.folder) or read_state(beside(study.folder))
    if found is None:
        raise InputError(f"{study.folder} is no study: there is no manifest.json in it")
    return found


def _begun(study: Study) -> float:
    with suppress(OSError):
        return os.stat(study.folder / "manifest.json").st_ctime  # noqa: PTH116
    return float("inf")  # it has only just been begun


def _close(process: subprocess.Popen[bytes]) -> None:
    pipe: IO[bytes] | None = process.stdin
    if pipe is not None:
        with suppress(OSError):
            pipe.close()
