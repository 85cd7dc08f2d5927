"""``selfback grow``: add replicates to a study."""

from typing import Annotated

import typer

from sim.cli.declare import command
from sim.cli.options import MOST_REPLICATES, Jobs, StudyFolder, integer_option
from sim.cli.repeat import repeat


@command(example="selfback grow results/selfback_2021 --replicates 1000")
def grow(
    directory: StudyFolder,
    *,
    replicates: Annotated[
        int,
        integer_option(
            "--replicates", 1, MOST_REPLICATES, help_text="Replicates that it is to have in all."
        ),
    ],
    jobs: Jobs = None,
    allow_code_change: Annotated[
        bool,
        typer.Option("--allow-code-change", help="Go on although the code is another one."),
    ] = False,
) -> int:
    """Add replicates to a study: its command is given again with more of them.

    The result is the study that would have been made with that many at once. It replaces the
    smaller one when it is whole.
    """
    more = [] if jobs is None else ["--jobs", str(jobs)]
    more += ["--allow-code-change"] if allow_code_change else []
    return repeat(directory, "grow", more, replicates)
