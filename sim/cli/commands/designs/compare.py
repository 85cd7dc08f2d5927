"""``selfback compare``: designs beside one another, on common random numbers."""

from itertools import chain, repeat
from typing import Annotated, Any

import typer

import selfback as sb
from scenarios.errors import InputError
from sim.cli.declare import command
from sim.cli.exit_codes import DONE, PARTLY_FAILED
from sim.cli.options import Changes, DrawnStudy, Trials, complete_key, scenario_argument
from sim.cli.output import say, say_saved, show_result

LETTERS = "abcd"


def _set_in(letter: str) -> Any:
    return typer.Option(
        f"--set-{letter}",
        metavar="KEY=VALUE",
        help=f"Change a parameter of {letter.upper()} alone.",
        autocompletion=complete_key,
    )


@command(example="selfback compare planned_2018 planned_2018 --set-b followup.dropout=0.1")
def compare(
    scenarios: Annotated[
        list[str],
        scenario_argument("Names or .toml files; A is first.", "A B [C] [D]"),
    ],
    *,
    set_a: Annotated[list[str] | None, _set_in("a")] = None,
    set_b: Annotated[list[str] | None, _set_in("b")] = None,
    set_c: Annotated[list[str] | None, _set_in("c")] = None,
    set_d: Annotated[list[str] | None, _set_in("d")] = None,
    replicates: Trials = 200,
    changes: Changes,
    study: DrawnStudy,
) -> int:
    """Compare designs with the first of them, on common random numbers.

    True effect, estimate, bias, power and costs, each with the paired Monte Carlo error of the
    difference and with the error that it would have without pairing. All take the seed of A.

    The studies, the paired table and a figure land in DIR, by default results/comparison.
    """
    apart: list[list[str]] = [set_a or [], set_b or [], set_c or [], set_d or []]
    for letter, given in list(zip(LETTERS, apart, strict=True))[len(scenarios) :]:
        if given:
            raise InputError(f"--set-{letter} {given[0]}: there is no scenario {letter.upper()}")
    found = sb.compare(
        *zip(scenarios, chain(apart, repeat([])), strict=False),
        shared=changes.overrides,
        replicates=replicates,
        **study.how("comparison"),
    )
    for letter, failed in found.found.failed.items():
        if failed:
            say(f"{letter}: {failed} of {replicates} replicates failed")
    show_result("compare", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return PARTLY_FAILED if any(found.found.failed.values()) else DONE
