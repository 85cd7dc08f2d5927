"""An output folder that appears whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenarios.errors import InputError, one_line
from sim.interrupts import Terminated
from sim.study.failed import MachineError, is_of_machine
from sim.study.json_text import json_text
from sim.study.store.durable import swap, written
from sim.study.store.manifest_file import MANIFEST
from sim.study.store.remote import address_of


@contextmanager
def new_folder(out: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``out`` to write to; rename it to ``out`` at the end.

    For what is made at once, such as a single trial; a study grows in :mod:`.growing`. Folders
    above it are made where they are missing. If the body raises, or is interrupted, the temporary
    folder is removed, with those made above it, and what was at ``out`` stays as it was.

    Raises
    ------
    InputError
        If ``out`` cannot be written: it is there already, it is a file, the folder above it is not
        writable.
    MachineError
        If the machine fails: the disk is full, say.
    """
    final = checked(out)
    _check_replaceable(out, final, overwrite=overwrite)
    partial = final.with_name(f".{final.name}.partial-{os.getpid()}")
    missing = [above for above in final.parents if not above.exists()]
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        # What bears our process id was left by a process that is no more.
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
        _put_in_place(partial, final, overwrite=overwrite)
    except BrokenPipeError:
        raise
    except OSError as error:
        told = f"cannot write {out}: {one_line(error.strerror or str(error))}"
        if is_of_machine(error):
            raise MachineError(told) from error
        raise InputError(told) from error
    finally:
        _discard(partial)
        if not final.exists():
            remove_empty(missing)


def remove_empty(folders: list[Path]) -> None:
    """Remove folders, the deepest first, as far as they are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return  # another process has put something there meanwhile


def _discard(folder: Path) -> None:
    """Remove a folder, to the end even if a second interrupt comes."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except (KeyboardInterrupt, Terminated):
        shutil.rmtree(folder, ignore_errors=True)
        raise


def check_new_file(option: str, file: Path, *, overwrite: bool = False) -> None:
    """Refuse a file that could not be written later on, by beginning to.

    Parameters
    ----------
    option
        How it was given, for the message.
    file
        Where it is to be.
    overwrite
        Whether it may replace one.

    Raises
    ------
    InputError
        If it is there already, or its folder is missing or not writable, or has no file of such a
        name.
    """
    try:
        _check_place(option, file, overwrite=overwrite)
        partial = _partial(file)
        partial.touch()
        partial.unlink()
    except (OSError, ValueError) as error:
        told = one_line(getattr(error, "strerror", None) or str(error))
        raise InputError(f"{option} {str(file)[:200]} cannot be made: {told}") from None


def _check_place(option: str, file: Path, *, overwrite: bool) -> None:
    if not file.name or file.is_dir():
        raise InputError(f"{option} {str(file)!r} is not allowed: must be the path of a file")
    if file.exists() and not file.is_file():
        raise InputError(f"{option} {file} is a pipe or a device: must be the path of a file")
    if file.exists() and not overwrite:
        raise InputError(
            f"{option} {file} exists: choose another, or add --overwrite to replace it"
        )
    if not file.parent.is_dir():
        raise InputError(f"{option} {file} cannot be made: there is no folder {file.parent}")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise InputError(f"{option} {file} cannot be made: {file.parent} is not writable")


def _partial(path: Path) -> Path:
    """Return the name under which a file grows, beside its final one."""
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


def write_whole(path: Path, text: str) -> None:
    """Write a text beside its final name and rename it, so that it is there whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    partial = _partial(path)
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {one_line(error.strerror or str(error))}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write an object as indented JSON."""
    with written(path, sync=False) as file:
        file.write((json_text(content) + "\n").encode())


def checked(out: Path) -> Path:
    """Return the whole path of a folder that can be made, or is there.

    Raises
    ------
    InputError
        If it is a file, or the folder above it is none or not writable.
    """
    try:
        if address_of(out) is not None:
            raise InputError(f"{address_of(out)}: only studies can be written to object storage")
        final = out.resolve()
        if final.exists() and not final.is_dir():
            raise InputError(f"{out} is a file: give a folder that does not exist yet")
        above = next((folder for folder in final.parents if folder.exists()), final)
        if not above.is_dir():
            raise InputError(f"{out} cannot be made: {above} is not a folder")
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"cannot write {str(out)!r}: {one_line(str(error))}") from error
    if final == above:
        raise InputError(f"{out} has no {MANIFEST}, so it is no study: it is not overwritten")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{out} cannot be made: {above} is not writable")
    return final


def _check_replaceable(out: Path, final: Path, *, overwrite: bool) -> None:
    if not final.is_dir():
        return
    if not overwrite:
        raise InputError(f"{out} exists: choose another folder, or add --overwrite to replace it")
    if any(final.iterdir()) and not (final / MANIFEST).is_file():
        raise InputError(f"{out} has no {MANIFEST}, so it is no study: it is not overwritten")


def _put_in_place(partial: Path, final: Path, *, overwrite: bool) -> None:
    if not final.exists():
        partial.rename(final)
    elif overwrite:
        swap(partial, final)
    else:
        raise InputError(f"{final} was made by another process meanwhile: it is left as it is")
