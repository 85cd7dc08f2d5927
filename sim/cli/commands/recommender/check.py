"""``selfback recommender check``: what is wrong with a recommender."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.arguments import number_above_zero
from sim.cli.declare import command
from sim.cli.options import AsJson, Set, scenario_option
from sim.cli.output import show_result


@command(example="selfback recommender check my_package.mine:Mine")
def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="Built-in name, module:attribute, entry point, or http://..."
        ),
    ],
    *,
    scenario: Annotated[
        str, scenario_option("Scenario whose patients are used.")
    ] = "selfback_2021",
    seconds: Annotated[
        float,
        typer.Option(
            metavar="T", parser=number_above_zero("--seconds"), help="Longest time for an answer."
        ),
    ] = 5.0,
    set_: Set = None,
    as_json: AsJson = False,
) -> int:
    """Say in plain words what is wrong with a recommender.

    The exit code is 0 if nothing is wrong, 1 otherwise.
    """
    found = sb.check_recommender(target, scenario, set_ or (), seconds=seconds)
    show_result("recommender check", found, as_json=as_json)
    return 1 if found.wrong else 0
