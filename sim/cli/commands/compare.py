"""``selfback compare``: designs beside one another, on the same luck."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.figures.designs import draw_comparison
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.schema import Scenario
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.study.designs.comparison import COMPARISON, PAIRED, Comparison, make_designs
from sim.study.designs.comparison import run_comparison as run

FIGURE = "comparison.png"
NUMBERS = {
    "reference_mean": "A",
    "design_mean": "other",
    "difference": "difference",
    "mcse": "MC error",
    "mcse_unpaired": "unpaired",
    "variance_ratio": "variance ratio",
}


def compare(
    scenarios: Sequence[tuple[Scenario, Sequence[str]]], options: StudyOptions, *, replicates: int
) -> int:
    """Run the comparison, print it and return the exit code.

    Parameters
    ----------
    scenarios
        Each with what was set in it alone.

    Raises
    ------
    InputError
        If the scenarios cannot be compared, or the folder cannot be had.
    """
    designs = make_designs(scenarios)
    out = options.folder("comparison")
    found = run(
        designs,
        replicates=replicates,
        executor=options.executor(),
        out=out,
        overwrite=options.overwrite,
        jobs=options.workers,
        progress=lambda label: show_progress(f"simulating {label}"),
        finish=_draw,
    )
    for letter, failed in found.failed.items():
        if failed:
            say(f"{letter}: {failed} of {replicates} replicates failed")
    if options.as_json:
        print_json({"directory": str(out), **found.to_dict()})
        return 0
    _print(found)
    say(f"{PAIRED}, {COMPARISON}, {FIGURE} and a study for each design are in {out}")
    return 0


def _draw(found: Comparison, folder: Path) -> None:
    labels = {design.letter: design.label for design in found.designs}
    draw_comparison(found.differences, labels, folder / FIGURE)


def _print(found: Comparison) -> None:
    console = stdout_console()
    reference = found.designs[0]
    plan = reference.scenario.analysis
    for design in found.designs[1:]:
        rows = found.differences[found.differences["design"] == design.letter]
        cells = [
            (str(row["quantity"]), *(_number(row[name]) for name in NUMBERS), str(row["pairs"]))
            for row in rows.to_dict("records")
        ]
        heads = ("", *NUMBERS.values(), "pairs")
        heads = tuple(design.letter if head == "other" else head for head in heads)
        title = f"{design.label}, minus {reference.label}"
        print_table(TextTable(title, heads, cells), console)
    console.print(
        f"\nEffects on {plan.primary_outcome} at the primary visit; true effect: everybody's two "
        "lives; rejected: P below alpha.\nMC error: of the difference, with the luck in common; "
        "unpaired: with luck of their own; variance ratio: the square\nof their ratio, so many "
        "times as many replicates would be needed without pairing; -: nothing differs."
    )


def _number(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else "-"
