"""Replicates of the gate: all participants in all arms, and nothing else."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from scenarios.arms.codes import REFERENCE
from scenarios.plugins import look_in
from scenarios.schema import Scenario
from sim.interrupts import first_one_asks
from sim.replicates.subgroup_effects import Split, subgroups
from sim.simulate import simulate_unasked
from sim.study.executors import Executor
from sim.study.gate.advised import advised_arm
from sim.study.gate.kept import KeptScores
from sim.study.gate.measured import measured
from sim.study.groups import Groups
from sim.study.missing import run_chunks
from sim.tables.true_effects import in_every_arm, scores_in_every_arm
from sim.trial import Trial

SCORES, FIGURES, RIVAL = "scores", "figures", "rival"
"""Tables of a replicate: of its participants, of its recommender, of the rival."""
EFFECT = "effect"
"""Column of the true effect beside those of the measures."""
ARMS = ("control", "intervention")
"""Columns of the scores in the reference and in the arm that the recommender advises."""


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a recommender achieves in a replicate.

    Attributes
    ----------
    effect
        The true effect: mean score with the app less mean score without, on the primary outcome's
        scale.
    measures
        As :func:`sim.study.gate.measured.measured` has them.
    """

    effect: float
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ArmScores:
    """Scores of the n participants of a replicate without and with the recommender's advice.

    Attributes
    ----------
    control, intervention
        (n,) primary outcome at the primary visit, in order of randomization, on its scale: in the
        reference, and in the arm that the recommender advises.
    members
        Name of a subgroup to an (n,) mask, all participants first.
    measures
        As :func:`sim.study.gate.measured.measured` has them.
    rival
        What the rival achieves, if it was simulated.
    """

    control: np.ndarray
    intervention: np.ndarray
    members: dict[str, np.ndarray]
    measures: Mapping[str, float]
    rival: Achieved | None = None

    @property
    def effect(self) -> float:
        """The true effect: mean of intervention less control."""
        return float((self.intervention - self.control).mean())


class GateFailureError(Exception):
    """A replicate could not be simulated; ``str()`` is one line with its number and the reason."""


@dataclass(frozen=True, slots=True)
class BothArms:
    """Simulates all participants in all arms: the task of a study.

    No questionnaire is sent or analysed.

    Attributes
    ----------
    splits
        By which participants are divided.
    rival
        The same scenario with the rival as recommender, None to simulate none.
    folder
        In which a worker finds the module of a rival of one's own.
    """

    splits: tuple[Split, ...]
    rival: Scenario | None = None
    folder: Path = field(default_factory=Path.cwd)

    def __call__(self, scenario: Scenario, replicate: int) -> dict[str, pa.Table]:
        """Return the tables of one replicate.

        :data:`SCORES` has a row a participant and a column a subgroup; the others have one row.
        """
        trials, control, intervention = _in_all_arms(scenario, replicate)
        columns = {
            "replicate": np.full(len(control), replicate),
            **dict(zip(ARMS, (control, intervention), strict=True)),
        }
        for trait, name, members in subgroups(trials[0], self.splits):
            columns[f"{trait} {name}".strip()] = members
        figures = {"replicate": replicate, **measured(trials)}
        found = {SCORES: pa.table(columns), FIGURES: pa.Table.from_pylist([figures])}
        if self.rival is None:
            return found
        if self.rival.mechanisms.recommender.is_own:
            look_in(self.folder)
        trials, control, intervention = _in_all_arms(self.rival, replicate)
        effect = float((intervention - control).mean())
        figures = {"replicate": replicate, EFFECT: effect, **measured(trials)}
        return {**found, RIVAL: pa.Table.from_pylist([figures])}


def _in_all_arms(
    scenario: Scenario, replicate: int
) -> tuple[tuple[Trial, ...], np.ndarray, np.ndarray]:
    """Return a trial with its counterfactuals, and scores in the reference and the advised arm."""
    trials = in_every_arm(simulate_unasked(scenario, replicate))
    plan = scenario.analysis
    visit = [v.name for v in scenario.trial.visits].index(plan.primary_visit)
    scores = scores_in_every_arm(trials)[plan.primary_outcome][:, :, visit]
    control, intervention = (
        scenario.primary_outcome.on_scale(scores[arm]) for arm in (REFERENCE, advised_arm(scenario))
    )
    return trials, control, intervention


def simulate_both_arms(
    scenario: Scenario,
    numbers: range,
    splits: tuple[Split, ...],
    executor: Executor,
    on_done: Callable[[], None],
    kept: KeptScores | None = None,
    rival: Scenario | None = None,
) -> list[ArmScores]:
    """Return the scores of some replicates, in order.

    Parameters
    ----------
    scenario, numbers, splits, rival
        What to simulate, see :class:`BothArms`.
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
    found: dict[str, dict[int, pa.Table]] = {SCORES: {}, FIGURES: {}, RIVAL: {}}
    failures: dict[int, str] = {}
    missing = [numbers] if kept is None else kept.missing(numbers)
    for _ in range(len(numbers) - sum(map(len, missing))):
        on_done()
    groups = Groups(missing, executor.jobs, chunk=1)
    results = run_chunks(executor, scenario, BothArms(splits, rival), groups)
    with closing(results), first_one_asks(groups.stop):
        for chunk in results:
            groups.measured(chunk.seconds, len(chunk.numbers))
            failures |= chunk.failures
            if kept is None:
                _note(chunk.tables, found)
            elif not chunk.failures:
                kept.add(chunk)
            for _ in chunk.numbers:
                on_done()
    if groups.stopped:
        raise KeyboardInterrupt
    if failures:
        first = min(failures)
        raise GateFailureError(f"replicate {first} failed: {failures[first]}")
    if kept is not None:
        _look_up(kept, found, with_rival=rival is not None)
    return [_arm_scores({name: of[n] for name, of in found.items() if n in of}) for n in numbers]


def _note(tables: Mapping[str, pa.Table], found: dict[str, dict[int, pa.Table]]) -> None:
    """Add the tables of some replicates to those that were found."""
    for name in found.keys() & tables.keys():
        found[name] |= _by_replicate(tables[name])


def _look_up(kept: KeptScores, found: dict[str, dict[int, pa.Table]], *, with_rival: bool) -> None:
    """Add the tables that are kept to those that were found."""
    for name in found if with_rival else (SCORES, FIGURES):
        for table in kept.tables(name):
            found[name] |= _by_replicate(table)


def _by_replicate(table: pa.Table) -> dict[int, pa.Table]:
    """Return the rows of each replicate; they stand together."""
    of = table["replicate"].to_numpy()
    starts = np.flatnonzero(np.r_[True, np.diff(of) != 0])
    ends = [*starts[1:], len(of)]
    return {int(of[a]): table.slice(a, b - a) for a, b in zip(starts, ends, strict=True)}


def _arm_scores(tables: dict[str, pa.Table]) -> ArmScores:
    table = tables[SCORES]
    columns = {name: table[name].to_numpy() for name in table.column_names}
    del columns["replicate"]
    control, intervention = (columns.pop(name) for name in ARMS)
    rival = None
    if RIVAL in tables:
        measures = _row(tables[RIVAL])
        rival = Achieved(measures.pop(EFFECT), measures)
    return ArmScores(control, intervention, columns, _row(tables[FIGURES]), rival)


def _row(table: pa.Table) -> dict[str, float]:
    """Return the one row of a table, without the number of its replicate."""
    (row,) = table.to_pylist()
    return {name: value for name, value in row.items() if name != "replicate"}
