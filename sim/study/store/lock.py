"""One process at a time: a lock on the name of a study, held by the open file and not by a number.

The system drops the lock when the process ends in whatever way, so a crash leaves none behind; and
it does not matter that processes in two containers may have the same number.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scenarios.errors import InputError


@contextmanager
def only_process(final: Path, named: Path) -> Iterator[None]:
    """Hold the lock of a folder or file to be made.

    Parameters
    ----------
    final
        Its path. The lock is a hidden file beside it, which goes with the lock.
    named
        How a user calls it, for the message.

    Raises
    ------
    InputError
        If another process holds it.
    """
    file = final.with_name(f".{final.name}.lock")
    handle = _locked(file, named)
    try:
        yield
    finally:
        # Unlinked while it is held: who waits for it finds that the name is gone, see below.
        with suppress(OSError):
            file.unlink()
        os.close(handle)


def is_locked(final: Path) -> bool:
    """Return whether a process writes to a folder or file."""
    try:
        handle = os.open(final.with_name(f".{final.name}.lock"), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _locked(file: Path, named: Path) -> int:
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise InputError(
                f"{named} is being written by another run: wait for it, or choose another folder"
            ) from None
        if _is(handle, file):
            return handle
        os.close(handle)  # its holder ended, and removed it, while it was being opened here


def _is(handle: int, file: Path) -> bool:
    """Return whether an open file still has this name."""
    try:
        there = file.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)
