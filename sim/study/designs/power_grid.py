"""Power over a grid of scenarios on common random numbers, and type I error beside it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.decision.rule import IN_FAVOUR, primary_rule
from analysis.replicates.power import Power, PowerCurve, fit_power_curve, power_of
from analysis.replicates.size_adjusted import (
    SizeAdjusted,
    favourable,
    fewest_replicates,
    p_values,
)
from analysis.replicates.size_adjusted import size_adjusted as size_adjusted_power
from analysis.report.decision_words import Words, words_of
from scenarios.errors import InputError
from scenarios.loading.load import scenario_hash
from scenarios.schema import Scenario
from sim.study.designs.grid import SIZE, Axis, Cell
from sim.study.designs.power_parts import parts_of, run_parts
from sim.study.designs.power_until import PowerUntil, run_parts_until
from sim.study.frame import open_study
from sim.study.primary_difference import mean_ending, primary_trials, series_of, with_analyses
from sim.study.setting import Setting

TRIALS, POWER = "trials.parquet", "power.json"


@dataclass(frozen=True, slots=True)
class CellPower:
    """Power of one analysis in one cell, and its type I error if the null was simulated.

    With several contrasts ``analysis`` names the contrast too, or the procedure and the hypothesis,
    see :func:`sim.study.primary_difference.series_of`; the type I error of any hypothesis is the
    family-wise error where all nulls hold. ``adjusted`` is power at the critical value of the null
    trials, where that is asked for. Where there are interim looks, ``participants`` and ``days``
    are means over the trials: how many were randomized, and how long a trial lasted.
    """

    point: dict[str, Any]
    analysis: str
    power: Power
    null: Power | None
    adjusted: SizeAdjusted | None
    participants: float | None
    days: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A power curve of one analysis along the first numeric key, the other keys held."""

    key: str
    analysis: str
    held: dict[str, Any]
    curve: PowerCurve


@dataclass(frozen=True, slots=True)
class PowerGrid:
    """Everything that a grid found; ``curves`` has those that the trials determine.

    ``failed`` counts the trials that raised an exception; they count as no rejection.

    ``words`` say what power is, ``cells`` have it.

    Where cells differ in their primary visit or outcome, ``visit`` or ``outcome`` says so in words.
    """

    name: str
    visit: str
    outcome: str
    seed: int
    replicates: int
    axes: tuple[Axis, ...]
    words: Words
    cells: tuple[CellPower, ...]
    curves: tuple[Curve, ...]
    failed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "scenario": self.name,
            "outcome": self.outcome,
            "visit": self.visit,
            "seed": self.seed,
            "replicates": self.replicates,
            "failed_replicates": self.failed,
            "vary": {axis.key: list(axis.values) for axis in self.axes},
            "power_is": asdict(self.words),
            "cells": [asdict(cell) for cell in self.cells],
            "curves": [
                {
                    "key": found.key,
                    "analysis": found.analysis,
                    "held": found.held,
                    **found.curve.to_dict(),
                }
                for found in self.curves
            ],
        }


def run_power(
    cells: Sequence[Cell],
    nulls: Sequence[Scenario] | None,
    axes: Sequence[Axis],
    analyses: Sequence[str],
    setting: Setting,
    *,
    replicates: int,
    size_adjusted: bool,
    until: PowerUntil | None = None,
    finish: Callable[[PowerGrid, Path], None],
) -> PowerGrid:
    """Simulate every cell on the same replicates.

    Cells that are the same scenario, as nulls often are, are simulated once.

    Parameters
    ----------
    cells, nulls
        The grid, and for each cell the scenario without effect; None for no type I error.
    axes
        What makes the cells.
    analyses
        Names of analyses; see :func:`with_analyses`.
    setting
        How it is run.
    replicates
        In each cell, from 0.
    size_adjusted
        Whether to report power at the critical values of the null trials too, which takes `nulls`.
    until
        Precision at which all cells end before they have so many replicates.
    finish
        Called with what was found and the folder when its tables are safe, to add to it.

    Raises
    ------
    InputError
        If an analysis is unknown, the folder cannot be written, every replicate of a cell failed,
        or there are too few for a critical value.
    """
    planned = [with_analyses(cell.scenario, analyses) for cell in cells]
    without = None if nulls is None else [with_analyses(null, analyses) for null in nulls]
    if until is not None:
        until.check(null=without is not None)
    fewest = _fewest(planned, without, replicates) if size_adjusted else 0
    parts = parts_of(cells, planned, without or ())
    asked = {"power": list(analyses), "cells": list(parts)}
    with (
        open_study(
            planned[0], setting, replicates=replicates, study=asked,
            precise=None if until is None else until.describe(replicates),
        ) as study,
        setting.progress(f"simulating {len(cells)} cells of {planned[0].name}") as advance,
    ):  # fmt: skip
        if until is None:
            run_parts(study, [*parts.values()], analyses, replicates, advance)
        else:
            run_parts_until(
                study,
                [*parts.values()],
                analyses,
                until,
                fewest=fewest,
                most=replicates,
                on_progress=advance,
            )
            replicates = study.replicates
        trials = {
            key: primary_trials(study.part(part.name, stays=False), part.scenario, analyses)
            for key, part in parts.items()
        }
        first = planned[0]
        series = series_of(first, analyses)
        powers = [
            CellPower(
                cell.point,
                analysis,
                power_of(_fits(trials, mine, analysis), replicates),
                None if without is None else _null(trials, without[i], analysis, replicates),
                _adjusted(trials, mine, without[i], analysis, replicates)
                if size_adjusted and without is not None
                else None,
                *mean_ending(trials[scenario_hash(mine)], analysis),
            )
            for i, (cell, mine) in enumerate(zip(cells, planned, strict=True))
            for analysis in series
        ]
        tables = [trials[scenario_hash(mine)] for mine in planned]
        grid = PowerGrid(
            name=first.name,
            visit=_common([s.analysis.primary_visit for s in planned], "each cell's primary visit"),
            outcome=_common([s.analysis.primary_outcome for s in planned], "the primary outcome"),
            seed=first.seed,
            replicates=replicates,
            axes=tuple(axes),
            words=words_of([mine.analysis for mine in planned]),
            cells=tuple(powers),
            curves=tuple(_curves(cells, tables, axes, series, replicates)),
            failed=study.failed,
        )
        _write_trials(trials, planned, without, study.folder / TRIALS)
        study.write_result(POWER, grid.to_dict())
        study.notes["cells"] = [
            {"point": cell.point, "hash": scenario_hash(mine)}
            for cell, mine in zip(cells, planned, strict=True)
        ]
        study.afterwards(lambda folder: finish(grid, folder))
    return grid


