"""``selfback power``: power over a grid of scenarios, or the sample size that has a power."""

from typing import Annotated

import typer

import selfback as sb
from scenarios.errors import InputError
from sim.cli.arguments import measures, number_between
from sim.cli.declare import command
from sim.cli.options import MOST_REPLICATES, Asked, DrawnStudy, integer_option
from sim.cli.output import say, say_saved, show_failed_trials, show_result

TRIALS, MOST = 200, 100_000
"""Trials to simulate in each cell, and the most of them until all are precise enough."""


@command(example="selfback power planned_2018 --vary trial.sample_size=200:500:50")
def power(
    asked: Asked,
    study: DrawnStudy,
    *,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            help="first:last:step, or values between commas; can be repeated: all combinations.",
        ),
    ] = None,
    analysis: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Analysis; default the primary one; can be repeated."),
    ] = None,
    hypothesis: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --target and several contrasts: whose power; of a family also any or all.",
        ),
    ] = None,
    null: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="What makes the null true, if not the course's effect or the app's doses.",
        ),
    ] = None,
    no_null: Annotated[bool, typer.Option("--no-null", help="Leave type I error out.")] = False,
    size_adjusted: Annotated[
        bool,
        typer.Option(
            "--size-adjusted",
            help="Power at the critical value of trials in which the null holds.",
        ),
    ] = False,
    target: Annotated[
        float | None,
        typer.Option(
            metavar="POWER",
            parser=number_between("--target", 0.05, 1.0),
            help="Search the sample size that has this power, 0.05 to 1.",
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(metavar="E", help="Monte Carlo standard error at which that ends.")
    ] = 0.01,
    sizes: Annotated[
        str, typer.Option(metavar="A:B", help="Sample sizes that it may try.")
    ] = "20:2000",
    most: Annotated[
        int,
        integer_option("--most", 200, 10**7, help_text="Trials after which it ends all the same."),
    ] = 20_000,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates",
            2,
            MOST_REPLICATES,
            help_text=f"Number of trials in each cell, or of the verification of a size found; "
            f"default {TRIALS}, and with --until-mcse at most, default {MOST:,}.",
        ),
    ] = None,
    until_mcse: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=X,...",
            help="Stop when Monte Carlo standard errors of all cells are as small: power=0.005.",
        ),
    ] = None,
) -> int:
    """Simulate power over a grid of scenarios, on common random numbers, with type I error.

    With --target, search the sample size that has a power, and verify it on a fresh seed.

    The trials, power with its Monte Carlo intervals, fitted curves and a figure land in DIR, by
    default results/SCENARIO_power; of a search, results/SCENARIO_size.
    """
    if target is not None:
        if until_mcse is not None:
            raise InputError(
                f"--until-mcse {until_mcse}: --target ends at the error of --tolerance: leave out "
                "--until-mcse"
            )
        return _search(
            asked, study, target, vary or [], analysis or [],
            hypothesis=hypothesis, tolerance=tolerance, sizes=sizes, most=most,
            verify=replicates or TRIALS,
            size_adjusted=size_adjusted,
        )  # fmt: skip
    if hypothesis is not None:
        raise InputError(
            f"--hypothesis {hypothesis}: goes with --target; without, all of them are told"
        )
    if no_null and null:
        raise InputError(f"--no-null leaves type I error out: leave out --null {null[0]} too")
    precise = None if until_mcse is None else measures(until_mcse)
    name = sb.scenario(asked.scenario, asked.overrides).name
    found = sb.power(
        asked.scenario,
        asked.overrides,
        vary=vary or (),
        analyses=analysis or (),
        null=False if no_null else null or True,
        size_adjusted=size_adjusted,
        replicates=replicates or (TRIALS if precise is None else MOST),
        until_mcse=precise,
        **study.how(f"{name}_power"),
    )
    code = show_failed_trials(found.grid.failed)
    show_result("power", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code


def _search(
    asked: Asked,
    study: DrawnStudy,
    target: float,
    vary: list[str],
    analyses: list[str],
    *,
    hypothesis: str | None,
    tolerance: float,
    sizes: str,
    most: int,
    verify: int,
    size_adjusted: bool,
) -> int:
    if vary:
        raise InputError(
            f"--vary {vary[0]}: --target searches trial.sample_size in one scenario: leave out "
            "--vary, and set other keys with --set"
        )
    names = list(dict.fromkeys(analyses))
    if len(names) > 1:
        raise InputError(f"--analysis {names[1]}: --target searches for one analysis: name one")
    ends = sizes.split(":")
    if len(ends) != 2 or not all(end.isdigit() for end in ends):
        raise InputError(
            f"--sizes {sizes} is not allowed: write two whole numbers, such as 20:2000"
        )
    name = sb.scenario(asked.scenario, asked.overrides).name
    found = sb.sample_size(
        asked.scenario,
        target,
        asked.overrides,
        analysis=names[0] if names else None,
        hypothesis=hypothesis,
        tolerance=tolerance,
        sizes=(int(ends[0]), int(ends[1])),
        most=most,
        verify=verify,
        size_adjusted=size_adjusted,
        **study.how(f"{name}_size"),
    )
    answer = found.answer
    if not answer.settled:
        say(
            f"after {answer.trials} trials the error of power is {answer.power_error:.4f}, not "
            f"{tolerance:g}: allow more with --most"
        )
    code = show_failed_trials(answer.failed)
    show_result("power --target", found, as_json=study.as_json)
    say_saved(found, unless=study.as_json)
    return code
