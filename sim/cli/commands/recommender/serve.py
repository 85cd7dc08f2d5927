"""``selfback recommender serve``: one of our recommenders over HTTP."""

import json
from typing import Annotated

import typer

import selfback as sb
from sim.cli.arguments import number_above_zero
from sim.cli.declare import command
from sim.cli.options import AsJson, Set, integer_option, scenario_argument
from sim.cli.output import labelled, print_line, say


@command(example="selfback recommender serve selfback_2021 --port 8000")
def serve(
    scenario: Annotated[
        str, scenario_argument("Scenario whose recommender is served.")
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
            help="Stop after so many seconds without a request.",
        ),
    ] = None,
    set_: Set = None,
    as_json: AsJson = False,
) -> int:
    """Serve a scenario's recommender over HTTP, until Ctrl-C.

    Where it is, is printed first; with --json in one line.
    """
    read = sb.scenario(scenario, set_ or ())
    kind = read.mechanisms.recommender.kind
    with sb.recommender_server(read, host, port) as server:
        if as_json:
            found = {"url": server.url, "kind": kind, "scenario": read.name}
            print_line(json.dumps(labelled("recommender serve", found)))
        else:
            print_line(f"{kind} of {read.name} at {server.url}")
        try:
            if stop_after is None:
                server.serve_forever()
            else:
                server.serve_until_idle(stop_after)
        except KeyboardInterrupt:
            say("stopped")
    return 0
