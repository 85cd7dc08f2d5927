"""``selfback power``: power over a grid of scenarios, or the size that a power takes."""

from collections.abc import Sequence

import numpy as np

from analysis.figures.power import draw_power
from analysis.replicates.power import Power
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.loading.toml_text import toml_text
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.study.designs.grid import make_cells, read_axis
from sim.study.designs.power_grid import POWER, TRIALS, PowerGrid, null_overrides, run_power

FIGURE = "power.png"
PRIMARY = "analysis.primary_analysis"


def power(
    scenario: str,
    overrides: Sequence[str],
    options: StudyOptions,
    *,
    vary: Sequence[str],
    analyses: Sequence[str],
    null: Sequence[str],
    with_null: bool,
    replicates: int,
) -> int:
    """Simulate the grid, print power and type I error, and return the exit code.

    Raises
    ------
    InputError
        If the grid cannot be made, an analysis is unknown, or the folder cannot be had.
    """
    axes = [read_axis(text) for text in vary]
    if any(axis.key == PRIMARY for axis in axes):
        raise InputError(
            f"--vary {PRIMARY} is not allowed: name the analyses with --analysis, all are run on "
            "the same trials"
        )
    cells = make_cells(scenario, overrides, axes)
    nulls = None
    if with_null:
        nulls = [
            load_scenario(
                scenario,
                [
                    *overrides,
                    *(f"{key}={toml_text(value)}" for key, value in cell.point.items()),
                    *(null or null_overrides(cell.scenario)),
                ],
            )
            for cell in cells
        ]
    name = cells[0].scenario.name
    out = options.folder(f"{name}_power")
    with show_progress(f"simulating {len(cells)} cells of {name}") as advance:
        grid = run_power(
            cells,
            nulls,
            axes,
            analyses or (cells[0].scenario.analysis.primary_analysis,),
            replicates=replicates,
            executor=options.executor(),
            out=out,
            overwrite=options.overwrite,
            jobs=options.workers,
            on_progress=advance,
            finish=lambda found, folder: draw_power(found.to_dict(), folder / FIGURE),
        )
    if options.as_json:
        print_json({"directory": str(out), **grid.to_dict()})
        return 0
    _print(grid)
    say(f"{TRIALS}, {POWER} and {FIGURE} are in {out}")
    return 0


def _print(grid: PowerGrid) -> None:
    keys = [axis.key for axis in grid.axes]
    heads = (*(keys or ["scenario"]), "analysis", "power", "among converged", "converged")
    if grid.cells[0].null is not None:
        heads = (*heads, "type I error")
    looks = any(cell.days is not None for cell in grid.cells)
    if looks:
        heads = (*heads, "randomized", "days")
    rows = []
    for cell in grid.cells:
        values = [toml_text(value) for value in cell.point.values()] or [grid.name]
        row = (
            *values,
            cell.analysis,
            share(cell.power),
            _interval(
                cell.power.power_converged,
                cell.power.lower_converged,
                cell.power.upper_converged,
            ),
            f"{cell.power.converged} of {cell.power.replicates}",
        )
        if cell.null is not None:
            row = (*row, share(cell.null))
        if looks:
            row = (*row, _mean(cell.participants), _mean(cell.days))
        rows.append(row)
    console = stdout_console()
    title = f"{grid.name}: {grid.outcome} at {grid.visit}, {grid.replicates} trials a cell"
    print_table(TextTable(title, heads, rows), console)
    console.print(
        "\nShare of trials with P below alpha, with Wilson's 95% Monte Carlo interval; in power "
        "and type I error a failure counts as no rejection.\nAll cells share their luck: "
        "differences between cells are surer than their intervals."
    )
    for cell in grid.cells:
        where = ", ".join([*map(toml_text, cell.point.values()), cell.analysis])
        for reason, count in cell.power.failures.items():
            console.print(f"No estimate in {count / cell.power.replicates:.1%}, {where}: {reason}")
    if looks:
        console.print(
            "P values allow for the interim looks; randomized and days are means over the trials."
        )


def _mean(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def share(power: Power) -> str:
    """Return a share of rejections with its interval, in words of numbers."""
    return _interval(power.power, power.lower, power.upper)


def _interval(value: float, lower: float, upper: float) -> str:
    return f"{value:.3f} ({lower:.3f} to {upper:.3f})" if np.isfinite(value) else "-"
