"""``selfback assurance``: power averaged over a calibration's posterior sample."""

from pathlib import Path
from typing import Annotated

import typer

import selfback as sb
from sim.cli.declare import command
from sim.cli.exit_codes import DONE, PARTLY_FAILED
from sim.cli.options import Asked, Study, integer_option
from sim.cli.output import say, say_saved, show_result


@command(example="selfback assurance selfback_2021 --posterior posterior.parquet --sets 100")
def assurance(
    asked: Asked,
    study: Study,
    *,
    posterior: Annotated[
        Path, typer.Option(metavar="FILE", help="posterior.parquet of selfback calibrate.")
    ],
    sets: Annotated[
        int | None,
        integer_option("--sets", 2, 10**6, help_text="Parameter sets from the first; default all."),
    ] = None,
    each: Annotated[
        int, integer_option("--each", 1, 10_000, metavar="K", help_text="Trials of each set.")
    ] = 5,
    analysis: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Analysis that decides; default the primary one."),
    ] = None,
    hypothesis: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With several contrasts the one that succeeds; of a family also any or all.",
        ),
    ] = None,
) -> int:
    """Average power over what a calibration leaves open: the probability of success.

    Power at the scenario's own parameters, on common random numbers, stands beside it.

    Both studies land in DIR, by default results/SCENARIO_assurance.
    """
    name = sb.scenario(asked.scenario, asked.overrides).name
    found = sb.assurance(
        asked.scenario, posterior, asked.overrides,
        sets=sets, each=each, analysis=analysis, hypothesis=hypothesis,
        **study.how(f"{name}_assurance"),
    )  # fmt: skip
    if found.found.failed:
        say(f"{found.found.failed} trials failed; a failure is no success")
    show_result("assurance", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return PARTLY_FAILED if found.found.failed else DONE
