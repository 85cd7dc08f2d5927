"""``power``: power over a grid of scenarios, with type I error beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import Drawn, save
from analysis.figures.formats import figure_file
from analysis.figures.power import draw_power
from analysis.report.numbers import fixed, share, share_percent
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.labels import key_label
from scenarios.loading.load import load_scenario
from scenarios.loading.toml_text import toml_text
from scenarios.schema import Scenario
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, named, overrides
from sim.study.designs.grid import Axis, Cell, make_cells, read_axis
from sim.study.designs.null import null_scenario
from sim.study.designs.power_grid import (
    POWER,
    TRIALS,
    CellPower,
    PowerGrid,
    run_power,
)
from sim.study.designs.power_until import PowerUntil
from sim.study.setting import How, set_up
from sim.study.store.place import Place

FIGURE = "power"
PRIMARY = "analysis.primary_analysis"


@dataclass(frozen=True, slots=True)
class PowerResult(Shown, Saved):
    """Power in every cell of a grid.

    Attributes
    ----------
    grid
        As the study has it, with the fitted curves.
    place
        Of the study; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (TRIALS, POWER)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

    grid: PowerGrid = field(repr=False)
    place: Place

    @property
    def cells(self) -> pd.DataFrame:
        """A row a cell and analysis: the keys that vary, power, its limits, type I error."""
        return pd.DataFrame([_row(cell) for cell in self.grid.cells])

    def print_to(self, console: Console) -> None:
        """Print power and type I error, a row a cell."""
        grid = self.grid
        heads = (*([axis.key for axis in grid.axes] or ["scenario"]), "analysis", "power")
        heads = (*heads, "among converged", "converged", "against")
        if grid.cells[0].null is not None:
            heads = (*heads, "type I error")
        adjusted = any(cell.adjusted is not None for cell in grid.cells)
        if adjusted:
            heads = (*heads, "size-adjusted", "critical P")
        looks = any(cell.days is not None for cell in grid.cells)
        if looks:
            heads = (*heads, "randomized", "days")
        rows = [_texts(cell, grid.name, looks=looks) for cell in grid.cells]
        if not grid.axes:  # the title has the scenario's name
            heads, rows = heads[1:], [row[1:] for row in rows]
        title = f"{grid.name}: {grid.outcome} at {grid.visit}, {grid.replicates} trials a cell"
        print_table(TextTable(title, heads, rows), console)
        console.print(
            f"\nPower: share of trials that {grid.words.in_favour}; against: share of those that "
            f"{grid.words.against}. In brackets Wilson's 95% Monte Carlo intervals; a failure "
            "counts as no rejection.\nAll cells are simulated on common random numbers: "
            "differences between cells are surer than their intervals."
        )
        if grid.cells[0].null is not None:
            console.print(f"Type I error: {grid.words.null}.")
        if adjusted:
            console.print(
                "Size-adjusted: power with P up to the critical P, which a share of alpha of the "
                "trials have where the null holds; in brackets its Monte Carlo standard error, of "
                "both."
            )
        for cell in grid.cells:
            where = ", ".join([*map(toml_text, cell.point.values()), cell.analysis])
            for reason, count in cell.power.failures.items():
                without = share_percent(count, cell.power.replicates)
                console.print(f"No estimate in {without}, {where}: {reason}", markup=False)
        if looks:
            console.print(
                "P values allow for the interim looks; randomized and days are means over the "
                "trials."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.grid.to_dict()}


