"""``selfback calibrate``: fit a scenario's free parameters to published numbers."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from sim.cli.arguments import one_of
from sim.cli.declare import command
from sim.cli.options import Asked, DrawnStudy, integer_option
from sim.cli.output import say, say_saved, show_failed, show_result

ROLES = ("calibration", "held-out", "all")


@command(
    example="selfback calibrate selfback_2021 --parameters scenarios/calibration/selfback_2021.toml"
)
def calibrate(
    asked: Asked,
    study: DrawnStudy,
    *,
    parameters: Annotated[
        Path, typer.Option(metavar="FILE", help="TOML file of the free parameters.")
    ],
    targets: Annotated[
        str,
        typer.Option(
            metavar="|".join(ROLES),
            parser=one_of("--targets", ROLES),
            help="Published numbers to fit to.",
        ),
    ] = "calibration",
    points: Annotated[
        int,
        integer_option("--points", 10, 100_000, help_text="Parameter sets simulated in each wave."),
    ] = 400,
    replicates: Annotated[
        int, integer_option("--replicates", 1, 1000, help_text="Trials of each of these.")
    ] = 4,
    waves: Annotated[
        int, integer_option("--waves", 1, 20, help_text="Most waves of the search.")
    ] = 5,
    spread: Annotated[
        int,
        integer_option(
            "--spread",
            10,
            100_000,
            help_text="Trials at the prior means, at the fitted values and at posterior draws.",
        ),
    ] = 200,
    draws: Annotated[
        int,
        integer_option("--draws", 1, 100_000, help_text="Parameter sets of the posterior sample."),
    ] = 500,
) -> int:
    """Fit free parameters to the published numbers, and say what these identify.

    A calibrated scenario, a posterior sample of parameter sets, tables and a figure land in DIR.
    """
    name = sb.scenario(asked.scenario, asked.overrides).name
    settings = sb.Settings(
        points=points, replicates=replicates, waves=waves, spread=spread, draws=draws
    )
    found = sb.calibrate(
        asked.scenario,
        parameters,
        asked.overrides,
        targets=targets,
        settings=settings,
        **study.how(f"{name}_calibration"),
    )
    if found.unreadable:
        say(
            f"{found.scenario_file} cannot be read with the scenario as it is now: "
            f"{found.unreadable}"
        )
    failures = found.found.failures
    code = show_failed(len(failures), found.found.simulated, "".join(failures[:1]))
    show_result("calibrate", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
