"""What an executor is."""

from collections.abc import Callable, Generator, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
Given_co = TypeVar("Given_co", covariant=True)


class Tasks(Protocol[Given_co]):
    """What is to be done: handed out one by one as workers become free, at most so many."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Given_co]: ...


class Executor(Protocol):
    """Applies a function to tasks on several workers.

    Results are yielded as they are finished, in any order, and are not kept; a worker uses one
    thread. Tasks are taken from their source only when a worker is free for them, so that a source
    which ends early ends the work after the tasks under way. The task of a worker that is lost or
    stuck is done again by another. An exception in the function ends the work, and so does closing
    the generator. A function with a true attribute ``light`` makes no more of a task than starting
    a worker does.
    """

    @property
    def name(self) -> str:
        """What a manifest calls it."""

    @property
    def jobs(self) -> int:
        """Number of workers, at least 1."""

    def run(self, function: Callable[[Task], Result], tasks: Tasks[Task]) -> Generator[Result]:
        """Yield the results as they are finished.

        Raises
        ------
        MachineError
            If memory or files run out, or workers are lost again and again.
        """
