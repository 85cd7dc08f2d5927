"""The commands that hold a scenario against the published numbers."""

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
    integer_option,
    read_scenario,
    with_seed,
)

app = typer.Typer()


@app.command(
    epilog="Example: selfback calibrate selfback_2021 --parameters scenarios/calibration/"
    "selfback_2021.toml"
)
def calibrate(
    scenario: ScenarioName,
    *,
    parameters: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML file of the free parameters.")
    ],
    targets: Annotated[
        str,
        typer.Option(
            metavar="calibration|held-out|all",
            parser=one_of("--targets", ("calibration", "held-out", "all")),
            help="Published numbers to fit to.",
        ),
    ] = "calibration",
    replicates: Annotated[
        int,
        integer_option(
            "--replicates", 2, 10_000, help_text="Trials simulated at each point of the search."
        ),
    ] = 8,
    spread: Annotated[
        int,
        integer_option(
            "--spread",
            10,
            100_000,
            help_text="Trials for the predictive covariance, at the start and at the end.",
        ),
    ] = 60,
    iterations: Annotated[
        int, integer_option("--iterations", 1, 100, help_text="At most so many.")
    ] = 8,
    draws: Annotated[
        int,
        integer_option("--draws", 1, 100_000, help_text="Parameter sets of the posterior sample."),
    ] = 500,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Fit free parameters to the published numbers, and say what these identify.

    A calibrated scenario, a posterior sample of parameter sets, tables and a figure land in DIR.
    """
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.calibrate import calibrate as command  # noqa: PLC0415 - slow to import
    from sim.study.calibration.calibrate import Settings  # noqa: PLC0415 - slow to import

    settings = Settings(replicates=replicates, spread=spread, iterations=iterations, draws=draws)
    overrides = with_seed(set_, seed)
    return command(
        scenario, overrides, options, parameters=parameters, targets=targets, settings=settings
    )


@app.command(epilog="Example: selfback validate selfback_2021 --replicates 1000")
def validate(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="[SCENARIO]", help="Name or .toml file; selfback_2021 if not said."),
    ] = None,
    *,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates",
            2,
            MOST_REPLICATES,
            help_text="Number of trials to simulate; 200 if not said.",
        ),
    ] = None,
    seed: Seed = None,
    jobs: Jobs = None,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="A study that is there already.")
    ] = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Put every published number beside its simulated distribution.

    Targets that parameters may be fitted to, those held out and those implied by others are
    listed apart. A table and a figure land in the study's folder.
    """
    if from_ is not None:
        given = (scenario, replicates, seed, out, overwrite)
        if set_ or any(value not in {None, False} for value in given):
            raise InputError(
                "--from DIR takes a study as it is: leave out SCENARIO and how to run it"
            )
        from sim.cli.commands.validate import validate_study  # noqa: PLC0415 - slow to import

        return validate_study(from_, as_json=as_json)
    read = read_scenario(scenario or "selfback_2021", set_, seed)
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.validate import validate as command  # noqa: PLC0415 - slow to import

    return command(read, options, replicates=replicates or 200)
