"""``selfback resume``: go on with a study that was interrupted."""

from typing import Annotated

import typer

from sim.cli.declare import command
from sim.cli.options import Jobs, StudyFolder
from sim.cli.repeat import repeat


@command(example="selfback resume results/selfback_2021")
def resume(
    directory: StudyFolder,
    *,
    jobs: Jobs = None,
    allow_code_change: Annotated[
        bool,
        typer.Option("--allow-code-change", help="Go on although the code is another one."),
    ] = False,
) -> int:
    """Go on with an unfinished study: its command is given again, and what is kept stays.

    Of a finished study, the summary and figures are made again.
    """
    more = [] if jobs is None else ["--jobs", str(jobs)]
    more += ["--allow-code-change"] if allow_code_change else []
    return repeat(directory, "resume", more)
