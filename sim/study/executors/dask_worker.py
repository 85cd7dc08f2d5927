"""The part of a worker of Dask."""

import pickle
from typing import Any

from sim.study.executors.one_thread import one_thread


def load(pickled: bytes) -> Any:
    """Return the function that this worker is to apply; it has it once for all its tasks."""
    return pickle.loads(pickled)  # noqa: S301 - from who started the study


def work(function: Any, task: object) -> Any:
    """Apply the function to a task, on one thread."""
    with one_thread():
        return function(task)
