"""``selfback scenarios show``: what a scenario says."""

from typing import Annotated

import typer

from scenarios.arms.factorial import alias_lines
from scenarios.errors import InputError
from scenarios.loading.differences import Difference, differences, is_in, section_paths
from scenarios.loading.keys import Path
from scenarios.loading.layers import Merged, merge
from scenarios.loading.load import scenario_hash, validate
from scenarios.loading.provenance import parameters_of
from scenarios.loading.toml_document import toml_document
from scenarios.loading.toml_text import toml_text
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario
from sim.cli.declare import command
from sim.cli.options import AsJson, ScenarioName, Set
from sim.cli.output import print_line, print_result, stdout_console


@command(
    example="selfback scenarios show selfback_2021 followup.arms.control --set app.quit_hazard=0.1"
)
def show(
    scenario: ScenarioName,
    sections: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SECTION]...",
            help="Sections, tables, lists or single keys, such as trial.strata; default all.",
        ),
    ] = None,
    *,
    set_: Set = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what differs from the scenario it extends.")
    ] = False,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print TOML that is the same scenario when read again.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show every parameter of a scenario: key, value, unit, source and the file that set it."""
    if as_toml and (changed or as_json):
        other = "--changed" if changed else "--json"
        raise InputError(f"--toml and {other} are not allowed together: leave one out")
    merged = merge(scenario, set_ or ())
    read = validate(merged)
    wanted = section_paths(merged, sections or ())
    if as_toml:
        print_line(toml_document(merged, wanted).rstrip("\n"))
        return 0
    found = [
        difference
        for path, difference in (differences(merged) if changed else _all(merged)).items()
        if is_in(path, wanted)
    ]
    if as_json:
        content = read.model_dump(mode="json")
        rows = [_row(difference, changed=changed) for difference in found]
        result = {"hash": scenario_hash(read), "scenario": content, "parameters": rows}
        print_result("scenarios show", result)
        return 0
    for difference in found:
        print_line(_line(difference, changed=changed))
    if not (changed or sections):
        _print_factorial(read)
        _print_recorded(read)
    if not found:
        print_line("Nothing differs." if changed else "Nothing is set there.")
    return 0


def _print_factorial(scenario: Scenario) -> None:
    """Print the arms that a factorial makes, and what a fraction of one does not tell apart."""
    factorial = scenario.factorial
    if factorial is None:
        return
    print_line(f"# [factorial] makes {len(scenario.arms)} arms:")
    for arm in scenario.arms:
        print_line(f"#   {arm.name}: {arm.treatment}")
    lines = list(alias_lines(factorial))
    if lines:
        print_line(
            f"# A fraction of resolution {factorial.design.resolution} of the "
            f"{2 ** len(factorial.components)} arms; each line is one contrast, which estimates:"
        )
    for line in lines:
        print_line(f"#   {line}")


def _print_recorded(scenario: Scenario) -> None:
    from analysis.report.report_trial import print_table  # noqa: PLC0415 - heavy, for plain courses
    from sim.tables.recorded_course import recorded_table  # noqa: PLC0415

    if isinstance(scenario.course, NormalCourse):
        recorded = recorded_table(scenario)
        if recorded.rows:
            print_table(recorded, stdout_console())


def _all(merged: Merged) -> dict[Path, Difference]:
    found = parameters_of(merged)
    return {path: Difference(each.key, each, None) for path, each in found.items()}


def _row(difference: Difference, *, changed: bool) -> dict[str, object]:
    own = difference.own
    row: dict[str, object] = {"key": difference.key}
    if own is not None:
        row |= {"value": own.value, "unit": own.unit, "source": own.source, "file": own.file}
    if changed and difference.parents is not None:
        row["parent_value"] = difference.parents.value
    return row


def _line(difference: Difference, *, changed: bool) -> str:
    own, parents = difference.own, difference.parents
    was = [f"was {toml_text(parents.value)}"] if parents is not None else []
    if own is None:
        return f"# {difference.key} is left out; {was[0]}"
    new = ["new"] if changed and parents is None else []
    said = "; ".join([*was, *new, *(part for part in (own.unit, own.source) if part)])
    comment = f"{said} ({own.file})" if said else f"({own.file})"
    return f"{own.key} = {toml_text(own.value)}  # {comment}"
