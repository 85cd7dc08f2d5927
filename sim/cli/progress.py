"""How far a study is: a bar with the time left on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

OnProgress = Callable[[int, int], None]
LINES = 10
"""Lines that a study prints where there is no terminal."""


@contextmanager
def show_progress(what: str) -> Iterator[OnProgress]:
    """Give a function that is told how many are done, of how many; it writes to standard error."""
    if not sys.stderr.isatty():
        yield _lines(what)
        return
    columns = (
        TextColumn(what), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield advance


def _lines(what: str) -> OnProgress:
    started = time.monotonic()
    printed = -1

    def advance(done: int, total: int) -> None:
        nonlocal printed
        share = LINES * done // total
        if share == printed:
            return
        printed = share
        passed = time.monotonic() - started
        left = f", about {passed / done * (total - done):.0f} s left" if 0 < done < total else ""
        sys.stderr.write(f"{what}: {done} of {total}{left}\n")
        sys.stderr.flush()

    return advance
