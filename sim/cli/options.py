"""Arguments and options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.arguments import folder, whole_number

if TYPE_CHECKING:
    from scenarios.schema import Scenario

MOST_REPLICATES = 2**31 - 1
"""Replicate numbers are 32-bit in the tables."""


def integer_option(
    option: str, lowest: int, highest: int | None = None, *, metavar: str = "N", help_text: str
) -> Any:
    """Return an option that takes a whole number from ``lowest`` to ``highest``."""
    read = whole_number(option, lowest, highest)
    return typer.Option(option, metavar=metavar, parser=read, help=help_text)


ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name in the library, or path of a .toml file.")
]
StudyFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a study.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a parameter; can be repeated."),
]
Seed = Annotated[
    int | None,
    integer_option("--seed", 0, 2**63 - 1, metavar="S", help_text="Seed, instead of its own."),
]
Jobs = Annotated[
    int | None,
    integer_option("--jobs", 1, metavar="J", help_text="Workers; all cores if not said."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=folder("--out"), help="Folder to make for the results."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace DIR if it is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]


def read_scenario(scenario: str, overrides: list[str] | None, seed: int | None) -> "Scenario":
    """Return a scenario with what was set by hand."""
    from scenarios.loading.load import load_scenario  # noqa: PLC0415 - slow to import

    return load_scenario(scenario, with_seed(overrides, seed))


def with_seed(overrides: list[str] | None, seed: int | None) -> list[str]:
    """Return what was set by hand, with a seed that was given apart."""
    return [*(overrides or ()), *([] if seed is None else [f"seed={seed}"])]


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group that is called without a command; the exit code is 2."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
