"""Ends operations that take too long, from another thread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls a function when a watched operation is not completed in time.

    Its thread is not woken for each operation, which would cost more than most answers: all have
    the same time limit, so an operation that begins while it sleeps is due after it wakes.

    Parameters
    ----------
    seconds
        Time limit of each operation.
    bite
        Function to call.

    Attributes
    ----------
    bitten
        Whether the last operation was late.
    """

    def __init__(self, seconds: float, bite: Callable[[], None]) -> None:
        self._seconds, self._bite = seconds, bite
        self._due: float | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self.bitten = False
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the operation within the context."""
        with self._lock:
            self._due, self.bitten = time.monotonic() + self._seconds, False
        try:
            yield
        finally:
            with self._lock:
                self._due = None

    def close(self) -> None:
        """Let the thread end."""
        self._closed.set()

    def _watch(self) -> None:
        nap = self._seconds
        while not self._closed.wait(nap):
            with self._lock:
                left = self._seconds if self._due is None else self._due - time.monotonic()
                if left <= 0.0:
                    self._due, self.bitten = None, True
                    self._bite()
            nap = left if left > 0.0 else self._seconds
