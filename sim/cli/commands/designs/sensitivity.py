"""``selfback sensitivity``: which parameters move the true effect, and how far."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.arguments import number_between
from sim.cli.declare import command
from sim.cli.options import Asked, DrawnStudy, Trials
from sim.cli.output import say_saved, show_failed, show_result


@command(example="selfback sensitivity selfback_2021 --keys 'app.*' --by 0.2")
def sensitivity(
    asked: Asked,
    study: DrawnStudy,
    *,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Parameters to move, such as app.quit_hazard or 'app.*'; can be repeated; default "
            "those that are assumptions.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Move every numeric parameter.")] = False,
    by: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            parser=number_between("--by", 0.0, 1.0),
            help="Of its value, by which each is moved.",
        ),
    ] = 0.1,
    arm: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Arm that is compared with the reference; default the last one."
        ),
    ] = "",
    replicates: Trials = 4,
) -> int:
    """Show which assumptions move the true effect: each by itself, down and up.

    Everybody is simulated in all arms, in the scenario as it is and with each parameter moved, on
    common random numbers. So few trials are enough.

    The table and a figure land in DIR, by default results/SCENARIO_sensitivity.
    """
    name = sb.scenario(asked.scenario, asked.overrides).name
    result = sb.sensitivity(
        asked.scenario, asked.overrides,
        keys=keys or (), every=every, by=by, arm=arm, replicates=replicates,
        **study.how(f"{name}_sensitivity"),
    )  # fmt: skip
    found = result.found
    code = show_failed(found.failed, found.trials, found.first_failure)
    show_result("sensitivity", result, as_json=study.as_json)
    say_saved(result, unless=study.as_json)
    return code
