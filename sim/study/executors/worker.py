"""The part of a worker process on this machine: what it does, and that it never stays behind."""

import ctypes
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from threadpoolctl import threadpool_limits

from sim.study.failed import MachineError, machine_failure

_SIGNAL_AT_PARENTS_DEATH = 1
"""PR_SET_PDEATHSIG in linux/prctl.h."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at the parent."""
_functions: dict[int, Callable[[Any], Any]] = {}
"""What this worker does, by number: the last one only."""


def begin(parent: int) -> None:
    """Let this process end when its parent has ended, whatever ended it.

    On Linux the system sees to it, even while compiled code is running or the process is stopped;
    elsewhere a thread looks.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SIGNAL_AT_PARENTS_DEATH, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before we asked for the signal
        os._exit(1)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


def work(number: int, pickled: bytes | None, task: object) -> Any:
    """Apply a function to a task, on one thread.

    Parameters
    ----------
    number, pickled
        Of the function; None if this worker has it from an earlier task.

    Raises
    ------
    MachineError
        If memory or files run out: one line, for which there is still room.
    """
    try:
        if pickled is not None:
            _functions.clear()
            _functions[number] = pickle.loads(pickled)  # noqa: S301 - from our parent
        with threadpool_limits(limits=1):
            return _functions[number](task)
    except Exception as error:
        failure = machine_failure(error)
        if not failure:
            raise
    raise MachineError(failure)
