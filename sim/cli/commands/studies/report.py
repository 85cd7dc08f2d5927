"""``selfback report``: what a results folder shows, as one file for people."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from analysis.report.page.formats import FORMATS
from sim.cli.arguments import one_of, study_folder
from sim.cli.declare import command
from sim.cli.options import AsJson, StudyFolder
from sim.cli.output import say, show_result
from sim.study.progress import at_work


@command(example="selfback report results/selfback_2021 --format pdf")
def report(
    directory: StudyFolder,
    *,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            parser=one_of("--format", FORMATS),
            help="Of the file; default that of FILE, or html; pdf and docx need the extra report.",
        ),
    ] = None,
    sensitivity: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR2",
            parser=study_folder,
            help="Folder of selfback sensitivity, by which assumptions are ranked.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write; default report.FORMAT in DIR."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE.")] = False,
    as_json: AsJson = False,
) -> int:
    """Write a report of results, one file that needs nothing else: question, answer, all of them.

    DIR is a folder of run, power, compare, validate, calibrate, assurance, sensitivity, components,
    subgroups or trial.
    """
    with at_work(f"reading {directory}"):
        found = sb.report(directory, format_, sensitivity=sensitivity, out=out, overwrite=overwrite)
    show_result("report", found, as_json=as_json)
    say(f"the report is in {found.file}", unless=as_json)
    return 0
