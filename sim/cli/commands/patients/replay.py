"""``selfback replay``: one virtual patient of a study, in all arms."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from analysis.figures.formats import FORMATS
from scenarios.errors import one_line
from sim.cli.arguments import one_of
from sim.cli.declare import command
from sim.cli.options import (
    FIGURE_FORMAT,
    MOST_REPLICATES,
    AsJson,
    StudyFolder,
    Trust,
    integer_option,
)
from sim.cli.output import failed, say, show_result
from sim.study.progress import at_work


@command(example="selfback replay results/selfback_2021 --replicate 0 --participant 1")
def replay(
    directory: StudyFolder,
    *,
    participant: Annotated[
        int,
        integer_option(
            "--participant",
            1,
            metavar="P",
            help_text="Number of the participant, from 1 in order of randomization.",
        ),
    ],
    replicate: Annotated[
        int | None,
        integer_option(
            "--replicate",
            0,
            MOST_REPLICATES,
            metavar="R",
            help_text="Number of the replicate; default the first.",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to draw; default patient_R_P.svg in DIR."),
    ] = None,
    figure_format: Annotated[
        str | None,
        typer.Option(
            FIGURE_FORMAT,
            metavar="|".join(FORMATS),
            parser=one_of(FIGURE_FORMAT, FORMATS),
            help="Format of the figure in DIR; default svg.",
        ),
    ] = None,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Simulate one virtual patient of a study again, in all arms, on common random numbers.

    Events, plans and scores are printed, and all arms drawn day by day.
    """
    try:
        with at_work(f"replaying participant {participant}"):
            found = sb.replay(
                directory,
                participant,
                replicate,
                figure=figure,
                figure_format=figure_format,
                trust=trust,
            )
    except sb.RecommenderError as error:
        line = f"the replicate failed: {one_line(str(error))}"
        return failed(line, as_json=as_json)
    show_result("replay", found, as_json=as_json)
    if found.figure is None:
        say("a normal course has no days to draw, so there is no figure", unless=as_json)
    else:
        say(f"all arms day by day are in {found.figure}", unless=as_json)
    return 0
