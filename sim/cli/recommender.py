"""``selfback recommender``: the commands about recommenders of one's own."""

from typing import Annotated

import typer

from sim.cli.arguments import number_above_zero
from sim.cli.options import AsJson, Set, help_without_command, integer_option, read_scenario

app = typer.Typer(
    help="Check, serve and describe recommenders of one's own.",
    callback=help_without_command,
    invoke_without_command=True,
)


@app.command(epilog="Example: selfback recommender check my_package.mine:Mine")
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="Built-in name, module:attribute, entry point, or http://..."
        ),
    ],
    *,
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Scenario whose patients are used.")
    ] = "selfback_2021",
    seconds: Annotated[
        float,
        typer.Option(
            metavar="T",
            parser=number_above_zero("--seconds"),
            help="Longest time for an answer.",
        ),
    ] = 5.0,
    set_: Set = None,
    as_json: AsJson = False,
) -> int:
    """Say in plain words what is wrong with a recommender.

    The exit code is 0 if nothing is wrong, 1 otherwise.
    """
    from sim.cli.commands import recommender as commands  # noqa: PLC0415 - slow to import

    return commands.check(target, scenario, set_ or [], seconds=seconds, as_json=as_json)


@app.command(epilog="Example: selfback recommender serve selfback_2021 --port 8000")
def serve(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Scenario whose recommender is served.")
    ] = "selfback_2021",
    *,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, integer_option("--port", 0, 65535, metavar="P", help_text="Port; 0 for a free one.")
    ] = 0,
    stop_after: Annotated[
        float | None,
        typer.Option(
            metavar="T",
            parser=number_above_zero("--stop-after"),
            help="Stop when nobody asked for so many seconds.",
        ),
    ] = None,
    set_: Set = None,
    as_json: AsJson = False,
) -> int:
    """Serve a scenario's recommender over HTTP, until Ctrl-C.

    Where it is, is printed first.
    """
    read = read_scenario(scenario, set_, None)
    from sim.cli.commands import recommender as commands  # noqa: PLC0415 - slow to import

    return commands.serve(read, host=host, port=port, stop_after=stop_after, as_json=as_json)


@app.command(epilog="Example: selfback recommender schema > recommender.schema.json")
def schema() -> int:
    """Print the JSON schema of what a recommender behind HTTP is asked, and answers."""
    from sim.cli.commands import recommender as commands  # noqa: PLC0415 - slow to import

    return commands.schema()
