"""Prints how a family of hypotheses performs."""

import math

from rich.console import Console

from analysis.report.numbers import share
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from sim.study.family import FamilyPerformance

MEASURES = {
    "family_wise_error": "Family-wise error (any wrong rejection)",
    "disjunctive_power": "Disjunctive power (any right rejection)",
    "conjunctive_power": "Conjunctive power (all that are not null)",
}
UNKNOWN = (
    "Which null hypotheses hold is not known, so there is no family-wise error: run with --truth."
)


def print_family(found: FamilyPerformance, console: Console) -> None:
    """Print a table of the hypotheses, and the family-wise error and kinds of power."""
    n = found.replicates
    rows: list[tuple[str, ...]] = [
        (
            str(row["hypothesis"]),
            str(row["contrast"]),
            f"{row['outcome']}, {row['visit']}",
            str(row["true"] or "not known"),
            _share(float(row["in_favour"]), n),
            _share(float(row["against"]), n),
        )
        for row in found.hypotheses.to_dict("records")
    ]
    heads = ("hypothesis", "contrast", "outcome", "truth", "in favour", "against")
    console.print()
    print_table(TextTable(f"Family of hypotheses, {found.procedure}", heads, rows), console)
    if found.measures is None:
        console.print(UNKNOWN)
        return
    measured: list[tuple[str, ...]] = [
        (MEASURES[str(row["measure"])], _share(float(row["value"]), n))
        for row in found.measures.to_dict("records")
    ]
    console.print()
    print_table(TextTable(f"Family-wise, {n} trials", ("", "share of trials"), measured), console)


def _share(value: float, n: int) -> str:
    return "" if math.isnan(value) else share(round(value * n), n)
