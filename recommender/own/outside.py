"""Calls a user's own recommender such that it can neither block nor change a trial."""

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
    """A recommender created and called in a separate thread, with a time limit.

    It gets copies of the arrays, so that it cannot change the trial's data.

    Parameters
    ----------
    make
        Creates it.
    seconds
        Time limit for its creation and for each answer; None if it limits its time itself and needs
        no thread.

    Raises
    ------
    InputError
        If ``make`` does.
    RecommenderError
        By the methods, if the recommender could not be created, raises or is late.
    """

    def __init__(self, make: Callable[[], Recommender], *, seconds: float | None) -> None:
        self._seconds = seconds
        self._thread = None if seconds is None else OwnThread()
        self._recommender: Recommender | None = None
        self._missing = RecommenderError("it was closed")
        try:
            self._recommender = self._call(make)
        except RecommenderError as error:
            self._missing = type(error)(f"cannot be created: {error}")
            self._missing.__cause__ = error  # it may be the machine's failure

    def recommend(self, requests: Requests) -> Plans:
        """Return its plans, in the number types of built-in recommenders."""
        asked = _copy(requests)
        plans = self._ask("recommend", lambda recommender: recommender.recommend(asked))
        return _as_stored(plans) if isinstance(plans, Plans) else plans

    def learn(self, experience: Experience) -> None:
        """Let it learn from the outcomes of plans."""
        copied = _copy(experience)
        self._ask("learn", lambda recommender: recommender.learn(copied))

    def require(self) -> None:
        """Raise RecommenderError if it could not be created."""
        if self._recommender is None:
            raise self._missing

    def close(self) -> None:
        """Close it, after its own ``close()`` if it has one."""
        close = getattr(self._recommender, "close", None)
        if callable(close):
            with suppress(RecommenderError):  # the trial no longer needs it
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
    """Return plans in the built-in types, so that equal numbers give equal trials."""
    columns: dict[str, Any] = {field.name: getattr(plans, field.name) for field in fields(plans)}
    for name, values in columns.items():
        kind = values.dtype.kind if isinstance(values, np.ndarray) else ""
        if kind in _STORED:  # other types are reported by check_plans
            columns[name] = values.astype(np.float64 if name in _NUMBERS else _STORED[kind])
    return Plans(**columns)
