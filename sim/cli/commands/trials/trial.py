"""``selfback trial``: simulate and analyse one trial, and export its data."""

from typing import Annotated

import typer

import selfback as sb
from analysis.figures.formats import DEFAULT_FORMAT
from scenarios.errors import InputError, one_line
from sim.cli.arguments import one_of
from sim.cli.declare import command
from sim.cli.options import (
    MOST_REPLICATES,
    AskedWithTruth,
    FigureFormat,
    Output,
    integer_option,
)
from sim.cli.output import failed, say, show_result
from sim.export.formats import DEFAULT, FORMATS
from sim.study.progress import at_work


@command(example="selfback trial selfback_2021 --out trial0 --export csv")
def trial(
    asked: AskedWithTruth,
    output: Output,
    *,
    replicate: Annotated[
        int,
        integer_option(
            "--replicate", 0, MOST_REPLICATES, metavar="R", help_text="Number of the replicate."
        ),
    ] = 0,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(FORMATS),
            parser=one_of("--export", FORMATS),
            help=f"Format of the data in DIR; default {DEFAULT}.",
        ),
    ] = None,
    figure_format: FigureFormat = DEFAULT_FORMAT,
) -> int:
    """Simulate and analyse one trial.

    Its flow and Tables 1 to 3 are printed, and its data land in DIR with a codebook. With --truth
    what no trial has lands in DIR/truth: potential outcomes, scores that nobody reported, symptoms
    of every day.

    The exit code is 1 if a recommender of one's own fails in the trial.
    """
    if export is not None and output.out is None:
        raise InputError(f"--export {export} needs --out DIR")
    read = sb.scenario(asked.scenario, asked.overrides)
    try:
        with at_work(f"simulating {read.name}"):
            found = sb.trial(
                read, replicate,
                out=output.out, export=export or DEFAULT, figure_format=figure_format,
                overwrite=output.overwrite,
            )  # fmt: skip
    except sb.RecommenderError as error:
        line = f"replicate {replicate} failed: {one_line(str(error))}"
        return failed(line, as_json=output.as_json)
    show_result("trial", found, as_json=output.as_json)
    if output.out is not None:
        drawn = f", and {found.drawn}," if found.drawn else ""
        say(f"the trial's data{drawn} are in {output.out}", unless=output.as_json)
    return 0
