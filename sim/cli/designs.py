"""The commands that compare designs of a trial."""

from pathlib import Path
from typing import Annotated, Any

import typer

from scenarios.errors import InputError
from sim.cli.arguments import number_between
from sim.cli.commands.study_options import StudyOptions
from sim.cli.options import (
    MOST_REPLICATES,
    AsJson,
    Jobs,
    Out,
    Overwrite,
    ScenarioName,
    Seed,
    Set,
    integer_option,
    read_scenario,
    with_seed,
)

LETTERS = "abcd"

app = typer.Typer()


def _set_in(letter: str) -> Any:
    return typer.Option(
        f"--set-{letter}",
        metavar="KEY=VALUE",
        help=f"Change a parameter of {letter.upper()} alone.",
    )


@app.command(
    epilog="Example: selfback compare planned_2018 planned_2018 --set-b followup.dropout=0.1"
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
        integer_option("--replicates", 2, MOST_REPLICATES, help_text="Number of trials of each."),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
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
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.compare import compare as command  # noqa: PLC0415 - slow to import

    return command(read, options, replicates=replicates)


@app.command(epilog="Example: selfback power planned_2018 --vary trial.sample_size=200:500:50")
def power(
    scenario: ScenarioName,
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
        typer.Option(
            metavar="NAME", help="Analysis; the primary one if not said; can be repeated."
        ),
    ] = None,
    null: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="What switches the effect off, if not the course's effect or the app's doses.",
        ),
    ] = None,
    no_null: Annotated[bool, typer.Option("--no-null", help="Leave type I error out.")] = False,
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
        int,
        integer_option(
            "--replicates",
            2,
            MOST_REPLICATES,
            help_text="Number of trials in each cell, or of the verification of a size found.",
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Simulate power over a grid of scenarios, on the same luck, with type I error beside it.

    With --target, search the sample size that has a power, and verify it on a fresh seed.

    The trials, power with its Monte Carlo intervals, fitted curves and a figure land in DIR,
    results/SCENARIO_power if not said; of a search, results/SCENARIO_size.
    """
    names = tuple(dict.fromkeys(analysis or ()))
    overrides = with_seed(set_, seed)
    options = StudyOptions(jobs, out, overwrite, as_json)
    if target is not None:
        from sim.cli.commands.size import read_question, size  # noqa: PLC0415 - slow to import

        question = read_question(
            scenario, overrides, names,
            vary=vary or (), target=target, tolerance=tolerance, sizes=sizes, most=most,
        )  # fmt: skip
        return size(question, options, verify=replicates)
    if no_null and null:
        raise InputError(f"--no-null leaves type I error out: leave out --null {null[0]} too")
    from sim.cli.commands.power import power as command  # noqa: PLC0415 - slow to import

    return command(
        scenario,
        overrides,
        options,
        vary=vary or (),
        analyses=names,
        null=null or (),
        with_null=not no_null,
        replicates=replicates,
    )


@app.command(
    epilog="Example: selfback assurance selfback_2021 --posterior posterior.parquet --sets 100"
)
def assurance(
    scenario: ScenarioName,
    *,
    posterior: Annotated[
        Path, typer.Option(metavar="FILE", help="posterior.parquet of selfback calibrate.")
    ],
    sets: Annotated[
        int | None,
        integer_option(
            "--sets", 2, 10**6, help_text="Parameter sets, from the first; all if not said."
        ),
    ] = None,
    each: Annotated[
        int, integer_option("--each", 1, 10_000, metavar="K", help_text="Trials of each set.")
    ] = 5,
    analysis: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Analysis that decides; the primary one if not said."),
    ] = None,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> int:
    """Average power over what a calibration leaves open: the probability of success.

    Power at the scenario's own parameters, on the same luck, stands beside it.

    Both studies land in DIR, results/SCENARIO_assurance if not said.
    """
    overrides = with_seed(set_, seed)
    options = StudyOptions(jobs, out, overwrite, as_json)
    from sim.cli.commands.assurance import assurance as command  # noqa: PLC0415 - slow to import

    return command(
        scenario, overrides, options, posterior=posterior, sets=sets, each=each, analysis=analysis
    )
