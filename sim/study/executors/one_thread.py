"""One thread for BLAS in a process that several tasks may share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_lock = threading.Lock()
_limits: list[threadpool_limits] = []
"""Of the tasks under way, the oldest first: it knows how many threads there were before."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread; give the others back when the last task of this process ends.

    Were each task to restore what it found, one that ends would give threads to those that go on,
    and sums would be rounded otherwise.
    """
    with _lock:
        _limits.append(threadpool_limits(limits=1))
    try:
        yield
    finally:
        with _lock:
            limits = _limits.pop()
            if not _limits:
                limits.restore_original_limits()
