"""Conformance checks of a recommender, with a description of every problem."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from recommender.catalogue import Catalogue
from recommender.own.own_thread import LateAnswerError, OwnThread
from recommender.protocol import (
    ATTRIBUTES,
    Experience,
    Plans,
    Recommender,
    RecommenderError,
    Requests,
    check_plans,
)
from scenarios.errors import InputError
from scenarios.plugins import describe

TOLERANCE = 1e-9
"""Two plans are the same if no number differs by more, in its own unit."""

Make = Callable[[], Recommender]


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check.

    Attributes
    ----------
    check
        What was checked.
    problem
        Description of the problem, '' if there is none.
    """

    check: str
    problem: str


def conformance(
    make: Make, typical: Requests, limits: np.ndarray, catalogue: Catalogue, *, seconds: float
) -> Iterator[Finding]:
    """Check a recommender; yield each finding as soon as it is available.

    Parameters
    ----------
    make
        Creates a new recommender.
    typical
        Requests of patients of a trial, at least two.
    limits
        (2, features) lowest and highest possible value of each feature.
    catalogue
        Items of which plans may be composed.
    seconds
        Time limit for its creation and for each answer.
    """
    trial = _Trial(make, catalogue, seconds)
    made = trial.find("can be created", lambda: "")
    yield made
    if made.problem:
        return
    for what, requests in _variants(typical, limits).items():
        yield trial.find(what, partial(trial.accept, requests))
    yield trial.find("does not change its arguments", trial.meddling)
    yield trial.find("same requests twice, same plans", lambda: _repeats(trial, typical))
    yield trial.find("created again, same plans", lambda: _starts_afresh(trial, typical))
    yield trial.find("order of the requests does not matter", lambda: _order(trial, typical))
    yield trial.find("other requests do not matter", lambda: _alone(trial, typical))
    yield trial.find("learns", lambda: _learns(trial, typical))
    yield trial.find(f"answers within {seconds:g} s", trial.slowness)


