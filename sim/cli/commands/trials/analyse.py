"""``selfback analyse``: the prespecified analysis on anyone's data."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from sim.cli.declare import command
from sim.cli.options import Output, Set, scenario_option
from sim.cli.output import say, show_result
from sim.study.progress import at_work


@command(example="selfback analyse trial0/participants.csv trial0/visits.csv")
def analyse(
    participants: Annotated[Path, typer.Argument(metavar="PARTICIPANTS", help="A row each.")],
    visits: Annotated[Path, typer.Argument(metavar="VISITS", help="A row a visit of each.")],
    *,
    plan: Annotated[
        str, scenario_option("Plan (.toml), or scenario whose plan is used.")
    ] = "selfback_2021",
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML file that says what columns and values are called."
        ),
    ] = None,
    outcomes: Annotated[
        str | None, typer.Option(metavar="A,B", help="Continuous outcomes; default all.")
    ] = None,
    analyses: Annotated[
        str | None, typer.Option(metavar="A,B", help="Analyses to report; default all.")
    ] = None,
    set_: Set = None,
    output: Output,
) -> int:
    """Run the prespecified analysis on anyone's data: CSV, .xlsx, .dta, .sav or Parquet.

    Tables 1 to 3 are printed, and the estimates land in DIR.
    """
    with at_work(f"analysing {visits}"):
        found = sb.analyse(
            participants,
            visits,
            sb.plan(plan, set_ or ()),
            mapping=mapping,
            outcomes=_names(outcomes),
            analyses=_names(analyses),
            out=output.out,
            overwrite=output.overwrite,
        )
    show_result("analyse", found, as_json=output.as_json)
    for remark in found.remarks:
        say(remark)
    if found.looks:
        say(f"the plan of {found.scenario.name} has interim looks: these P values do not allow "
            "for them")  # fmt: skip
    if output.out is not None:
        say(f"the estimates are in {output.out}")
    return 0


def _names(listed: str | None) -> list[str] | None:
    return None if listed is None else [name.strip() for name in listed.split(",")]
