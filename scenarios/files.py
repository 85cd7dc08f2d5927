"""Reads files that a user names: regular ones only, so that nothing hangs or never ends."""

import errno
import os
import stat
from pathlib import Path

from scenarios.errors import InputError, one_line


def content_of(file: Path) -> bytes:
    """Return what is in a file, which must be no folder, pipe or device.

    Raises
    ------
    OSError, ValueError
        If it is one of these, there is no such file, or it may not be read; ``strerror`` says why.
    """
    # A pipe would be waited for when it is opened, unless it is not to block.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(file))
        if not stat.S_ISREG(mode):
            told = "it is a pipe or a device: save what it gives in a file"
            raise OSError(errno.EINVAL, told, str(file))
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read()
    finally:
        os.close(handle)


def regular_file(file: Path) -> bytes:
    """Return what is in a file, see :func:`content_of`.

    Raises
    ------
    InputError
        If it cannot be read, with the reason.
    """
    try:
        return content_of(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {why(error)}") from None


def why(error: Exception) -> str:
    """Return in a line why a file cannot be read."""
    return one_line(getattr(error, "strerror", None) or str(error))
