"""Ctrl-C and SIGTERM: heard from the first moment, told in one line, kept from workers."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from scenarios.printable import printable

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes: 128 and the number of the signal."""
_TOLD = {INTERRUPTED: "interrupted", TERMINATED: "terminated"}


class Terminated(BaseException):
    """SIGTERM has come.

    It is not SystemExit: what a user's own analysis or recommender raises with ``sys.exit`` is
    caught and kept as its failure, and a signal that comes while it is at work must not be.
    """


def listen() -> None:
    """Let SIGTERM end the process as Ctrl-C does, by an exception, so that all is tidied up."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: object) -> None:
    raise Terminated


def ignore() -> None:
    """Ignore both signals from now on: the process is about to end by itself."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def tell(code: int, notes: Iterable[str] = ()) -> int:
    """Say in one line on standard error what ended the command; return the exit code.

    Parameters
    ----------
    code
        The exit code.
    notes
        What is kept, and how to go on with it.
    """
    kept = "; ".join(notes) or "nothing is left behind"
    sys.stderr.write(f"selfback: {_TOLD[code]}, {printable(kept)}\n")
    return code


def behind(error: BaseException) -> BaseException | None:
    """Return the interrupt behind an error; None if there is none.

    Compiled modules that are interrupted while they are imported make an ImportError of it.
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, KeyboardInterrupt | Terminated):
        found = found.__cause__ or found.__context__
    return found


@contextmanager
def first_one_asks(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C ask that work be brought to an end, and the second one end it.

    Where signals are not ours to catch, as in a thread, both do what they did before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop()
        _write_in_handler(
            "selfback: what is under way is finished and kept; press Ctrl-C again to stop at once\n"
        )

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write_in_handler(line: str) -> None:
    """Write a line to standard error while a signal is handled.

    The signal may have come while a line was being written there. The stream refuses another one
    within it, which would end the command by an error; its file takes it.
    """
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except RuntimeError:  # "reentrant call"
        os.write(sys.stderr.fileno(), line.encode())


@contextmanager
def held() -> Iterator[None]:
    """Hold both signals back while worker processes are started, and leave Ctrl-C to us.

    A signal that comes meanwhile takes effect at the end. The workers are born with SIGINT blocked:
    a terminal sends Ctrl-C to them as well, and they would end in tracebacks. We end them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Helpers that, when they are started, lift the block below; of no use to most commands.
    from multiprocessing import resource_tracker  # noqa: PLC0415

    from joblib.externals.loky.backend import resource_tracker as lokys  # noqa: PLC0415

    resource_tracker.ensure_running()
    lokys.ensure_running()
    caught: list[int] = []
    before = {
        number: signal.signal(number, lambda which, _frame: caught.append(which))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            signal.raise_signal(caught[0])
