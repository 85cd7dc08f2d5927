"""``selfback validate``: every published number beside its simulated distribution."""

from pathlib import Path

from analysis.figures.fit import draw_validation
from analysis.replicates.study_folder import MANIFEST, read_study
from analysis.replicates.validation import Validation, compare_targets
from analysis.report.print_validation import print_validation
from scenarios.errors import InputError, one_line
from scenarios.schema import Scenario
from scenarios.targets import load_published
from sim.cli.commands.study import run_shown
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.study.folder import write_json, write_whole

TABLE, RESULT, FIGURE = "validation.csv", "validation.json", "validation.png"


def validate(scenario: Scenario, options: StudyOptions, *, replicates: int) -> int:
    """Run a study, print its validation and return the exit code: 1 if every replicate failed.

    Raises
    ------
    InputError
        If nothing was published of the scenario, or the folder cannot be had.
    """
    _check_published(scenario.published, f"scenario {scenario.name}")
    out = options.folder(f"{scenario.name}_validation")
    if not run_shown(
        scenario,
        options,
        replicates=replicates,
        executor=options.executor(),
        out=out,
        finish=_finish,
    ):
        return 1
    _show(validation(out), out, as_json=options.as_json)
    return 0


def validate_study(directory: Path, *, as_json: bool) -> int:
    """Validate a study that is there; what is found lands in its folder.

    Raises
    ------
    InputError
        If the folder holds no study, or nothing was published of its scenario.
    """
    if not (directory / MANIFEST).is_file() or not (directory / "estimates.parquet").is_file():
        raise InputError(f"--from {directory} is no study: there is no estimates.parquet in it")
    try:
        _finish(directory)
    except OSError as error:
        raise InputError(f"cannot write {directory}: {one_line(str(error))}") from error
    _show(validation(directory), directory, as_json=as_json)
    return 0


def validation(directory: Path) -> Validation:
    """Put a study's results beside everything that was published.

    Raises
    ------
    InputError
        If nothing was published of its scenario.
    """
    manifest, tables = read_study(directory)
    scenario = manifest["scenario"]
    _check_published(scenario["published"], str(directory))
    compared = compare_targets(tables, load_published(scenario["published"]).targets)
    return Validation(
        scenario=scenario["name"],
        title=scenario["title"],
        seed=scenario["seed"],
        replicates=int(manifest["replicates"]),
        failed_replicates=int(tables["failures"]["replicate"].to_pandas().nunique()),
        comparisons=tuple(c for c in compared if c.replicates > 0),
        missing=tuple(c.label for c in compared if c.replicates == 0),
    )


def _check_published(name: str, where: str) -> None:
    if not name:
        raise InputError(f"{where}: published = '' is not allowed: there are no targets")


def _finish(folder: Path) -> None:
    found = validation(folder)
    table = found.table()
    write_whole(folder / TABLE, table.to_csv(index=False))
    write_json(folder / RESULT, found.to_dict())
    draw_validation(table, f"{found.title} ({found.replicates} simulated trials)", folder / FIGURE)


def _show(found: Validation, out: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"directory": str(out), **found.to_dict()})
        return
    print_validation(found, stdout_console())
    say(f"{TABLE}, {RESULT} and {FIGURE} are in {out}")
