"""``selfback subgroups``: whom the intervention helps and harms, and what the trial sees of it."""

from typing import Annotated

import typer

import selfback as sb
from sim.cli.declare import command
from sim.cli.options import Asked, Study, Trials
from sim.cli.output import say_saved, show_failed, show_result


@command(example="selfback subgroups selfback_2021 --by pain=5 --by duration")
def subgroups(
    asked: Asked,
    study: Study,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRAIT[=VALUE]",
            help="Trait of [population], with the value above which if it is a number; can be "
            "repeated; default pain=5, duration and comorbidities.",
        ),
    ] = None,
    replicates: Trials = 200,
) -> int:
    """Show effects in subgroups, the true one beside the estimate, and who is worse off.

    The table lands in DIR, by default results/SCENARIO_subgroups.
    """
    read = sb.scenario(asked.scenario, asked.overrides)
    found = sb.subgroups(read, by or (), replicates, **study.how(f"{read.name}_subgroups"))
    code = show_failed(found.failed, replicates, found.first_failure, found.where)
    show_result("subgroups", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
