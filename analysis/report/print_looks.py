"""The interim looks of a trial, or of a study, on the terminal."""

import numpy as np
from rich.console import Console

from analysis.replicates.interim_summary import Ending, InterimSummary
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from analysis.sequential.looks import NOT_HELD, Monitored


def print_looks(summary: InterimSummary, console: Console) -> None:
    """Print what the looks of a study did, and the trial of fixed size beside it."""
    last = len(summary.looks)
    rows: list[tuple[str, ...]] = [
        (
            f"{'end' if number == last else f'look {number}'}, {look.fraction:.3g}",
            f"{look.information:.2f}",
            f"{look.day:.0f}",
            f"{look.participants:.0f}",
            f"{look.answered:.0f}",
            _number(look.boundary, 3),
            f"{look.efficacy:.3f}",
            f"{look.expected_efficacy:.3f}",
            f"{look.futility:.3f}",
            f"{look.expected_futility:.3f}",
        )
        for number, look in enumerate(summary.looks, start=1)
    ]
    heads = ("", "information", "day", "randomized", "answered", "boundary", "efficacy", "theory",
             "futility", "theory")  # fmt: skip
    print_table(TextTable(f"Interim looks, {summary.boundary}", heads, rows), console)
    endings = [("with looks", summary.with_looks), ("fixed size", summary.fixed)]
    gap = ("difference", f"{summary.difference:+.3f} ({summary.difference_error:.3f})", "", "")
    print_table(
        TextTable(
            "The same trials with looks and without",
            ("", "rejected", "randomized", "days"),
            [*((name, *_ending(ending)) for name, ending in endings), gap],
        ),
        console,
    )
    if any(look.efficacy + look.futility for look in summary.looks[:-1]):
        console.print(
            "At visits that stopped trials did not reach, all numbers are of the other trials."
        )
    failed = sum(look.failed for look in summary.looks)
    if failed:
        console.print(
            f"Looks without an estimate, after which trials continue: {failed:.3f} a trial."
        )
    console.print(
        "\nTheory: if Z at the end has its mean over the trials, with the information shown. Fixed "
        "size: the same trials to their end.\nMonte Carlo standard errors in brackets."
    )


def print_held(looks: Monitored, console: Console) -> None:
    """Print the looks of one trial that took place."""
    rows: list[tuple[str, ...]] = [
        (
            f"{seen.fraction:.3g}",
            f"{seen.day:.0f}",
            str(seen.participants),
            str(seen.answered),
            _number(seen.estimate.estimate, 2),
            _number(verdict.statistic, 2),
            _number(verdict.boundary, 2),
            _number(verdict.conditional_power, 3),
            verdict.decision,
        )
        for seen, verdict in zip(looks.seen, looks.verdicts, strict=True)
        if verdict.decision != NOT_HELD
    ]
    heads = ("fraction", "day", "randomized", "answered", "difference", "Z", "boundary",
             "conditional power", "decision")  # fmt: skip
    print_table(TextTable("Looks at the primary outcome", heads, rows), console)
    found = looks.estimate
    console.print(
        f"P value that allows for the looks: {_number(found.p, 4)} ({found.analysis}, "
        f"{found.outcome} at {found.visit}); no other P value or interval does."
    )


def _ending(ending: Ending) -> tuple[str, ...]:
    rejected = f"{ending.rejected:.3f} ({ending.rejected_error:.3f})"
    return rejected, f"{ending.participants:.1f}", f"{ending.days:.1f}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None or not np.isfinite(value) else f"{value:.{digits}f}"
