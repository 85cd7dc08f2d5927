"""The commands that compare designs: how they are called.

What they do is in :mod:`sim.commands`, which is imported when a command runs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenarios.errors import InputError
from sim.commands.arguments import whole_number
from sim.options import (
    AsJson,
    Jobs,
    Out,
    Overwrite,
    ScenarioName,
    Seed,
    Set,
    read_scenario,
    with_seed,
)

if TYPE_CHECKING:
    from sim.study.size_search import Question

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
        typer.Option(metavar="NAME", help="Analysis; clda if not said; can be repeated."),
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
        typer.Option(metavar="POWER", help="Search the sample size that has this power, 0 to 1."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(metavar="E", help="Monte Carlo standard error at which that ends.")
    ] = 0.01,
    sizes: Annotated[
        str, typer.Option(metavar="A:B", help="Sample sizes that it may try.")
    ] = "20:2000",
    most: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--most", 200, 10**7),
            help="Trials after which it ends all the same.",
        ),
    ] = 20_000,
    replicates: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 2, 2**31 - 1),
            help="Number of trials in each cell, or of the verification of a size found.",
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Simulate power over a grid of scenarios, on the same luck, with type I error beside it.

    With --target, search the sample size that has a power, and verify it on a fresh seed.

    The trials, power with its Monte Carlo intervals, fitted curves and a figure land in DIR,
    results/SCENARIO_power if not said; of a search, results/SCENARIO_size.
    """
    names = tuple(dict.fromkeys(analysis or ("clda",)))
    if target is not None:
        question = _question(
            scenario, with_seed(set_, seed), names, vary, target, tolerance, sizes, most
        )
        from sim.commands.size import size as search  # noqa: PLC0415 - slow to import

        code = search(
            question, verify=replicates, jobs=jobs, out=out, overwrite=overwrite, as_json=as_json
        )
        raise typer.Exit(code)
    if no_null and null:
        raise InputError(f"--no-null leaves type I error out: leave out --null {null[0]} too")
    from sim.commands.power import power as command  # noqa: PLC0415 - slow to import

    code = command(
        scenario,
        with_seed(set_, seed),
        vary=vary or (),
        analyses=names,
        null=null or (),
        with_null=not no_null,
        replicates=replicates,
        jobs=jobs,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


def _question(
    scenario: str,
    overrides: list[str],
    analyses: tuple[str, ...],
    vary: list[str] | None,
    target: float,
    tolerance: float,
    sizes: str,
    most: int,
) -> "Question":
    if vary:
        raise InputError(
            f"--vary {vary[0]}: --target searches trial.sample_size in one scenario: leave out "
            "--vary, and set other keys with --set"
        )
    if len(analyses) > 1:
        raise InputError(f"--analysis {analyses[1]}: --target searches for one analysis: name one")
    if not 0.05 < target < 1.0:
        raise InputError(f"--target {target:g} is not allowed: must be above 0.05 and below 1")
    if not 0.001 <= tolerance <= 0.2:
        raise InputError(f"--tolerance {tolerance:g} is not allowed: must be from 0.001 to 0.2")
    ends = sizes.split(":")
    if len(ends) != 2 or not all(end.isdigit() for end in ends):
        raise InputError(
            f"--sizes {sizes} is not allowed: write two whole numbers, such as 20:2000"
        )
    smallest, largest = (int(end) for end in ends)
    if not 2 <= smallest < largest <= 200_000:
        raise InputError(
            f"--sizes {sizes} is not allowed: must be from 2 to 200000, the first below the second"
        )
    from sim.study.size_search import Question  # noqa: PLC0415 - slow to import

    return Question(
        scenario, tuple(overrides), analyses[0], target, tolerance, smallest, largest, most
    )


def assurance(
    scenario: ScenarioName,
    *,
    posterior: Annotated[
        Path, typer.Option(metavar="FILE", help="posterior.parquet of selfback calibrate.")
    ],
    sets: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--sets", 2, 10**6),
            help="Parameter sets, from the first; all if not said.",
        ),
    ] = None,
    each: Annotated[
        int,
        typer.Option(
            metavar="K", parser=whole_number("--each", 1, 10_000), help="Trials of each set."
        ),
    ] = 5,
    analysis: Annotated[str, typer.Option(metavar="NAME", help="Analysis that decides.")] = "clda",
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Average power over what a calibration leaves open: the probability of success.

    Power at the scenario's own parameters, on the same luck, stands beside it.

    Both studies land in DIR, results/SCENARIO_assurance if not said.
    """
    from sim.commands.assurance import assurance as command  # noqa: PLC0415 - slow to import

    code = command(
        scenario,
        with_seed(set_, seed),
        posterior=posterior,
        sets=sets,
        each=each,
        analysis=analysis,
        jobs=jobs,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


def subgroups(
    scenario: ScenarioName,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRAIT[=VALUE]",
            help="Trait of [population], with the value above which if it is a number; can be "
            "repeated; pain=5, duration and comorbidities if not said.",
        ),
    ] = None,
    replicates: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number("--replicates", 2, 2**31 - 1),
            help="Number of trials to simulate.",
        ),
    ] = 200,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Out = None,
    set_: Set = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Show effects in subgroups, the truth beside the estimate, and who is worse off.

    The table lands in DIR, results/SCENARIO_subgroups if not said.
    """
    read = read_scenario(scenario, set_, seed)
    from sim.commands.subgroups import subgroups as command  # noqa: PLC0415 - slow to import

    code = command(
        read,
        by or (),
        replicates=replicates,
        jobs=jobs,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )
    raise typer.Exit(code)


def replay(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a study.")],
    *,
    participant: Annotated[
        int,
        typer.Option(
            metavar="P",
            parser=whole_number("--participant", 1),
            help="Number of the participant, from 1 in order of randomization.",
        ),
    ],
    replicate: Annotated[
        int | None,
        typer.Option(
            metavar="R",
            parser=whole_number("--replicate", 0, 2**31 - 1),
            help="Number of the replicate; the first if not said.",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to draw; patient_R_P.png in DIR if not said."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Live one virtual patient of a study again, in both arms, with the same luck.

    Events, plans and scores are printed, and both lives drawn day by day.
    """
    from sim.commands.replay import replay_patient as command  # noqa: PLC0415 - slow to import

    code = command(
        directory, replicate=replicate, participant=participant, figure=figure, as_json=as_json
    )
    raise typer.Exit(code)
