"""``selfback subgroups``: whom the intervention helps and harms, and what the trial sees of it."""

from collections.abc import Sequence

import pandas as pd

from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.design.analyses import ADJUSTED
from scenarios.schema import Scenario
from sim.cli.commands.study import run_shown
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.replicates.subgroup_effects import USUAL, SubgroupReplicate, read_split
from sim.study.designs.subgroups import summarize_subgroups
from sim.study.folder import write_json

SUMMARY = "subgroups.json"
COLUMNS = {
    "effect": "true effect",
    "estimate": "estimate",
    "coverage": "coverage",
    "power": "rejected",
    "worse": "worse",
    "better": "better",
}


def subgroups(
    scenario: Scenario,
    by: Sequence[str],
    options: StudyOptions,
    *,
    replicates: int,
) -> int:
    """Run a study of subgroups, print it and return the exit code: 1 if every replicate failed.

    Without traits to divide by, the usual ones are taken.

    Raises
    ------
    InputError
        If a trait is unknown, or the folder cannot be had.
    """
    splits = tuple(read_split(text, scenario) for text in by or USUAL)
    out = options.folder(f"{scenario.name}_subgroups")
    alpha = scenario.analysis.alpha
    if not run_shown(
        scenario,
        options,
        replicates=replicates,
        executor=options.executor(),
        out=out,
        finish=lambda folder: write_json(
            folder / SUMMARY, summarize_subgroups(folder, alpha).to_dict("records")
        ),
        replicate=SubgroupReplicate(splits),
    ):
        return 1
    found = summarize_subgroups(out, alpha)
    if options.as_json:
        print_json({"directory": str(out), "subgroups": found.to_dict("records")})
        return 0
    _print(found, scenario)
    say(f"subgroups.parquet and {SUMMARY} are in {out}")
    return 0


def _print(found: pd.DataFrame, scenario: Scenario) -> None:
    plan = scenario.analysis
    rows: list[tuple[str, ...]] = [
        (
            f"{row['trait']} {row['subgroup']}".strip(),
            f"{row['n']:.0f}",
            *(f"{row[name]:.3f} ({row[f'{name}_error']:.3f})" for name in COLUMNS),
        )
        for row in found.to_dict("records")
    ]
    what = f"{plan.primary_outcome} at {plan.primary_visit}"
    title = f"{scenario.name}: {what}, estimates by {ADJUSTED}"
    console = stdout_console()
    print_table(TextTable(title, ("", "n", *COLUMNS.values()), rows), console)
    console.print(
        "\nMonte Carlo standard errors in brackets. Worse and better: share of participants "
        "who would score worse, or better,\nin the intervention arm than in control, with the "
        "same luck."
    )
