"""``selfback explore``: a page to change a scenario, run it, and look at what it gives."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.declare import command
from sim.cli.options import Jobs, integer_option


@command(example="selfback explore results/selfback_2021")
def explore(
    given: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DIR]...", help="Results folders to show, or .toml files of scenarios."
        ),
    ] = None,
    *,
    port: Annotated[
        int | None,
        integer_option("--port", 1, 65535, metavar="P", help_text="Port; default a free one."),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
    jobs: Jobs = None,
) -> int:
    """Change, run and compare scenarios on a page in your browser.

    The page is for this computer alone: it listens at 127.0.0.1, and nothing is fetched from
    anywhere. Runs land in results/explore, where every other command can read them.
    """
    from sim.explore.serve import serve  # noqa: PLC0415 - heavy, and of no use to completion

    serve(given or (), port=port, browser=not no_browser, jobs=jobs)
    return 0
