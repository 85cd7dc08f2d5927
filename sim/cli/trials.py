"""The commands that simulate and analyse trials as one scenario has them."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.errors import InputError
from sim.cli.arguments import one_of
from sim.cli.commands.study_options import StudyOptions
from sim.cli.options import (
    MOST_REPLICATES,
    AsJson,
    Jobs,
    Out,
    Overwrite,
    ScenarioName,
    Seed,
    Set,
    StudyFolder,
    integer_option,
    read_scenario,
)

app = typer.Typer()


@app.command(epilog="Example: selfback run selfback_2021 --set trial.sample_size=300")
def run(
    scenario: ScenarioName,
    *,
    replicates: Annotated[
        int,
        integer_option(
            "--replicates", 1, MOST_REPLICATES, help_text="Number of trials to simulate."
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    executor: Annotated[
        str,
        typer.Option(
            metavar="joblib|dask",
            parser=one_of("--executor", ("joblib", "dask")),
            help="Who does the work.",
        ),
    ] = "joblib",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A running Dask scheduler, such as tcp://host:8786."),
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Simulate and analyse a trial many times.

    The results are printed beside the published ones.

    The tables, a summary and a figure land in DIR, results/SCENARIO if not said.
    """
    read = read_scenario(scenario, set_, seed)
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.run import run as command  # noqa: PLC0415 - slow to import

    return command(read, options, replicates=replicates, executor=executor, scheduler=scheduler)


@app.command(epilog="Example: selfback trial selfback_2021 --out trial0 --export csv")
def trial(
    scenario: ScenarioName,
    *,
    seed: Seed = None,
    replicate: Annotated[
        int,
        integer_option(
            "--replicate", 0, MOST_REPLICATES, metavar="R", help_text="Number of the replicate."
        ),
    ] = 0,
    out: Out = None,
    export: Annotated[
        str | None,
        typer.Option(
            metavar="parquet|csv",
            parser=one_of("--export", ("parquet", "csv")),
            help="Format of the data in DIR; parquet if not said.",
        ),
    ] = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Simulate and analyse one trial.

    Its flow and Tables 1 to 3 are printed, and its data land in DIR.
    """
    if export is not None and out is None:
        raise InputError(f"--export {export} needs --out DIR")
    read = read_scenario(scenario, set_, seed)
    from sim.cli.commands.trial import trial as command  # noqa: PLC0415 - slow to import

    return command(
        read,
        replicate=replicate,
        out=out,
        export=export or "parquet",
        overwrite=overwrite,
        as_json=as_json,
    )


@app.command(epilog="Example: selfback analyse trial0/participants.csv trial0/visits.csv")
def analyse(
    participants: Annotated[Path, typer.Argument(metavar="PARTICIPANTS", help="A row each.")],
    visits: Annotated[Path, typer.Argument(metavar="VISITS", help="A row a visit of each.")],
    *,
    plan: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Scenario whose plan and visits are used.")
    ] = "selfback_2021",
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file that says what columns mean.")
    ] = None,
    outcomes: Annotated[
        str | None, typer.Option(metavar="A,B", help="Continuous outcomes; all if not said.")
    ] = None,
    analyses: Annotated[
        str | None, typer.Option(metavar="A,B", help="Analyses to report; all if not said.")
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Run the prespecified analysis on anyone's data, CSV or Parquet.

    Tables 1 to 3 are printed, and the estimates land in DIR.
    """
    read = read_scenario(plan, set_, None)
    from sim.cli.commands.analyse import analyse as command  # noqa: PLC0415 - slow to import

    return command(
        participants,
        visits,
        read,
        mapping=mapping,
        outcomes=outcomes,
        analyses=analyses,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )


@app.command(epilog="Example: selfback performance results/selfback_2021")
def performance(
    directory: StudyFolder,
    *,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outcome; the primary one if not said.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show how each analysis performs: bias, coverage, power and more, with Monte Carlo errors.

    Bias and coverage need a study that was run with --set truth=true.
    """
    from sim.cli.commands.performance import performance as command  # noqa: PLC0415 - slow to import

    return command(directory, outcome=outcome, as_json=as_json)
