"""Where a study grows until it is whole, and how the next run finds it after a crash.

It grows under its own name where nothing is there. Beside an older study, which it is to replace,
it grows in ``NAME.new``; the two names are exchanged when it is whole. So at every instant there is
the older study or the new one under the name.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.errors import InputError, one_line
from sim.study.failed import MachineError, is_of_machine
from sim.study.store.durable import checksum, swap, sync_folder
from sim.study.store.folder import checked, remove_empty
from sim.study.store.lock import only_process
from sim.study.store.manifest_file import (
    FINISHED,
    MANIFEST,
    SIMULATED,
    OtherFormatError,
    read_state,
    write_manifest,
)
from sim.study.store.reading import check_whole

KEEPS_ALL = {"replicate", "compare", "assurance"}
"""Kinds of studies that keep all replicates when they are finished, as a manifest calls them."""
NEW = ".new"
"""Ends the name of a folder that is to replace another."""
REPLACES = "replaces"
"""Of a manifest: checksum of that of the study whose place this one is to take."""


@dataclass(slots=True)
class Ground:
    """Where a study grows.

    Attributes
    ----------
    folder
        That it writes to; it may not be there yet.
    final
        Where it is when it is whole.
    replaces
        Checksum of the manifest of the study that it is to replace, '' if it replaces none.
    whole
        Whether its tables are whole: then it is put in place even if what is made of them fails.
    """

    folder: Path
    final: Path
    replaces: str = ""
    whole: bool = False


def begin(folder: Path, manifest: Mapping[str, Any], *, sync: bool) -> None:
    """Make the folder of a study: it appears with its manifest in it."""
    begun = folder.with_name(f".{folder.name}.begun")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir()
    write_manifest(begun, manifest, sync=sync)
    begun.rename(folder)
    if sync:
        sync_folder(folder.parent)


@contextmanager
def ground_for(
    out: Path,
    check: Callable[[Path, Mapping[str, Any]], None],
    *,
    overwrite: bool,
    repeat: str = "",
) -> Iterator[Ground]:
    """Give the folder in which a study grows, and put it in place at the end.

    Parameters
    ----------
    out
        Where the study is to be.
    check
        Called with folder and manifest of an unfinished study that is there, or of one to be grown:
        raises an exception if it is another study.
    overwrite
        Whether it may replace a finished one.
    repeat
        ``"grow"`` if a finished one is to be made larger: it is copied, and the copy replaces it at
        the end; ``"resume"`` if what is made of a finished one is to be made again.

    Raises
    ------
    InputError
        If the folder cannot be made, something else is there, or another process writes to it.
    MachineError
        If the machine fails: the disk is full, say.
    """
    final = checked(out)
    missing = [above for above in final.parents if not above.exists()]
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with only_process(final, out):
            completed = recover(final)
            if completed and overwrite and _is_this(out, final, check):
                ground = Ground(final, final)
            else:
                ground = _ground(out, final, check, overwrite=overwrite, repeat=repeat)
            try:
                yield ground
            except Exception:
                if ground.whole:  # what is made of the tables can be made again
                    _put_in_place(ground)
                raise
            _put_in_place(ground)
    except BrokenPipeError:
        raise
    except OSError as error:
        told = f"cannot write {out}: {one_line(error.strerror or str(error))}"
        raised = MachineError(told) if is_of_machine(error) else InputError(told)
        for note in getattr(error, "__notes__", ()):
            raised.add_note(note)
        raise raised from error
    finally:
        if not final.exists():
            remove_empty(missing)


def recover(final: Path) -> bool:
    """Complete an exchange of folders that a crash cut short; return whether there was one."""
    completed = False
    new, old = beside(final), final.with_name(f".{final.name}.old")
    if old.exists() and not final.exists():
        (new if new.exists() else old).rename(final)
    mine, theirs = read_state(final) or {}, read_state(new) or {}
    if mine and mine.get(REPLACES) == _manifest_sum(new):
        new.rename(old)  # it has been replaced
    elif theirs.get("state") == FINISHED and theirs.get(REPLACES) == _manifest_sum(final):
        swap(new, final)
        completed = True
    elif theirs.get(REPLACES) and not final.exists():
        new.rename(final)  # what it was to replace was removed by hand
    if final.exists():
        shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(final.with_name(f".{final.name}.begun"), ignore_errors=True)
    return completed


def _is_this(out: Path, final: Path, check: Callable[[Path, Mapping[str, Any]], None]) -> bool:
    """Return whether the study that has just been put in place is the one that is asked for.

    Not one that does not keep its replicates: it could not be completed where it is.
    """
    manifest = read_state(final) or {}
    if not _keeps_all(manifest):
        return False
    try:
        check(out, manifest)
    except InputError:
        return False
    return True


def _keeps_all(manifest: Mapping[str, Any]) -> bool:
    """Return whether a finished study has all its replicates."""
    return bool(KEEPS_ALL & set(manifest.get("study") or ()))


def beside(final: Path) -> Path:
    """Return where a study grows that is to replace another."""
    return final.with_name(f"{final.name}{NEW}")


def _ground(
    out: Path,
    final: Path,
    check: Callable[[Path, Mapping[str, Any]], None],
    *,
    overwrite: bool,
    repeat: str,
) -> Ground:
    if not final.exists():
        if repeat:
            raise InputError(f"{out} is no study: there is no such folder")
        return Ground(final, final)
    try:
        there = read_state(final)
    except OtherFormatError:
        if not overwrite or repeat:
            raise
        there = {"state": FINISHED}  # nothing of it could be gone on with
    if there is not None and there["state"] != FINISHED:
        check(out, there)
        return Ground(final, final)
    if not overwrite and not repeat:
        raise InputError(f"{out} exists: choose another folder, or add --overwrite to replace it")
    if there is None:
        if any(final.iterdir()) or repeat:
            raise InputError(f"{out} has no {MANIFEST}, so it is no study: it is not overwritten")
        final.rmdir()
        return Ground(final, final)
    return _ground_beside(out, final, there, check, repeat)


def _ground_beside(
    out: Path,
    final: Path,
    there: Mapping[str, Any],
    check: Callable[[Path, Mapping[str, Any]], None],
    repeat: str,
) -> Ground:
    """Return where a study grows that is to take the place of a finished one."""
    new = beside(final)
    unfinished = read_state(new)
    if new.exists() and (unfinished is None or not unfinished.get(REPLACES)):
        raise InputError(f"{new} is in the way: it is no unfinished study that is to replace {out}")
    if unfinished is not None:
        check(new, unfinished)
    if repeat == "resume" and unfinished is None:
        if not _keeps_all(there):
            raise InputError(f"{out} is finished: nothing of it is missing")
        check(out, there)
        return Ground(final, final)
    ground = Ground(new, final, _manifest_sum(final))
    if repeat == "grow" and unfinished is None:
        check(out, there)
        check_whole(final)
        _copy(final, ground)
    return ground


def _copy(final: Path, ground: Ground) -> None:
    """Copy a study to where it grows; files are shared, and replaced when they change."""
    copy = ground.folder.with_name(f".{ground.folder.name}.begun")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(final, copy, copy_function=_link)
    manifest = read_state(final) or {}
    write_manifest(copy, {**manifest, "state": SIMULATED, REPLACES: ground.replaces}, sync=True)
    copy.rename(ground.folder)
    sync_folder(ground.folder.parent)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _put_in_place(ground: Ground) -> None:
    if ground.folder != ground.final:
        swap(ground.folder, ground.final)


def _manifest_sum(folder: Path) -> str:
    with suppress(OSError):
        return checksum(folder / MANIFEST)
    return ""
