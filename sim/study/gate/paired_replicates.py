"""Replicates of the gate: all participants in both arms, and nothing else."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scenarios.schema import Scenario
from sim.interrupts import first_one_asks
from sim.replicates.subgroup_effects import Split, subgroups
from sim.simulate import counterfactual_unasked, simulate_unasked
from sim.study.executors import Executor
from sim.study.gate.kept import KeptScores
from sim.study.groups import Groups
from sim.study.missing import run_chunks
from sim.tables.true_effects import scores_in_both_arms

SCORES = "scores"
ARMS = ("control", "intervention")
"""Columns of the scores in the reference and in the other arm."""


@dataclass(frozen=True, slots=True)
class ArmScores:
    """Scores of the n participants of a replicate in either arm.

    Attributes
    ----------
    control, intervention
        (n,) primary outcome at the primary visit, in order of randomization, on its scale.
    members
        Name of a subgroup to an (n,) mask, all participants first.
    """

    control: np.ndarray
    intervention: np.ndarray
    members: dict[str, np.ndarray]

    @property
    def effect(self) -> float:
        """The true effect: mean of intervention less control."""
        return float((self.intervention - self.control).mean())


class GateFailureError(Exception):
    """A replicate could not be simulated; ``str()`` is one line with its number and the reason."""


@dataclass(frozen=True, slots=True)
class BothArms:
    """Simulates all participants in both arms: the task of a study.

    No questionnaire is sent or analysed.

    Attributes
    ----------
    splits
        By which participants are divided.
    """

    splits: tuple[Split, ...]

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the table of one replicate, a row a participant and a column a subgroup."""
        own = simulate_unasked(scenario, replicate)
        other = counterfactual_unasked(own)
        plan = scenario.analysis
        visit = [v.name for v in scenario.trial.visits].index(plan.primary_visit)
        scores = scores_in_both_arms(own, other)[plan.primary_outcome]
        control, intervention = (scenario.primary_outcome.on_scale(arm[:, visit]) for arm in scores)
        columns = {
            "replicate": np.full(len(control), replicate),
            **dict(zip(ARMS, (control, intervention), strict=True)),
        }
        for trait, name, members in subgroups(own, self.splits):
            columns[f"{trait} {name}".strip()] = members
        return {SCORES: pa.table(columns)}


def simulate_both_arms(
    scenario: Scenario,
    numbers: range,
    splits: tuple[Split, ...],
    executor: Executor,
    on_done: Callable[[], None],
    kept: KeptScores | None = None,
) -> list[ArmScores]:
    """Return the scores of some replicates, in order.

    Parameters
    ----------
    scenario, numbers, splits
        What to simulate.
    executor
        Runs the replicates.
    on_done
        Called for every replicate that is done.
    kept
        Keeps the scores, and has those that are kept already; None to keep nothing.

    Raises
    ------
    GateFailureError
        If a replicate raises an exception: most often since its recommender fails.
    """
    found: dict[int, pa.Table] = {}
    failures: dict[int, str] = {}
    missing = [numbers] if kept is None else kept.missing(numbers)
    for _ in range(len(numbers) - sum(map(len, missing))):
        on_done()
    groups = Groups(missing, executor.jobs, chunk=1)
    results = run_chunks(executor, scenario, BothArms(splits), groups)
    with closing(results), first_one_asks(groups.stop):
        for chunk in results:
            groups.measured(chunk.seconds, len(chunk.numbers))
            failures |= chunk.failures
            if kept is None and SCORES in chunk.tables:
                found |= _by_replicate(chunk.tables[SCORES])
            elif kept is not None and not chunk.failures:
                kept.add(chunk)
            for _ in chunk.numbers:
                on_done()
    if groups.stopped:
        raise KeyboardInterrupt
    if failures:
        first = min(failures)
        raise GateFailureError(f"replicate {first} failed: {failures[first]}")
    for table in () if kept is None else kept.tables(SCORES):
        found |= _by_replicate(table)
    return [_arm_scores(found[number]) for number in numbers]


def _by_replicate(table: pa.Table) -> dict[int, pa.Table]:
    """Return the rows of each replicate; they stand together."""
    of = table["replicate"].to_numpy()
    starts = np.flatnonzero(np.r_[True, np.diff(of) != 0])
    ends = [*starts[1:], len(of)]
    return {int(of[a]): table.slice(a, b - a) for a, b in zip(starts, ends, strict=True)}


def _arm_scores(table: pa.Table) -> ArmScores:
    columns = {name: table[name].to_numpy() for name in table.column_names}
    del columns["replicate"]
    control, intervention = (columns.pop(name) for name in ARMS)
    return ArmScores(control, intervention, columns)