def _common(values: Sequence[str], differ: str) -> str:
    """Return what all values are, or the words for that they differ."""
    return values[0] if len(set(values)) == 1 else differ


def _fewest(
    planned: Sequence[Scenario], without: Sequence[Scenario] | None, replicates: int
) -> int:
    """Return how many trials a critical value takes; refuse what gives none."""
    if without is None:
        raise InputError(
            "--size-adjusted takes its critical value from trials without effect: leave out "
            "--no-null"
        )
    fewest = max(fewest_replicates(mine.analysis.alpha) for mine in planned)
    if replicates < fewest:
        raise InputError(
            f"--size-adjusted with --replicates {replicates} is not allowed: at level "
            f"{planned[0].analysis.alpha:g} a critical value takes at least {fewest} trials"
        )
    return fewest


def _fits(trials: dict[str, pd.DataFrame], scenario: Scenario, analysis: str) -> pd.DataFrame:
    mine = trials[scenario_hash(scenario)]
    return mine[mine["analysis"] == analysis]


def _null(
    trials: dict[str, pd.DataFrame], scenario: Scenario, analysis: str, replicates: int
) -> Power:
    """Return the type I error: on both sides where the test has two."""
    both = primary_rule(scenario.analysis, scenario.scales).sides == 2
    return power_of(_fits(trials, scenario, analysis), replicates, either=both)


def _adjusted(
    trials: dict[str, pd.DataFrame],
    scenario: Scenario,
    null: Scenario,
    analysis: str,
    replicates: int,
) -> SizeAdjusted:
    rule = primary_rule(scenario.analysis, scenario.scales)
    mine = _fits(trials, scenario, analysis)
    return size_adjusted_power(
        p_values(mine, replicates),
        favourable(mine, replicates, rule),
        p_values(_fits(trials, null, analysis), replicates),
        rule,
    )


def _curves(
    cells: Sequence[Cell],
    tables: Sequence[pd.DataFrame],
    axes: Sequence[Axis],
    series: Sequence[str],
    replicates: int,
) -> list[Curve]:
    along = next((axis for axis in axes if axis.numeric and len(axis.values) > 1), None)
    if along is None:
        return []
    groups: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        held = {key: value for key, value in cell.point.items() if key != along.key}
        groups.setdefault(str(held), []).append(place)
    found = []
    for places in groups.values():
        held = {k: v for k, v in cells[places[0]].point.items() if k != along.key}
        for analysis in series:
            x = np.repeat([float(cells[place].point[along.key]) for place in places], replicates)
            rejected = np.concatenate([_rejected(tables[i], analysis, replicates) for i in places])
            draws = np.tile(np.arange(replicates), len(places))
            curve = fit_power_curve(x, rejected, draws, root=along.key == SIZE)
            if curve is not None:
                found.append(Curve(along.key, analysis, held, curve))
    return found


def _rejected(table: pd.DataFrame, analysis: str, replicates: int) -> np.ndarray:
    mine = table[(table["analysis"] == analysis) & (table["decision"] == IN_FAVOUR)]
    rejected = np.zeros(replicates, dtype=bool)
    rejected[mine["replicate"]] = True
    return rejected


def _write_trials(
    trials: dict[str, pd.DataFrame],
    planned: Sequence[Scenario],
    without: Sequence[Scenario] | None,
    file: Path,
) -> None:
    """Write every trial of every cell; a null that cells share stands in each of them."""
    parts = []
    for null, scenarios in ((False, planned), (True, without or ())):
        for place, scenario in enumerate(scenarios):
            parts.append(trials[scenario_hash(scenario)].assign(cell=place, null=null))
    table = pa.Table.from_pandas(pd.concat(parts), preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), file)
