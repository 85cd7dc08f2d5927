"""A recommender that somebody else wrote, asked so that it can neither hang nor harm a trial."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from recommender.own.own_thread import OwnThread
from recommender.protocol import Experience, Plans, Recommender, RecommenderError, Requests
from scenarios.plugins import describe

Asked = TypeVar("Asked", Requests, Experience)
Result = TypeVar("Result")
_STORED = {"i": np.int64, "u": np.int64, "f": np.float64}
_NUMBERS = frozenset({"attributes", "step_goal", "similarity", "similarities", "weights"})


class OutsideRecommender:
    """A recommender made and asked in a thread of its own, for so long and no longer.

    It is given copies, so that it cannot change what the trial knows.

    Parameters
    ----------
    make
        Makes it.
    seconds
        How long it may take to be made, and to answer; None if it sees to that itself, and needs no
        thread.

    Raises
    ------
    InputError
        If ``make`` does.
    RecommenderError
        By the methods, if the recommender cannot be had, raises or is late.
    """

    def __init__(self, make: Callable[[], Recommender], *, seconds: float | None) -> None:
        self._seconds = seconds
        self._thread = None if seconds is None else OwnThread()
        self._recommender: Recommender | None = None
        self._missing = RecommenderError("it was let go")
        try:
            self._recommender = self._call(make)
        except RecommenderError as error:
            self._missing = type(error)(f"cannot be had: {error}")

    def recommend(self, requests: Requests) -> Plans:
        """Return what it answers, in the number types of our own plans."""
        asked = _copy(requests)
        plans = self._ask("recommend", lambda recommender: recommender.recommend(asked))
        return _as_stored(plans) if isinstance(plans, Plans) else plans

    def learn(self, experience: Experience) -> None:
        """Tell it how plans went."""
        told = _copy(experience)
        self._ask("learn", lambda recommender: recommender.learn(told))

    def require(self) -> None:
        """Raise RecommenderError if it could not be made."""
        if self._recommender is None:
            raise self._missing

    def close(self) -> None:
        """Let it go, after its own ``close()`` where it has one."""
        close = getattr(self._recommender, "close", None)
        if callable(close):
            with suppress(RecommenderError):  # the trial has all it needs of it
                self._ask("close", lambda _: close())
        self._recommender = None
        if self._thread is not None:
            self._thread.close()

    def _call(self, function: Callable[[], Result]) -> Result:
        if self._thread is None or self._seconds is None:
            return function()
        return self._thread.call(function, self._seconds)

    def _ask(self, method: str, function: Callable[[Recommender], Result]) -> Result:
        recommender = self._recommender
        if recommender is None:
            raise self._missing
        try:
            return self._call(lambda: function(recommender))
        except RecommenderError as error:
            raise type(error)(f"{method}: {error}") from error
        except (Exception, SystemExit) as error:
            raise RecommenderError(f"{method} raised {describe(error)}") from error


def _copy(asked: Asked) -> Asked:
    return type(asked)(*(getattr(asked, field.name).copy() for field in fields(asked)))


def _as_stored(plans: Plans) -> Plans:
    """Return plans in the types that ours have, so that the same numbers make the same trial."""
    columns: dict[str, Any] = {field.name: getattr(plans, field.name) for field in fields(plans)}
    for name, values in columns.items():
        kind = values.dtype.kind if isinstance(values, np.ndarray) else ""
        if kind in _STORED:  # what is not a number is told by the check of plans
            columns[name] = values.astype(np.float64 if name in _NUMBERS else _STORED[kind])
    return Plans(**columns)
