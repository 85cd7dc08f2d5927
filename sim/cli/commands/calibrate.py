"""``selfback calibrate``: fit a scenario's free parameters to published numbers."""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from analysis.figures.fit import draw_calibration
from analysis.replicates.study_folder import MANIFEST
from scenarios.errors import InputError
from scenarios.free_parameters import ParameterSpace, load_free_parameters
from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, validate
from scenarios.targets import Target, load_published
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import few, print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.study.calibration.calibrate import Calibration, Settings
from sim.study.calibration.calibrate import calibrate as fit
from sim.study.calibration.calibrated_scenario import calibrated_scenario, posterior_sample
from sim.study.calibration.report import parameter_table, summary, target_table
from sim.study.folder import new_folder, write_json
from sim.study.manifest import describe_run

SCENARIO, SUMMARY, FIGURE = "calibrated.toml", "calibration.json", "calibration.png"
WORST = 8
"""Targets listed that fit worst."""


def calibrate(
    scenario: str,
    overrides: list[str],
    options: StudyOptions,
    *,
    parameters: Path,
    targets: str,
    settings: Settings,
) -> int:
    """Calibrate, print what was found and return the exit code, 0.

    Raises
    ------
    InputError
        If the scenario, the file of parameters or the folder cannot be used.
    """
    started = datetime.now(tz=UTC)
    merged = merge(scenario, overrides)
    base = validate(merged)
    if not base.published:
        raise InputError(f"{merged.asked}: published = '' is not allowed: there are no targets")
    space = ParameterSpace(load_free_parameters(parameters), merged, str(parameters))
    chosen = _chosen(load_published(base.published).targets, targets)
    executor = options.executor()
    out = options.folder(f"{base.name}_calibration")
    with new_folder(out, overwrite=options.overwrite) as folder:
        with show_progress(f"calibrating {base.name}") as advance:
            found = fit(space, chosen, executor, settings, advance)
        seconds = (datetime.now(tz=UTC) - started).total_seconds()
        content = summary(found, seconds)
        (folder / SCENARIO).write_text(calibrated_scenario(found, scenario, out), encoding="utf-8")
        posterior_sample(found).to_parquet(folder / "posterior.parquet", index=False)
        parameter_table(found).to_csv(folder / "identification.csv", index=False)
        target_table(found).to_csv(folder / "targets.csv", index=False)
        draw_calibration(parameter_table(found), target_table(found), folder / FIGURE)
        write_json(folder / SUMMARY, content)
        manifest = describe_run(
            base, first=0, replicates=found.simulated, started=started,
            calibrated=str(parameters), executor=executor.name, jobs=options.workers,
        )  # fmt: skip
        write_json(folder / MANIFEST, manifest)
    _check_readable(out / SCENARIO)
    if found.failures:
        say(
            f"{len(found.failures)} of {found.simulated} replicates failed, "
            f"first: {found.failures[0]}"
        )
    if options.as_json:
        print_json({"directory": str(out), **content})
    else:
        _print(found, content, stdout_console())
        say(f"{SCENARIO}, posterior.parquet, {SUMMARY} and {FIGURE} are in {out}")
    return 0


def _check_readable(path: Path) -> None:
    """Say so where the scenario that was calibrated has changed under the calibration."""
    try:
        load_scenario(path)
    except InputError as error:
        say(f"{path} cannot be read with the scenario as it is now: {error}")


def _chosen(targets: tuple[Target, ...], role: str) -> tuple[Target, ...]:
    if role == "all":
        return tuple(target for target in targets if target.role != "implied")
    return tuple(target for target in targets if target.role == role)


def _print(found: Calibration, content: dict[str, Any], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("parameter", "prior (95%)", "fitted (95%)", "contraction"):
        table.add_column(name, no_wrap=True)
    for row in content["parameters"]:
        table.add_row(
            row["key"],
            _range(row["prior"], row["prior_lower"], row["prior_upper"]),
            _range(row["fitted"], row["lower"], row["upper"]),
            f"{row['contraction']:.2f}  {row['identification']}",
        )
    console.print(table)
    console.print("\n[bold]Informed most by[/bold] (posterior SDs moved by one SD of the target)")
    for row in content["parameters"]:
        if row["informed_by"]:
            console.print(f"  {row['key']}: {row['informed_by']}")
    pairs = {
        " and ".join(sorted((row["key"], other.rsplit(" (", 1)[0])))
        for row in content["parameters"]
        for other in row["confounded_with"].split("; ")
        if other
    }
    for pair in sorted(pairs):
        console.print(f"{pair} cannot be told apart (posterior correlation beyond 0.9)")
    varied = [row for row in content["targets"] if math.isfinite(row["z"])]
    worst = sorted(varied, key=lambda row: -abs(row["z"]))[:WORST]
    console.print("\n[bold]Targets that fit worst[/bold]")
    for row in worst:
        console.print(
            f"  {row['label']}: published {row['published']:g}, simulated "
            f"{row['fitted']:.4g} (before {row['before']:.4g}), z {row['z']:+.1f}"
        )
    for reason, names in _by_reason(found.left_out).items():
        console.print(f"left out, {reason}: {few(names)}")
    start, end = found.distances
    ended = "converged" if found.fit.converged else "not converged: more --iterations are needed"
    console.print(
        f"\nDistance {start:.0f} at the prior means, {end:.0f} fitted, "
        f"{content['targets_fitted']} targets; {ended}.\n"
        f"Laplace check: the linear approximation explains "
        f"{100.0 * found.check.explained:.0f}% of what {found.check.draws} draws change; bias "
        f"{found.check.bias:.2f} SD of one trial.\n"
        f"{found.simulated} trials simulated in {content['seconds']:.0f} s."
    )


def _by_reason(left_out: dict[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        names.setdefault(reason, []).append(name)
    return names


def _range(value: float, lower: float, upper: float) -> str:
    return f"{value:.3g} ({lower:.3g} to {upper:.3g})"
