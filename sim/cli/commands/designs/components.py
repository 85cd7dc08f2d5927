"""``selfback components``: how much of an arm's true effect each of its components carries."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.declare import command
from sim.cli.options import Asked, DrawnStudy, Trials
from sim.cli.output import say_saved, show_failed, show_result


@command(example="selfback components selfback_2021 --arm intervention --replicates 20")
def components(
    asked: Asked,
    study: DrawnStudy,
    *,
    arm: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Arm that is compared with the reference; default the last one."
        ),
    ] = "",
    outcome: Annotated[
        str, typer.Option(metavar="NAME", help="Outcome; default the primary one.")
    ] = "",
    visit: Annotated[
        str, typer.Option(metavar="NAME", help="Follow-up visit; default the primary one.")
    ] = "",
    replicates: Trials = 20,
) -> int:
    """Show how much of an arm's true effect each of its components carries.

    Everybody is simulated with every subset of what the arm is given and the reference is not.
    Beside the parts stand the effects that trials could estimate, with their power.

    The table and a figure land in DIR, by default results/SCENARIO_components.
    """
    read = sb.scenario(asked.scenario, asked.overrides)
    found = sb.components(
        read, arm, outcome, visit, replicates, **study.how(f"{read.name}_components")
    )
    code = show_failed(found.failed, replicates, found.first_failure, found.where)
    show_result("components", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
