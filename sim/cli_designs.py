"""The commands that compare designs: how they are called.

What they do is in :mod:`sim.commands`, which is imported when a command runs.
"""

from typing import Annotated, Any

import typer

from scenarios.errors import InputError
from sim.commands.arguments import whole_number
from sim.options import (
    AsJson,
    Jobs,
    Out,
    Overwrite,
    Seed,
    Set,
    read_scenario,
)

LETTERS = "abcd"


def _set_in(letter: str) -> Any:
    return typer.Option(
        f"--set-{letter}",
        metavar="KEY=VALUE",
        help=f"Change a parameter of {letter.upper()} alone.",
    )


def compare(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="A B [C] [D]", help="Names or .toml files; A is first.")
    ],
    *,
    set_a: Annotated[list[str] | None, _set_in("a")] = None,
    set_b: Annotated[list[str] | None, _set_in("b")] = None,
    set_c: Annotated[list[str] | None, _set_in("c")] = None,
    set_d: Annotated[list[str] | None, _set_in("d")] = None,
    set_: Set = None,
    replicates: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 2, 2**31 - 1),
            help="Number of trials of each.",
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Compare designs with the first of them, on the same luck.

    True effect, estimate, bias, power and costs, each with the paired Monte Carlo error of the
    difference and with the error that it would have without pairing. All take the seed of A.

    The studies, the paired table and a figure land in DIR, results/comparison if not said.
    """
    if not 2 <= len(scenarios) <= len(LETTERS):
        raise InputError(f"{len(scenarios)} scenarios are given: name two to {len(LETTERS)}")
    apart = [set_a or [], set_b or [], set_c or [], set_d or []]
    for letter, given in list(zip(LETTERS, apart, strict=True))[len(scenarios) :]:
        if given:
            raise InputError(f"--set-{letter} {given[0]}: there is no scenario {letter.upper()}")
    read = [
        (read_scenario(name, [*(set_ or ()), *mine], seed), mine)
        for name, mine in zip(scenarios, apart, strict=False)
    ]
    from sim.commands.compare import compare as command  # noqa: PLC0415 - slow to import

    code = command(
        read, replicates=replicates, jobs=jobs, out=out, overwrite=overwrite, as_json=as_json
    )
    raise typer.Exit(code)
