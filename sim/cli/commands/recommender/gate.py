"""``selfback gate``: record the effect of a recommender, and test one against such a record."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

import selfback as sb
from scenarios.errors import InputError
from sim.cli.arguments import folder, number_between
from sim.cli.declare import command
from sim.cli.invocation import CURRENT, recorded
from sim.cli.options import (
    MOST_REPLICATES,
    AsJson,
    Jobs,
    Set,
    Trust,
    integer_option,
    scenario_argument,
)
from sim.cli.output import say, show_result
from sim.doctor.machine import RESULTS
from sim.study.gate.defaults import (
    ADDED_MARGIN,
    ALPHA,
    LEAST_REPLICATES,
    MARGIN,
    POWER,
    REPLICATES,
    RIVAL,
)
from sim.study.gate.measures import MEASURES

BASELINES = RESULTS / "baselines"
"""Where baselines are looked for by default."""
SCENARIO = "selfback_2021"
EXIT_CODES = {"pass": 0, "fail": 1, "inconclusive": 3}


def _how(file: Path, out: Path | None, jobs: int | None) -> dict[str, Any]:
    """Return how a gate is run that keeps its replicates beside a file, where that can be."""
    invocation = CURRENT.get()
    if out is None and os.access(file.parent, os.W_OK | os.X_OK):
        out = file.with_name(f"{file.name}.gate")
    return {
        "jobs": jobs,
        "out": out,
        "command": recorded(invocation.arguments),
        "repeat": invocation.repeat,
    }


def _number(option: str, metavar: str, low: float, high: float, help_text: str) -> Any:
    return typer.Option(metavar=metavar, parser=number_between(option, low, high), help=help_text)


def _measures() -> str:
    """Return the measures with their units and margins, for the help."""
    return ", ".join(
        f"{one.name} ({one.label}, {one.unit}; {'more' if one.higher_is_better else 'less'} is "
        f"better; {'off' if one.margin is None else f'{one.margin:g}'})"
        for one in MEASURES.values()
    )


@command(
    example="selfback gate --baseline results/baselines/selfback_2021.json --recommender guideline"
)
def gate(
    scenario: Annotated[
        str | None,
        scenario_argument(
            f"Name or .toml file; default the baseline's, or {SCENARIO}.", "[SCENARIO]"
        ),
    ] = None,
    *,
    make: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record a baseline in FILE.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=f"Baseline to test against; default {BASELINES}/SCENARIO.json.",
        ),
    ] = None,
    recommender: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="Built-in name, module:attribute, entry point, or http://...; default the "
            "baseline's, or the scenario's own.",
        ),
    ] = None,
    rival: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="With --make: recommender over whose effect this one's is looked at, too; default "
            f"{RIVAL}.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        _number(
            "--margin", "SHARE", 1e-6, 1.0,
            "Loss to look for, as a share of the baseline's effect; default the baseline's, or "
            f"{MARGIN:g}.",
        ),
    ] = None,
    added_margin: Annotated[
        float | None,
        _number(
            "--added-margin", "SHARE", 1e-6, 1.0,
            "Loss to look for, as a share of what the baseline adds to the rival's effect; default "
            f"the baseline's, or {ADDED_MARGIN:g}.",
        ),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=MARGIN",
            help="Loss of another measure to look for, in its own unit, or NAME=off; may be "
            f"repeated. {_measures()}. Default the baseline's, or these.",
        ),
    ] = None,
    anchor: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --make: an earlier baseline, whose anchor is kept, or which becomes the "
            "anchor; losses against it are tested for, too.",
        ),
    ] = None,
    alpha: Annotated[
        float | None,
        _number(
            "--alpha", "A", 1e-6, 0.5,
            "Maximum share of false alarms of all tests together where nothing is lost; default "
            f"{ALPHA:g}.",
        ),
    ] = None,
    power: Annotated[
        float | None,
        _number(
            "--power", "P", 0.5, 1.0 - 1e-6,
            f"Minimum probability of noticing a loss of a margin; default {POWER:g}.",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        integer_option(
            "--replicates", LEAST_REPLICATES, MOST_REPLICATES,
            help_text="Of a baseline that is made: the most that a gate may use; default "
            f"{REPLICATES}.",
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdict as JUnit XML.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a comment for a pull request.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a report; the ending chooses: .html, .pdf or .docx."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=folder("--out"),
            help="Folder that keeps replicates until the verdict; default FILE.gate.",
        ),
    ] = None,
    jobs: Jobs = None,
    set_: Set = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let --make replace FILE if it exists.")
    ] = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Say whether a recommender is worse than it was, on common random numbers.

    Tested are the whole effect, what it adds to a rival's, and what people are advised and do.
    First record a baseline with --make, and keep it under version control. Then, after a change,
    the gate simulates replicate by replicate until it is sure.

    The exit code is 0 for pass, 1 for fail, 3 for inconclusive.
    """
    if make is None:
        for option, told in (
            ("--replicates", replicates is not None),
            ("--rival", rival is not None),
            ("--anchor", anchor is not None),
            ("--overwrite", overwrite),
        ):
            if told:
                raise InputError(f"{option} is for a baseline that is made: add --make FILE")
        file = baseline or BASELINES / f"{Path(scenario or SCENARIO).stem}.json"
        found = sb.gate(
            file,
            scenario,
            set_ or (),
            recommender=recommender,
            margin=margin,
            added_margin=added_margin,
            measures=measure or (),
            alpha=ALPHA if alpha is None else alpha,
            power=POWER if power is None else power,
            junit=junit,
            markdown=markdown,
            report=report,
            trust=trust or CURRENT.get().trust,
            **_how(file, out, jobs),
        )
        show_result("gate", found, as_json=as_json)
        return EXIT_CODES[found.verdict]
    for option, given in (
        ("--baseline", baseline),
        ("--alpha", alpha),
        ("--power", power),
        ("--junit", junit),
        ("--markdown", markdown),
        ("--report", report),
    ):
        if given is not None:
            raise InputError(f"{option} {given}: --make tests nothing: leave one of them out")
    made = sb.baseline(
        make,
        scenario or SCENARIO,
        set_ or (),
        recommender=recommender,
        rival=rival or RIVAL,
        margin=MARGIN if margin is None else margin,
        added_margin=ADDED_MARGIN if added_margin is None else added_margin,
        measures=measure or (),
        anchor=anchor,
        replicates=REPLICATES if replicates is None else replicates,
        overwrite=overwrite,
        trust=CURRENT.get().trust,
        **_how(make, out, jobs),
    )
    show_result("gate --make", made, as_json=as_json)
    say(f"the baseline is in {make}: put it under version control", unless=as_json)
    return 0
