"""How far a study is: a bar with the time left on a terminal or in a notebook, lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.terminal import PlainConsole, tell, write_remark

Advance = Callable[[int, int], None]
"""Is told how many are done, and of how many."""
ShowProgress = Callable[[str], AbstractContextManager[Advance]]
"""Gives for what is done the function to be told, while it is entered."""
LINES = 10
"""Lines that a study prints where there is no terminal."""


@contextmanager
def show_progress(what: str) -> Iterator[Advance]:
    """Give a function that is told how many are done, of how many; it writes to standard error.

    In a notebook, rich draws the bar in the output of the cell.
    """
    console = PlainConsole(stderr=True)
    if not (sys.stderr.isatty() or console.is_jupyter):
        yield _lines(what)
        return
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield advance


@contextmanager
def no_progress(_what: str) -> Iterator[Advance]:
    """Give a function that shows nothing."""
    yield ignore


def remark(line: str) -> None:
    """Print a remark to standard error."""
    tell(line)


def say_nothing(_line: str) -> None:
    """Print nothing."""


def ignore(done: int, total: int) -> None:
    """Show nothing."""


class Counter:
    """Counts replicates that are done, one by one, and those that failed.

    Parameters
    ----------
    advance
        Told the replicates done and the total, first at once.
    total
        How many there will be, or a guess.
    done
        How many are done already.
    guess
        Whether the total is a guess: then one more is to come until :meth:`finish`.
    """

    def __init__(self, advance: Advance, total: int, done: int = 0, *, guess: bool = False) -> None:
        self.done = done
        self.failures: list[str] = []
        self._total = total
        self._advance = advance
        self._more = int(guess)
        advance(done, total)

    def __call__(self, failure: str = "") -> None:
        """Count one; with the reason, if it failed."""
        self.done += 1
        if failure:
            self.failures.append(failure)
        self._advance(self.done, max(self._total, self.done + self._more))

    def expect(self, more: int) -> None:
        """Say how many are to come, as far as is known now."""
        self._total = self.done + more

    def finish(self) -> None:
        """Say that there are no more to come."""
        self._advance(self.done, self.done)


def _lines(what: str) -> Advance:
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
        write_remark(f"{what}: {done} of {total}{left}")

    return advance
