"""The command that gates a recommender's effect."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.errors import InputError
from sim.cli.arguments import number_between
from sim.cli.commands.study_options import RESULTS, StudyOptions
from sim.cli.options import MOST_REPLICATES, AsJson, Jobs, Set, integer_option
from sim.study.gate.defaults import ALPHA, MARGIN, POWER, REPLICATES

BASELINES = RESULTS / "baselines"
"""Where baselines are looked for if nobody says where."""
SCENARIO = "selfback_2021"

app = typer.Typer()


@app.command(
    epilog="Example: selfback gate --baseline results/baselines/selfback_2021.json "
    "--recommender guideline"
)
def gate(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help=f"Name or .toml file; the baseline's, or {SCENARIO}, if not said.",
        ),
    ] = None,
    *,
    make: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record a baseline in FILE.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=f"Baseline to test against; {BASELINES}/SCENARIO.json if not said.",
        ),
    ] = None,
    recommender: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="Built-in name, module:attribute, entry point, or http://...; the baseline's, or "
            "the scenario's own, if not said.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            parser=number_between("--margin", 1e-6, 1.0),
            help="Loss to look for, as a share of the baseline's effect; the baseline's, or "
            f"{MARGIN:g}, if not said.",
        ),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(
            metavar="A",
            parser=number_between("--alpha", 1e-6, 0.5),
            help=f"Share of false alarms, at most, where nothing is lost; {ALPHA:g} if not said.",
        ),
    ] = None,
    power: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            parser=number_between("--power", 0.5, 1.0 - 1e-6),
            help=f"Probability, at least, of noticing a loss of the margin; {POWER:g} if not said.",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates",
            5,
            MOST_REPLICATES,
            help_text="Of a baseline that is made: the most that a gate may use; "
            f"{REPLICATES} if not said.",
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdict as JUnit XML.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a comment for a pull request.")
    ] = None,
    jobs: Jobs = None,
    set_: Set = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let --make replace FILE if it is there.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Say whether a recommender is worse than it was, on the same luck.

    First record a baseline with --make, and keep it under version control. Then, after a change,
    the gate simulates replicate by replicate until it is sure.

    The exit code is 0 for pass, 1 for fail, 3 for inconclusive.
    """
    options = StudyOptions(jobs, None, overwrite, as_json)
    if make is None:
        if replicates is not None or overwrite:
            option = "--overwrite" if replicates is None else "--replicates"
            raise InputError(f"{option} is for a baseline that is made: add --make FILE")
        from sim.cli.commands.gate import gate as test  # noqa: PLC0415 - slow to import

        return test(
            baseline or BASELINES / f"{Path(scenario or SCENARIO).stem}.json",
            scenario,
            set_ or (),
            options,
            recommender=recommender,
            margin=margin,
            alpha=ALPHA if alpha is None else alpha,
            power=POWER if power is None else power,
            junit=junit,
            markdown=markdown,
        )
    for option, given in (
        ("--baseline", baseline),
        ("--alpha", alpha),
        ("--power", power),
        ("--junit", junit),
        ("--markdown", markdown),
    ):
        if given is not None:
            raise InputError(f"{option} {given}: --make tests nothing: leave one of them out")
    from sim.cli.commands.gate import make as record  # noqa: PLC0415 - slow to import

    return record(
        make,
        scenario or SCENARIO,
        set_ or (),
        options,
        recommender=recommender,
        margin=MARGIN if margin is None else margin,
        replicates=REPLICATES if replicates is None else replicates,
    )