class _Trial:
    """A recommender under test, and the time it took."""

    def __init__(self, make: Make, catalogue: Catalogue, seconds: float) -> None:
        self._make, self._catalogue, self._seconds = make, catalogue, seconds
        self._recommender: Recommender | None = None
        self._thread = OwnThread()
        self._patience = 2.0 * seconds
        self._slowest = 0.0
        self._changed: set[str] = set()

    def find(self, check: str, look: Callable[[], str]) -> Finding:
        """Run a check; an exception is reported as its problem."""
        try:
            if self._recommender is None:
                self.renew()
            return Finding(check, look())
        except LateAnswerError:
            self._recommender = None  # it is still busy
            self._slowest = max(self._slowest, self._patience)
            return Finding(check, f"no answer within {self._patience:g} s")
        except (RecommenderError, InputError) as error:
            return Finding(check, str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is the problem to report
            return Finding(check, f"raises {describe(error)}")

    def renew(self) -> None:
        """Create a new recommender."""
        self.close()
        self._thread = OwnThread()
        self._recommender = self._thread.call(self._make, self._patience)

    def close(self) -> None:
        """Close the recommender."""
        close = getattr(self._recommender, "close", None)
        if callable(close):
            self._thread.call(close, self._patience)
        self._thread.close()

    def ask(self, requests: Requests) -> Plans:
        """Return valid plans."""
        recommender = self._asked
        started = time.perf_counter()
        given = rows(requests, np.arange(len(requests)))
        plans = self._thread.call(lambda: recommender.recommend(given), self._patience)
        self._slowest = max(self._slowest, time.perf_counter() - started)
        self._changed.update(_changed(requests, given))
        check_plans(requests, plans, self._catalogue)
        return plans

    def accept(self, requests: Requests) -> str:
        """Ask for plans; no problem if they are valid."""
        self.ask(requests)
        return ""

    def tell(self, experience: Experience) -> None:
        """Let it learn."""
        recommender = self._asked
        self._thread.call(lambda: recommender.learn(experience), self._patience)

    def slowness(self) -> str:
        """Return the problem with the time it took, if any."""
        return f"took {self._slowest:.2g} s" if self._slowest > self._seconds else ""

    def meddling(self) -> str:
        """Return the problem with changes to its arguments, if any."""
        return f"changes {', '.join(sorted(self._changed))} of the requests" * bool(self._changed)

    @property
    def _asked(self) -> Recommender:
        if self._recommender is None:
            raise RecommenderError("was never created")
        return self._recommender


def _variants(typical: Requests, limits: np.ndarray) -> dict[str, Requests]:
    first = replace(
        typical,
        week=np.zeros_like(typical.week),
        previous=np.full_like(typical.previous, np.nan),
        recent_steps=np.full_like(typical.recent_steps, np.nan),
        baseline_steps=np.full_like(typical.baseline_steps, np.nan),
    )
    unknown = replace(
        typical,
        features=np.full_like(typical.features, np.nan),
        recent_steps=np.full_like(typical.recent_steps, np.nan),
        baseline_steps=np.full_like(typical.baseline_steps, np.nan),
    )
    return {
        "one request": rows(typical, np.array([0])),
        f"{len(typical)} requests": typical,
        "no request": rows(typical, np.array([], dtype=np.int64)),
        "first week, no plan before": first,
        "all features unknown": unknown,
        "lowest values": _extreme(typical, limits[0], 0.0),
        "highest values": _extreme(typical, limits[1], 1.0),
    }


def _extreme(typical: Requests, features: np.ndarray, plan: float) -> Requests:
    return replace(
        typical,
        features=np.tile(features, (len(typical), 1)),
        previous=np.full_like(typical.previous, plan),
        recent_steps=np.full_like(typical.recent_steps, 60_000.0 * plan),
        baseline_steps=np.full_like(typical.baseline_steps, 60_000.0 * plan),
        draws=np.full_like(typical.draws, plan * (1.0 - 2.0**-24)),
    )


def rows(requests: Requests, chosen: np.ndarray) -> Requests:
    """Return some of the requests, or all in another order."""
    return Requests(*(getattr(requests, field.name)[chosen] for field in fields(requests)))


def _changed(before: Requests, after: Requests) -> Iterator[str]:
    for field in fields(Requests):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            yield field.name


def _repeats(trial: _Trial, typical: Requests) -> str:
    return _difference(trial.ask(typical), trial.ask(typical), "the second time")


def _starts_afresh(trial: _Trial, typical: Requests) -> str:
    trial.renew()
    before = trial.ask(typical)
    trial.renew()
    return _difference(before, trial.ask(typical), "when created again")


def _order(trial: _Trial, typical: Requests) -> str:
    return _same_for_some(trial, typical, np.arange(len(typical))[::-1], "asked in another order")


def _alone(trial: _Trial, typical: Requests) -> str:
    return _same_for_some(trial, typical, np.array([len(typical) - 1]), "asked alone")


def _same_for_some(trial: _Trial, typical: Requests, chosen: np.ndarray, how: str) -> str:
    trial.renew()
    before = trial.ask(typical)
    trial.renew()
    found = trial.ask(rows(typical, chosen))
    return _difference(_plan_rows(before, chosen), found, how)


def _learns(trial: _Trial, typical: Requests) -> str:
    trial.renew()
    plans = trial.ask(typical)
    for went in (np.linspace(0.0, 1.0, len(typical)), np.array([])):
        n = len(went)
        some = plans.cases.shape[1] > 0
        trial.tell(
            Experience(
                participant=typical.participant[:n],
                arm=typical.arm[:n],
                features=typical.features[:n],
                attributes=plans.attributes[:n],
                nearest=plans.cases[:n, 0] if some else np.full(n, -1),
                similarity=plans.similarities[:n, 0] if some else np.full(n, np.nan),
                outcome=went,
            )
        )
        trial.ask(typical)
    return ""


def _plan_rows(plans: Plans, chosen: np.ndarray) -> Plans:
    return Plans(*(getattr(plans, field.name)[chosen] for field in fields(plans)))


def _difference(first: Plans, second: Plans, when: str) -> str:
    """Return the first difference between two answers that must be equal."""
    for name in ("attributes", "exercises", "messages", "tools", "step_goal"):
        one, other = getattr(first, name), getattr(second, name)
        apart = np.abs(one.astype(float) - other.astype(float)) > TOLERANCE
        if apart.any():
            place = tuple(int(at) for at in np.argwhere(apart)[0])
            what = ATTRIBUTES[place[1]] if name == "attributes" else name
            return (
                f"another plan {when}: {what} {other[place]:g} instead of {one[place]:g} "
                f"({int(apart.reshape(len(one), -1).any(axis=1).sum())} of {len(one)} plans differ)"
            )
    return ""
