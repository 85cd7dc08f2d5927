"""How far a study is: a bar with the time left on a terminal or in a notebook, lines elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.text import Text

from sim.terminal import PlainConsole, tell, write_remark

Advance = Callable[[int, int], None]
"""Is told how many are done, and of how many."""
ShowProgress = Callable[[str], AbstractContextManager[Advance]]
"""Gives for what is done the function to be told, while it is entered."""
LINES = 10
"""Lines that a study prints where there is no terminal."""
LONG = 2.0
"""Seconds after which it is told that something is at work."""


class Pace:
    """How long what is left takes, by the pace of this run.

    What an interrupted run had done before does not count. Until a second report the start of
    workers is in the pace, so that it says how long at most.

    Parameters
    ----------
    clock
        Returns the seconds since any moment.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reports: list[tuple[float, int]] = []
        self._total = 0

    def report(self, done: int, total: int) -> None:
        """Take note of how many are done."""
        self._total = total
        if not self._reports or done > self._reports[-1][1]:
            # The first, the one after it, and the last are all that is needed.
            self._reports[2:] = []
            self._reports.append((self._clock(), done))

    def left(self) -> str:
        """Return how long it takes until all is done; '' when it is.

        >>> moments = iter([0.0, 8.0, 8.0, 10.0, 10.0])
        >>> pace = Pace(lambda: next(moments))
        >>> pace.report(50, 100), pace.left()
        (None, 'time left not known yet')
        >>> pace.report(55, 100), pace.left()
        (None, 'at most about 72 s left')
        >>> pace.report(65, 100), pace.left()
        (None, 'about 7 s left')
        """
        if not self._reports or self._reports[-1][1] >= self._total:
            return ""
        if len(self._reports) == 1:
            return "time left not known yet"
        known = len(self._reports) > 2
        since, before = self._reports[1 if known else 0]
        moment, done = self._reports[-1]
        seconds = (moment - since) / (done - before) * (self._total - done)
        seconds = max(seconds - (self._clock() - moment), 0.0)
        return f"{'about' if known else 'at most about'} {_duration(seconds)} left"


def _duration(seconds: float) -> str:
    """Return a duration in words.

    >>> _duration(40.2), _duration(500.0), _duration(40000.0)
    ('40 s', '8 min', '11.1 h')
    """
    if seconds < 120.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} h"


class _TimeLeft(ProgressColumn):
    """The time left, which says that it is that."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:
        """Return it, and at the end how long all took."""
        return Text(
            f"done in {_duration(task.elapsed or 0.0)}" if task.finished else self._pace.left()
        )


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """Say on standard error that something is at work, and since when, if it takes long.

    For what is done in one piece, so that nobody knows how much of it is left.
    """
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(what, over), daemon=True)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(what: str, over: threading.Event) -> None:
    passed = LONG
    if over.wait(LONG):
        return
    if not sys.stderr.isatty():
        while True:
            write_remark(f"{what}: at work for {_duration(passed)}, time left not known")
            if over.wait(passed):
                return
            passed *= 2.0
    console = PlainConsole(stderr=True)
    clock = TextColumn("{task.description}: at work, time left not known", markup=False)
    with Progress(SpinnerColumn(), clock, console=console, transient=True) as progress:
        progress.add_task(what, total=None)
        over.wait()


@contextmanager
def show_progress(what: str) -> Iterator[Advance]:
    """Give a function that is told how many are done, of how many; it writes to standard error.

    In a notebook, rich draws the bar in the output of the cell.
    """
    console = PlainConsole(stderr=True)
    if not (sys.stderr.isatty() or console.is_jupyter):
        yield _lines(what)
        return
    pace = Pace()
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        _TimeLeft(pace),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            pace.report(done, total)
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
    pace = Pace()
    printed = -1

    def advance(done: int, total: int) -> None:
        nonlocal printed
        pace.report(done, total)
        share = LINES * done // total
        if share == printed:
            return
        printed = share
        left = pace.left()
        write_remark(f"{what}: {done} of {total}{left and ', '}{left}")

    return advance
