"""Files and folders that are whole after a crash: written beside their name, synced, renamed."""

import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PARTIAL = ".partial"
"""Ends the name of a file that is being written. Only the process that has the study's lock writes
such files, so what is found of them was left by a process that is no more."""
_EXCHANGE, _HERE = 2, -100
"""Of ``renameat2``: RENAME_EXCHANGE, and AT_FDCWD."""


@contextmanager
def written(path: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the name ``path`` when it is whole.

    Parameters
    ----------
    path
        Of the file; an older one is replaced then.
    sync
        Whether file and name are to survive a loss of power as well.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Let all files below a folder survive a loss of power, with their names."""
    for above, _, names in os.walk(folder):
        for name in names:
            handle = os.open(Path(above) / name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(Path(above))


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def swap(new: Path, old: Path) -> None:
    """Put a folder in the place of another, and remove that.

    Linux exchanges the two names at once, so that there is no instant without a folder. Where the
    file system cannot, the old folder is renamed first; a process that is killed between the two
    renames leaves the new folder under its own name, and :func:`sim.study.store.growing.recover`
    puts it in place.
    """
    if not exchange(new, old):
        aside = old.with_name(f"{old.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        old.rename(aside)
        new.rename(old)
        new = aside
    sync_folder(old.parent)
    shutil.rmtree(new, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names at once; return False where the system cannot.

    Raises
    ------
    OSError
        If it can, and fails all the same.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    failed = renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), str(one))