def power(
    scenario: Source,
    changes: Changes = (),
    *,
    vary: Mapping[str, Sequence[Any]] | Sequence[str] = (),
    analyses: Sequence[str] = (),
    null: Changes | bool = True,
    size_adjusted: bool = False,
    replicates: int = 200,
    until_mcse: Mapping[str, float] | None = None,
    **how: Unpack[How],
) -> PowerResult:
    """Simulate power over a grid of scenarios, on common random numbers.

    Parameters
    ----------
    scenario, changes
        See :func:`sim.front.scenario.scenario`.
    vary
        Key to the values that it takes, ``{"trial.sample_size": [200, 300]}``, or texts as
        ``--vary`` takes them; all combinations are simulated.
    analyses
        Names of analyses; the primary one by default.
    null
        What makes the null hypothesis true, for the type I error: by default the course's effect
        (0, or the margin of non-inferiority) or the app's doses; False to leave it out.
    size_adjusted
        Whether to report power at the critical values of the null trials too.
    replicates
        Number of trials in each cell; with ``until_mcse`` the most there may be.
    until_mcse
        Measure to the Monte Carlo standard error at which the study may end, of all cells and
        analyses, ``{"power": 0.005}``. See :mod:`sim.study.designs.power_until`.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If the grid cannot be made, an analysis is unknown, the folder cannot be written, or every
        replicate of a cell failed.
    """
    axes = _axes(vary)
    given = overrides(changes)
    setting = set_up(how)
    with named(scenario) as name:
        cells = make_cells(str(name), given, axes)
        off = () if isinstance(null, bool) else overrides(null)
        nulls = None if null is False else [_without_effect(name, given, c, off) for c in cells]
        grid = run_power(
            cells,
            nulls,
            axes,
            tuple(dict.fromkeys(analyses)) or (cells[0].scenario.analysis.primary_analysis,),
            setting,
            replicates=replicates,
            size_adjusted=size_adjusted,
            until=None if until_mcse is None else PowerUntil(until_mcse),
            finish=lambda found, folder: save(
                power_figure(found, cells[0].scenario),
                folder / figure_file(FIGURE, setting.figure_format),
            ),
        )
    return PowerResult(grid, setting.place)


def power_figure(grid: PowerGrid, scenario: Scenario) -> Drawn:
    """Return the figure of a grid; what a key is called is told by its first scenario."""
    data = scenario.model_dump(mode="json")
    plan = scenario.analysis
    label = scenario.outcome(plan.primary_outcome).label
    return draw_power(
        grid.to_dict(),
        labels={axis.key: key_label(axis.key, data) for axis in grid.axes},
        outcome=label if grid.outcome == plan.primary_outcome else grid.outcome,
        alpha=plan.alpha,
    )


def _without_effect(
    name: str | Path, given: Sequence[str], cell: Cell, off: Sequence[str]
) -> Scenario:
    """Return a cell's scenario with the effect switched off."""
    at = [f"{key}={toml_text(value)}" for key, value in cell.point.items()]
    if off:
        return load_scenario(name, [*given, *at, *off])
    return null_scenario(name, [*given, *at], cell.scenario)


def _axes(vary: Mapping[str, Sequence[Any]] | Sequence[str]) -> list[Axis]:
    """Return the keys that vary and their values.

    Raises
    ------
    InputError
        If one is not written as it must be, or cannot vary.
    """
    if isinstance(vary, Mapping):
        for key, values in vary.items():
            if isinstance(values, str) or not isinstance(values, Iterable) or not list(values):
                raise InputError(
                    f"vary: {key} = {values!r} is not allowed: must be a list of one value or more"
                )
        axes = [Axis(key, tuple(values)) for key, values in vary.items()]
    else:
        axes = [read_axis(text) for text in vary]
    if any(axis.key == PRIMARY for axis in axes):
        raise InputError(
            f"--vary {PRIMARY} is not allowed: name the analyses with --analysis, all are run on "
            "the same trials"
        )
    return axes


def _row(cell: CellPower) -> dict[str, Any]:
    row = {**cell.point, "analysis": cell.analysis, **asdict(cell.power)}
    del row["failures"]
    if cell.null is not None:
        row |= {"type_i_error": cell.null.power, "type_i_error_lower": cell.null.lower,
                "type_i_error_upper": cell.null.upper}  # fmt: skip
    if cell.adjusted is not None:
        row |= {"size_adjusted": cell.adjusted.power, "size_adjusted_error": cell.adjusted.error,
                "critical_p": cell.adjusted.critical}  # fmt: skip
    if cell.days is not None:
        row |= {"participants": cell.participants, "days": cell.days}
    return row


def _texts(cell: CellPower, name: str, *, looks: bool) -> tuple[str, ...]:
    found = cell.power
    row = (
        *([toml_text(value) for value in cell.point.values()] or [name]),
        cell.analysis,
        share(found.rejected, found.replicates),
        share(found.rejected, found.converged),
        f"{found.converged} of {found.replicates}",
        share(found.against, found.replicates),
    )
    if cell.null is not None:
        row = (*row, share(cell.null.rejected, cell.null.replicates))
    if cell.adjusted is not None:
        power = f"{fixed(cell.adjusted.power, 3)} ({fixed(cell.adjusted.error, 3)})"
        row = (*row, power, fixed(cell.adjusted.critical, 4))
    if looks:
        row = (*row, _mean(cell.participants), _mean(cell.days))
    return row


def _mean(value: float | None) -> str:
    return fixed(value, 0)
