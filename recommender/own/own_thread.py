"""A separate thread for a user's own code, with a time limit."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from recommender.protocol import RecommenderError

Result = TypeVar("Result")
_Outcome = tuple[object, BaseException | None]


class LateAnswerError(RecommenderError):
    """A recommender did not answer in time."""


class OwnThread:
    """Calls functions one after the other in a thread of their own.

    Python cannot end a thread from outside. A late thread is abandoned: it ends with its call, or
    with the process, and is not used again.

    Examples
    --------
    >>> thread = OwnThread()
    >>> thread.call(lambda: 6 * 7, seconds=10.0)
    42
    >>> thread.close()
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Callable[[], object], SimpleQueue[_Outcome]] | None]
        self._calls = SimpleQueue()
        self._late = False
        threading.Thread(target=self._work, daemon=True, name="recommender").start()

    def call(self, function: Callable[[], Result], seconds: float) -> Result:
        """Return what the function returns, or raise what it raises.

        KeyboardInterrupt and similar exceptions raised by the function become a RecommenderError.

        Parameters
        ----------
        function
            Function to call.
        seconds
            Time limit.

        Raises
        ------
        LateAnswerError
            If it takes longer than this, or an earlier call did.
        """
        if self._late:
            raise LateAnswerError("it is not called again after a late answer")
        outcome: SimpleQueue[_Outcome] = SimpleQueue()
        self._calls.put((function, outcome))
        try:
            result, error = outcome.get(timeout=seconds)
        except Empty:
            self._late = True
            raise LateAnswerError(f"no answer within {seconds:g} s") from None
        if isinstance(error, Exception | SystemExit):
            raise error
        if error is not None:  # a user's interrupt is raised in the waiting thread, not here
            raise RecommenderError(f"raised {type(error).__name__}") from error
        return result  # type: ignore[return-value]  # the queue carries the function's result

    def close(self) -> None:
        """Let the thread end."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            function, outcome = call
            try:
                outcome.put((function(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised again by the caller
                outcome.put((None, error))
