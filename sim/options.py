"""Arguments and options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.commands.arguments import folder, whole_number

if TYPE_CHECKING:
    from scenarios.schema import Scenario

ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name in the library, or path of a .toml file.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a parameter; can be repeated."),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="S", parser=whole_number("--seed", 0, 2**63 - 1), help="Seed, instead of its own."
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="J", parser=whole_number("--jobs", 1), help="Workers; all cores if not said."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=folder("--out"), help="Folder to make for the results."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace DIR if it is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]


def read_scenario(scenario: str, overrides: list[str] | None, seed: int | None) -> "Scenario":
    """Return a scenario with what was set by hand."""
    from scenarios.load import load_scenario  # noqa: PLC0415 - slow to import

    return load_scenario(scenario, with_seed(overrides, seed))


def with_seed(overrides: list[str] | None, seed: int | None) -> list[str]:
    """Return what was set by hand, with a seed that was given apart."""
    return [*(overrides or ()), *([] if seed is None else [f"seed={seed}"])]
