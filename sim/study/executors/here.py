"""Work done in this process: one job, or tasks so light that workers are not worth their start."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from sim.study.executors.protocol import Result, Task

SECONDS_TO_START = 2.5
"""Seconds until workers are ready, most of them for imports: each on a core of its own. Seconds are
of the processor: where the machine is busy, workers start as much later as tasks take longer."""


@dataclass(slots=True)
class Here:
    """The work of this process itself, and what light tasks have cost in it.

    Attributes
    ----------
    spent
        Seconds in all.
    last
        Seconds of the last task, 0 before the first.
    """

    spent: float = 0.0
    last: float = 0.0

    def has_time(self, tasks: int, jobs: int) -> bool:
        """Return whether as many tasks more, like the last one, are still done in this process.

        With j workers, work of w seconds takes as long as their start and w / j. So they are worth
        their start if w (j - 1) / j is more than that. More tasks may be asked for later on, as by
        a search: what has been spent counts as well, and so little is ever lost by waiting.
        """
        return (self.spent + tasks * self.last) * (jobs - 1) <= SECONDS_TO_START * jobs

    def work(self, function: Callable[[Task], Result], task: Task) -> Result:
        """Apply a function to a task, on one thread, and note what that cost."""
        started = time.process_time()
        with threadpool_limits(limits=1):
            result = function(task)
        self.last = time.process_time() - started
        self.spent += self.last
        return result
