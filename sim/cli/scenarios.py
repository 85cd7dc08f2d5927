"""``selfback scenarios``: the commands about scenarios themselves."""

from typing import Annotated

import typer

from sim.cli.options import AsJson, ScenarioName, Set, help_without_command

app = typer.Typer(
    help="List, show and validate scenarios.",
    callback=help_without_command,
    invoke_without_command=True,
)


@app.command("list", epilog="Example: selfback scenarios list --json")
def list_scenarios(*, as_json: AsJson = False) -> int:
    """List the scenarios of the library."""
    from sim.cli.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    return commands.list_scenarios(as_json=as_json)


@app.command(epilog="Example: selfback scenarios show selfback_2021 --set app.quit_hazard=0.1")
def show(scenario: ScenarioName, *, set_: Set = None, as_json: AsJson = False) -> int:
    """Show every parameter of a scenario: key, value, unit, source and the file that set it."""
    from sim.cli.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    return commands.show(scenario, set_ or (), as_json=as_json)


@app.command(epilog="Example: selfback scenarios validate my_trial.toml")
def validate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SCENARIO]...", help="All of the library if none is named."),
    ] = None,
) -> int:
    """Say whether scenarios are valid, and if not, everything that is wrong."""
    from sim.cli.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    return commands.validate(names or ())


@app.command(epilog="Example: selfback scenarios schema > scenario.schema.json")
def schema() -> int:
    """Print the JSON schema of scenarios."""
    from sim.cli.commands import scenarios as commands  # noqa: PLC0415 - slow to import

    return commands.schema()
