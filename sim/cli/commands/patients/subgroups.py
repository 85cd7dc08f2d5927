"""``selfback subgroups``: whom the intervention helps and harms, and what the trial sees of it."""

from typing import Annotated

import typer

from sim.cli.declare import command
from sim.cli.options import Asked, Study, Trials
from sim.cli.output import say, show_failed, show_result
from sim.front.scenario import scenario
from sim.front.subgroups import SUMMARY
from sim.front.subgroups import subgroups as simulate


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
    read = scenario(asked.scenario, asked.overrides)
    found = simulate(read, by or (), replicates, **study.how(f"{read.name}_subgroups"))
    show_failed(found.failed, replicates, found.first_failure)
    show_result("subgroups", found, as_json=study.as_json)
    say(f"subgroups.parquet and {SUMMARY} are in {found.directory}", unless=study.as_json)
    return 0
