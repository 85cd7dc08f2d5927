"""The commands that look into a trial: at kinds of patients, and at one of them."""

from pathlib import Path
from typing import Annotated

import typer

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


@app.command(epilog="Example: selfback subgroups selfback_2021 --by pain=5 --by duration")
def subgroups(
    scenario: ScenarioName,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRAIT[=VALUE]",
            help="Trait of [population], with the value above which if it is a number; can be "
            "repeated; pain=5, duration and comorbidities if not said.",
        ),
    ] = None,
    replicates: Annotated[
        int,
        integer_option(
            "--replicates", 2, MOST_REPLICATES, help_text="Number of trials to simulate."
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Show effects in subgroups, the truth beside the estimate, and who is worse off.

    The table lands in DIR, results/SCENARIO_subgroups if not said.
    """
    read = read_scenario(scenario, set_, seed)
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.subgroups import subgroups as command  # noqa: PLC0415 - slow to import

    return command(read, by or (), options, replicates=replicates)


@app.command(epilog="Example: selfback replay results/selfback_2021 --replicate 0 --participant 1")
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
            help_text="Number of the replicate; the first if not said.",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to draw; patient_R_P.png in DIR if not said."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Live one virtual patient of a study again, in both arms, with the same luck.

    Events, plans and scores are printed, and both lives drawn day by day.
    """
    from sim.cli.commands.replay import replay_patient as command  # noqa: PLC0415 - slow to import

    return command(
        directory, replicate=replicate, participant=participant, figure=figure, as_json=as_json
    )
