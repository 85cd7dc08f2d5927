"""Where compiled kernels are kept, so that a machine compiles them once."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from scenarios.extras import PACKAGE


def compile_and_keep(function: Callable[..., Any], source: str) -> Callable[..., Any]:
    """Return a function compiled by numba, which keeps the result on disk.

    numba looks at the file of a function to see whether what it kept is still good, but not at the
    files of the functions it calls. So each source has a folder of its own.

    Parameters
    ----------
    function
        What to compile.
    source
        All that the result follows from.
    """
    numba: Any = import_module("numba")  # here, as a trial without kernels does not wait for it

    folder = _place() / hashlib.sha256(source.encode()).hexdigest()[:16]
    if not folder.exists():
        _tell_of_compilation()
    folder.mkdir(exist_ok=True)
    elsewhere, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True)(function)
    finally:
        numba.config.CACHE_DIR = elsewhere  # for what a recommender of one's own compiles
    return compiled


@cache
def _place() -> Path:
    """Return the folder of all that is kept.

    That is :func:`wanted_place`; if it cannot be written, a temporary folder.
    """
    place = wanted_place()
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        wanted, place = place.parent, _temporary()
        _tell(f"compiled loops cannot be kept in {wanted} ({error.strerror}); this time: {place}")
    return place


def wanted_place() -> Path:
    """Return where what is compiled is to be kept: in ``NUMBA_CACHE_DIR`` or the user's cache."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or _users_cache()) / PACKAGE


def _temporary() -> Path:
    """Return a temporary folder of the user's own, the same for all processes of a study.

    What is kept here is run: nobody else may write to it.
    """
    user = getattr(os, "getuid", lambda: 0)()  # Windows has a temporary folder for each user
    place = Path(tempfile.gettempdir()) / f"{PACKAGE}-{user}"
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.stat()
    if os.name == "posix" and (found.st_uid != user or found.st_mode & 0o022):
        return Path(tempfile.mkdtemp(prefix=f"{PACKAGE}-"))
    return place


def _users_cache() -> str:
    # Path.home() would raise for a user without a home.
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111


@cache
def _tell_of_compilation() -> None:
    _tell("compiling its loops, once for this version (some seconds)")


def _tell(what: str) -> None:
    sys.stderr.write(f"selfback: {what}\n")
