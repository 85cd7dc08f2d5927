"""How replicates are handed to workers: in chunks of a fixed number, grouped into tasks.

A task takes one to two seconds, so that what it costs to hand it out and to keep its tables does
not matter, and no more than that is lost in a crash. How chunks are grouped depends on the clock,
so nothing that is kept may depend on it.
"""

import math
from collections.abc import Iterator, Sequence

CHUNK = 5
"""Replicates in a chunk."""
CHUNK_AT_ONCE = 25
"""Replicates in a chunk where they are run together: a chunk takes about as long."""
TARGET, LEAST = 1.5, 0.3
"""Seconds that a task should take, and that it takes at least where it can be made to."""
SHARE = 4
"""Tasks that each worker is to have left, so that all workers end together."""


class Groups:
    """Tasks of consecutive replicates, cut to size when they are handed out.

    Parameters
    ----------
    missing
        The replicates, in order.
    jobs
        Number of workers.
    chunk
        Replicates in a chunk.
    """

    def __init__(self, missing: Sequence[range], jobs: int, chunk: int = CHUNK) -> None:
        self._missing = missing
        self._chunk = chunk
        self._jobs = jobs
        self._left = sum(len(gap) for gap in missing)
        self._seconds = 0.0
        self.stopped = False

    def __len__(self) -> int:
        """Return how many tasks there are at most."""
        return sum(
            (gap.stop - 1) // self._chunk - gap.start // self._chunk + 1 for gap in self._missing
        )

    def __iter__(self) -> "Handed":
        """Hand out the tasks, until they are stopped."""
        return Handed(self, self._tasks())

    @property
    def expected(self) -> int:
        """About how many tasks are left."""
        return math.ceil(self._left / (self._chunk * self._chunks()))

    def _tasks(self) -> Iterator[range]:
        for gap in self._missing:
            at = gap.start
            while at < gap.stop and not self.stopped:
                end = min((at // self._chunk + self._chunks()) * self._chunk, gap.stop)
                self._left -= end - at
                yield range(at, end)
                at = end

    def measured(self, seconds: float, replicates: int) -> None:
        """Take note of how long some replicates took; the first of a worker take longer."""
        now = seconds / replicates
        before = self._seconds or now
        self._seconds = min(now, 0.5 * (now + before))

    def stop(self) -> None:
        """Hand out no more tasks."""
        self.stopped = True

    def _chunks(self) -> int:
        """Return of how many chunks the next task is."""
        if not self._seconds:
            return 1
        chunk = self._chunk * self._seconds
        fair = max(self._left / (self._chunk * SHARE * self._jobs), LEAST / chunk)
        return max(int(min(TARGET / chunk, fair)), 1)


class Handed(Iterator[range]):
    """Tasks as they are handed out; ``operator.length_hint`` tells about how many are left."""

    def __init__(self, groups: Groups, tasks: Iterator[range]) -> None:
        self._groups = groups
        self._tasks = tasks

    def __next__(self) -> range:
        return next(self._tasks)

    def __length_hint__(self) -> int:
        return self._groups.expected
