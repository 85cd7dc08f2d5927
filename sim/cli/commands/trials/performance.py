"""``selfback performance``: how the analyses of a study perform."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.declare import command
from sim.cli.options import AsJson, StudyFolder
from sim.cli.output import say, show_result
from sim.study.progress import at_work


@command(example="selfback performance results/selfback_2021")
def performance(
    directory: StudyFolder,
    *,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outcome; default the primary one.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show how each analysis performs: bias, coverage, power and more, with Monte Carlo errors.

    Bias and coverage need a study that was run with --truth.
    """
    with at_work(f"reading {directory}"):
        found = sb.performance(directory, outcome)
    show_result("performance", found, as_json=as_json)
    if not found.known:
        say(
            "no true effects of these estimates are stored, so no bias and no coverage: run with "
            "--truth, which keeps those of differences, not of ratios",
            unless=as_json,
        )
    return 0
