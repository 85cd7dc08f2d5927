"""``selfback validate``: every published number beside its simulated distribution."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from scenarios.errors import InputError
from sim.cli.declare import command
from sim.cli.exit_codes import DONE
from sim.cli.options import (
    MOST_REPLICATES,
    Changes,
    DrawnStudy,
    integer_option,
    scenario_argument,
)
from sim.cli.output import say_saved, show_failed, show_result

REPLICATES = 200


@command(example="selfback validate selfback_2021 --replicates 1000")
def validate(
    scenario: Annotated[
        str | None,
        scenario_argument("Name or .toml file; default selfback_2021.", "[SCENARIO]"),
    ] = None,
    *,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates",
            2,
            MOST_REPLICATES,
            help_text=f"Number of trials to simulate; default {REPLICATES}.",
        ),
    ] = None,
    posterior: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Posterior sample of selfback calibrate; default that of the scenario, if any.",
        ),
    ] = None,
    point: Annotated[
        bool, typer.Option("--point", help="Simulate the scenario's own parameters instead.")
    ] = False,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="A study that is there already.")
    ] = None,
    changes: Changes,
    study: DrawnStudy,
) -> int:
    """Put every published number beside its simulated distribution.

    Targets that parameters may be fitted to, those held out and those implied by others are
    listed apart. Each trial is simulated at a draw of the posterior, if there is a sample. A table
    and a figure land in the study's folder.
    """
    code = DONE
    if from_ is not None:
        given = (
            scenario, replicates, posterior, point, changes.seed, study.out, study.overwrite
        )  # fmt: skip
        if changes.set_ or any(value not in {None, False} for value in given):
            raise InputError(
                "--from DIR takes a study as it is: leave out SCENARIO and how to run it"
            )
        found = sb.validate_study(from_, figure_format=study.figure_format)
    else:
        read = sb.scenario(scenario or "selfback_2021", changes.overrides)
        number = replicates or REPLICATES
        found = sb.validate(
            read, number, posterior=posterior, point=point, **study.how(f"{read.name}_validation")
        )
        code = show_failed(found.failed, number, found.first_failure, found.where)
    show_result("validate", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
