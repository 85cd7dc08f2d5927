"""``selfback recommender check``: what is wrong with a recommender."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from recommender.own.conformance import Finding
from sim.cli.arguments import number_above_zero
from sim.cli.declare import command
from sim.cli.options import AsJson, Set, scenario_option
from sim.cli.output import print_line, print_result, stdout_console
from sim.front.scenario import with_recommender
from sim.recommenders.checked import check_recommender


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
    read = with_recommender(target, scenario, set_ or [])
    findings = check_recommender(read, seconds=seconds)
    wrong = sum(bool(finding.problem) for finding in findings)
    if as_json:
        rows = [
            {"check": f.check, "conforms": not f.problem, "problem": f.problem} for f in findings
        ]
        found = {"target": target, "conforms": not wrong, "checks": rows}
        print_result("recommender check", found)
        return 1 if wrong else 0
    stdout_console().print(_table(target, findings))
    verdict = f"does not conform: {wrong} of {len(findings)} checks failed" if wrong else "conforms"
    print_line(f"{target} {verdict}.")
    return 1 if wrong else 0


def _table(target: str, findings: Sequence[Finding]) -> Table:
    table = Table(title=Text(f"Conformance of {target}"), title_justify="left")
    table.add_column("check")
    table.add_column("result", overflow="fold")
    for finding in findings:
        table.add_row(finding.check, Text(finding.problem or "ok"))
    return table
