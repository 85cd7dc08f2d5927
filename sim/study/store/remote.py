"""Results on object storage: ``s3://bucket/folder``, and what else fsspec reaches.

A study grows in a temporary folder here and is copied there as it grows. Nothing can be renamed
there, so the order of copying does what renaming does here: first the files that a manifest speaks
of, then the manifests, then what is no longer needed is removed. Who is killed leaves an unfinished
study there, and the same command, on any machine, fetches it and goes on with it.
"""

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from scenarios.errors import InputError, one_line
from scenarios.extras import needs
from scenarios.machine import MachineError
from sim.study.store.manifest_file import MANIFEST

LOCK = ".lock"
"""Name of the object that says who writes."""
SIGN_OF_LIFE = 60.0
"""Seconds after which the lock is written again, with the time."""
SILENT = 1800.0
"""Seconds without a sign of life after which another machine's lock counts as left behind."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+(?=[^/])")


def address_of(out: str | Path) -> str | None:
    """Return the address of results on object storage; None for a folder on this machine.

    A path has lost a slash of it.

    >>> address_of(Path("s3://bucket/study"))
    's3://bucket/study'
    >>> address_of("results/study")
    """
    found = _ADDRESS.match(str(out))
    return None if found is None else f"{found[1]}://{str(out)[found.end() :].rstrip('/')}"


def refuse_address(directory: Path) -> Path:
    """Return the folder of a study that is read, if it is one on this machine.

    Raises
    ------
    InputError
        If it is an address.
    """
    address = address_of(directory)
    if address is not None:
        by = f" (aws s3 cp --recursive {address} DIR)" if address.startswith("s3:") else ""
        raise InputError(
            f"{address} is no folder on this machine: copy the study here and name the copy{by}; "
            "an unfinished one is gone on with by the command that began it"
        )
    return directory


class Remote:
    """A folder on object storage, and its copy here.

    Parameters
    ----------
    address
        Such as ``s3://bucket/folder``.
    here
        The folder in which the study grows.
    """

    def __init__(self, address: str, here: Path) -> None:
        self.address = address
        self.here = here
        self._mine = {
            "id": uuid4().hex,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "began": _began(os.getpid()),
        }
        self._copied: dict[str, tuple[int, int]] = {}
        self._told = 0.0

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """The file system, and the path in it.

        Raises
        ------
        InputError
            If the extra is not installed, or there is no such kind of address.
        """
        try:
            core: Any = import_module("fsspec.core")
            system, path = core.url_to_fs(self.address, use_listings_cache=False)
        except ImportError as error:
            raise needs(f"--out {self.address}", "remote") from error
        except ValueError as error:
            raise InputError(f"--out {self.address}: {one_line(str(error))[:200]}") from error
        return system, path

    @contextmanager
    def reaching(self, *, first: bool = False) -> Iterator[tuple[Any, str]]:
        """Give file system and path; what fails there is told in one line.

        Raises
        ------
        InputError
            If it is not reached the first time.
        MachineError
            If it is lost later on.
        """
        system, path = self._place
        try:
            yield system, path
        except (InputError, MachineError):
            raise
        except Exception as error:
            told = one_line(f"{type(error).__name__}: {error}")[:200]
            if first:
                raise InputError(f"{self.address} cannot be reached: {told}") from error
            raise MachineError(f"{self.address} cannot be written: {told}") from error

    def fetch(self) -> None:
        """Copy an unfinished study from there to here, so that it is gone on with.

        Raises
        ------
        InputError
            If there is a finished one, or something else.
        """
        with self.reaching(first=True) as (system, path):
            there = [name for name in system.find(path) if not name.endswith(f"/{LOCK}")]
            if not there:
                return
            manifest = f"{path}/{MANIFEST}"
            if manifest not in there:
                raise InputError(f"{self.address} has no {MANIFEST}, so it is no study")
            state = json.loads(system.cat_file(manifest)).get("state", "finished")
            if state == "finished":
                raise InputError(
                    f"{self.address} has a finished study, which cannot be replaced at once where "
                    "nothing can be renamed: choose another folder, or remove it"
                )
            for name in there:
                target = self.here / name.removeprefix(f"{path}/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(system.cat_file(name))
            self._copied = self._files()

    def push(self) -> None:
        """Copy there what is new here, and remove there what is gone here.

        Raises
        ------
        MachineError
            If that fails, or another run has taken the folder over.
        """
        self._say_alive()
        now = self._files()
        new = [name for name, stamp in now.items() if self._copied.get(name) != stamp]
        gone = [name for name in self._copied if name not in now]
        with self.reaching() as (system, path):
            for name in sorted(new, key=_manifests_last):
                system.pipe_file(f"{path}/{name}", (self.here / name).read_bytes())
                self._copied[name] = now[name]
            for name in gone:
                system.rm_file(f"{path}/{name}")
                del self._copied[name]

    def _files(self) -> dict[str, tuple[int, int]]:
        """Return the files here that are whole, with what changes when they do."""
        found = {}
        for file in self.here.rglob("*"):
            if file.is_file() and file.suffix != ".partial":
                stat = file.stat()
                found[file.relative_to(self.here).as_posix()] = (stat.st_mtime_ns, stat.st_size)
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock: an object that only one can make.

        Raises
        ------
        InputError
            If another run holds it, or the storage cannot see to it that only one makes it.
        """
        with self.reaching(first=True) as (system, path):
            name = f"{path}/{LOCK}"
            if not self._make_lock(system, name):
                self._take_over(system, name)
        try:
            yield
        finally:
            with suppress(Exception):
                if self._holder(system, name).get("id") == self._mine["id"]:
                    system.rm_file(name)

    def _make_lock(self, system: Any, name: str) -> bool:
        self._told = time.monotonic()
        try:
            system.pipe_file(name, self._lock(), mode="create")
        except FileExistsError:
            return False
        except OSError as error:
            # What S3 answers if there is one is passed on as it is by some versions.
            if "PreconditionFailed" in f"{error!r} {error.__cause__!r}" or system.exists(name):
                return False
            raise
        return True

    def _take_over(self, system: Any, name: str) -> None:
        """Take the lock of a run that is no more.

        Raises
        ------
        InputError
            If it may still be there.
        """
        holder = self._holder(system, name)
        silent = (datetime.now(tz=UTC) - _when(holder)).total_seconds()
        here = (holder.get("host"), holder.get("boot")) == (self._mine["host"], _boot())
        gone = here and _began(int(holder.get("process", 0))) != holder.get("began")
        if not gone and silent < SILENT:
            raise InputError(
                f"{self.address} is being written by another run, on {holder.get('host')}, which "
                f"was last heard of {max(silent, 0.0):.0f} s ago: wait for it, or choose another "
                f"folder; if it is no more, remove {self.address}/{LOCK}"
            )
        system.pipe_file(name, self._lock())

    def _say_alive(self) -> None:
        if time.monotonic() - self._told < SIGN_OF_LIFE:
            return
        with self.reaching() as (system, path):
            holder = self._holder(system, f"{path}/{LOCK}")
            if holder.get("id") != self._mine["id"]:
                raise MachineError(f"{self.address} was taken over by another run")
            system.pipe_file(f"{path}/{LOCK}", self._lock())
            self._told = time.monotonic()

    def _lock(self) -> bytes:
        now = datetime.now(tz=UTC).isoformat(timespec="seconds")
        return json.dumps({**self._mine, "boot": _boot(), "heard": now}).encode()

    @staticmethod
    def _holder(system: Any, name: str) -> dict[str, Any]:
        try:
            found = json.loads(system.cat_file(name))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _manifests_last(name: str) -> tuple[bool, int, str]:
    """Return a key by which manifests come after all else, those of parts before the whole's."""
    return name.endswith(MANIFEST), -name.count("/"), name


def _when(holder: dict[str, Any]) -> datetime:
    with suppress(KeyError, ValueError, TypeError):
        return datetime.fromisoformat(holder["heard"])
    return datetime.fromtimestamp(0.0, tz=UTC)


def _began(process: int) -> str:
    """Return when a process of this machine began, '' if there is none: numbers are used again."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    return ""


def _boot() -> str:
    """Return what names the processes of this machine: its start, and the container."""
    with suppress(OSError):
        start = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        return f"{start} {Path('/proc/self/ns/pid').readlink()}"
    return uuid4().hex
