"""Work done in this process: one job, or tasks so light that workers are not worth their start."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from sim.study.executors.protocol import Result, Task

SECONDS_HERE = 4.0
"""Seconds of light tasks that are done in this process before workers are started for the rest.
Two workers are ready after about 2 seconds and then save half of what is left: they are worth their
start for more than 4 seconds of work."""


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

    def has_time(self, tasks: int) -> bool:
        """Return whether as many tasks more, like the last one, are still done in this process."""
        return self.spent + tasks * self.last <= SECONDS_HERE

    def work(self, function: Callable[[Task], Result], task: Task) -> Result:
        """Apply a function to a task, on one thread, and note what that cost."""
        started = time.perf_counter()
        with threadpool_limits(limits=1):
            result = function(task)
        self.last = time.perf_counter() - started
        self.spent += self.last
        return result
