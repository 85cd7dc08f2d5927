"""What a worker does: it simulates replicates, and tells a trial's failure from the machine's."""

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeGuard, runtime_checkable

import pyarrow as pa

from recommender.protocol import RecommenderError
from scenarios.errors import one_line
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.replicates.analysed import FAILURE_SCHEMA
from sim.study.failed import MachineError, is_of_machine
from sim.study.store.shards import pack, unpack

Replicate = Callable[[Scenario, int], dict[str, pa.Table]]
STAGES = {"analysis": "analysis", "sim": "simulation", "agents": "simulation"}
"""Package in which an exception was raised, to what the replicate was at; "replicate" elsewhere."""


@runtime_checkable
class Several(Protocol):
    """A :data:`Replicate` that can run several replicates together for less."""

    def at_once(self, scenario: Scenario) -> bool:
        """Return whether it can for this scenario."""
        ...

    def several(self, scenario: Scenario, replicates: Sequence[int]) -> dict[str, pa.Table]:
        """Return the same tables as of one replicate after another, or raise an exception."""
        ...


def can_run_at_once(replicate: Replicate, scenario: Scenario) -> TypeGuard[Several]:
    """Return whether several replicates of a scenario are run together."""
    return isinstance(replicate, Several) and replicate.at_once(scenario)


@dataclass(frozen=True, slots=True)
class Simulated:
    """Consecutive replicates that were simulated.

    Attributes
    ----------
    numbers
        Which.
    names, payload
        Of their tables, and these packed; see :func:`sim.study.store.shards.pack`.
    failures
        Number to reason of those that failed.
    seconds
        That they took.
    """

    numbers: range
    names: tuple[str, ...]
    payload: bytes
    failures: dict[int, str]
    seconds: float

    @property
    def tables(self) -> dict[str, pa.Table]:
        """Their tables."""
        return unpack(self.payload)


@dataclass(frozen=True, slots=True)
class RunReplicates:
    """Runs consecutive replicates of a scenario: the task of a worker.

    It carries the folder in which the study was begun, so that a worker finds there the module of a
    recommender or an analysis that the scenario names.
    """

    scenario: Scenario
    replicate: Replicate
    folder: Path = field(default_factory=Path.cwd)

    @property
    def light(self) -> bool:
        """Whether replicates are run together, and cost so little that workers may not pay.

        What a user's own analysis costs, and whether it ends its process, is not known.
        """
        own = self.scenario.analysis.own_analyses
        return not own and can_run_at_once(self.replicate, self.scenario)

    def __call__(self, numbers: range) -> Simulated:
        """Run them; one that fails twice becomes a row of the failures, and the others go on.

        Raises
        ------
        MachineError
            If memory, disk or files are at an end: that is no result of a trial.
        """
        started = time.perf_counter()
        recommender = self.scenario.recommender
        asks_own = recommender is not None and recommender.is_own
        if asks_own or self.scenario.analysis.own_analyses:
            look_in(self.folder)
        replicate = self.replicate
        if can_run_at_once(replicate, self.scenario):
            # Whatever is wrong with one of them, it says itself when it is run by itself.
            with suppress(Exception):
                together = replicate.several(self.scenario, numbers)
                return _simulated(numbers, together, {}, started)
        done: list[dict[str, pa.Table]] = []
        failures: dict[int, str] = {}
        for number in numbers:
            try:
                done.append(self._one(number))
            except Exception as error:
                if is_of_machine(error):
                    told = f"replicate {number}: {type(error).__name__}: {error}"
                    raise MachineError(one_line(told)) from error
                row = _failure(self.scenario, number, error)
                failures[number] = row["reason"].to_pylist()[0]
                done.append({"failures": row})
        names = dict.fromkeys(name for tables in done for name in tables)
        tables = {n: pa.concat_tables([t[n] for t in done if n in t]) for n in names}
        return _simulated(numbers, tables, failures, started)

    def _one(self, number: int) -> dict[str, pa.Table]:
        """Run one replicate, once more if it fails: a service may be out of reach for a moment."""
        try:
            return self.replicate(self.scenario, number)
        except Exception as error:
            if is_of_machine(error):
                raise
        return self.replicate(self.scenario, number)


def _simulated(
    numbers: range, tables: dict[str, pa.Table], failures: dict[int, str], started: float
) -> Simulated:
    seconds = time.perf_counter() - started
    return Simulated(numbers, tuple(tables), pack(tables), failures, seconds)


def _failure(scenario: Scenario, number: int, error: Exception) -> pa.Table:
    """Return why a replicate failed, with where in the code and with which seed."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    row = {
        "replicate": number,
        "stage": _stage(error),
        "reason": one_line(f"{type(error).__name__}: {error}"),
        "exception": type(error).__name__,
        "place": f"{Path(last.filename).name}:{last.lineno} in {last.name}",
        "seed": scenario.seed,
    }
    return pa.Table.from_pylist([row], schema=FAILURE_SCHEMA)


def _stage(error: Exception) -> str:
    """Return what a replicate was at when it failed."""
    if isinstance(error, RecommenderError):
        return "recommender"
    stage, at = "replicate", error.__traceback__
    while at is not None:
        module = str(at.tb_frame.f_globals.get("__name__", ""))
        if not module.startswith(("sim.study", "sim.replicates")):
            stage = STAGES.get(module.partition(".")[0], stage)
        at = at.tb_next
    return stage
