"""How worker processes are started: undisturbed by signals, and importing nothing from here."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.interrupts import held

SAFE_PATH = "PYTHONSAFEPATH"
"""Keeps the working folder off the front of a new interpreter's path."""
ONE_THREAD = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    ),
    "1",
)
"""Environment of a worker that computes on one thread."""
ENVIRONMENT = {**ONE_THREAD, SAFE_PATH: "1"}
"""Environment of a worker process on this machine."""


@contextmanager
def starting_workers() -> Iterator[None]:
    """Hold signals back while processes are started, and keep the working folder from them.

    A worker gets the path of this process as it is now. Python puts the working folder, or that of
    a script, in front of it: a ``random.py`` there would be imported by every library. Here it goes
    last, where only modules are found that are nowhere else.
    """
    path, safe = list(sys.path), os.environ.get(SAFE_PATH)
    sys.path[:] = working_folder_last(path)
    os.environ[SAFE_PATH] = "1"
    try:
        with held():
            yield
    finally:
        sys.path[:] = path
        if safe is None:
            os.environ.pop(SAFE_PATH, None)
        else:
            os.environ[SAFE_PATH] = safe


def check_files(number: int) -> None:
    """Raise an exception if so many more files cannot be open in this process.

    Libraries that start a process meet that limit halfway, in threads of their own.

    Raises
    ------
    OSError
        EMFILE or ENFILE.
    """
    opened: list[int] = []
    try:
        # One by one: those before the limit are closed as well.
        opened.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(number))
    finally:
        for handle in opened:
            os.close(handle)


def working_folder_last(path: list[str]) -> list[str]:
    """Return a module path with what Python itself put in front at its end: working folder, script.

    Folders of ``PYTHONPATH`` stay where they are: they were put there on purpose.
    """
    named = {
        _real(folder) for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder
    }
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    front = {_real("")} | ({_real(str(Path(script).parent))} if script else set())
    moved = [folder for folder in path if _real(folder) in front - named]
    kept = [folder for folder in path if _real(folder) not in front - named]
    return kept + list(dict.fromkeys(_real(folder) for folder in moved))


def _real(folder: str) -> str:
    return os.path.realpath(folder or os.curdir)
