"""A validation as tables on the terminal."""

from collections.abc import Sequence

from rich.console import Console

from analysis.replicates.validation import PERFECT_MEAN_Z, ROLES, Comparison, Validation
from analysis.report.numbers import fixed, percent, signed, significant
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.targets import Anchor
from scenarios.wording import few

HEADINGS = {
    "calibration": "Targets that parameters may be fitted to",
    "held-out": "Targets held out",
    "implied": "Implied by other targets (a sum, a complement, a derived form)",
}


MISSING_SHOWN = 6
"""Targets named that the scenario does not simulate."""


def print_validation(found: Validation, console: Console) -> None:
    """Print each target beside its simulated mean, 95% range and z, and the agreement by role."""
    console.print(f"\n{found.title}", style="bold")
    failed = f", {found.failed_replicates} failed" if found.failed_replicates else ""
    at = f"at {min(found.draws, found.replicates)} draws of the posterior" if found.draws else ""
    at = at or "at the scenario's own parameters"
    console.print(f"{found.replicates} simulated trials{failed}, seed {found.seed}, {at}")
    for role in ROLES:
        mine = [c for c in found.comparisons if c.role == role]
        if mine:
            print_table(_table(HEADINGS[role], mine), console)
    if found.anchors:
        _print_anchors(found.anchors, console)
    console.print()
    for each in found.agreements:
        inside = percent(each.inside, each.targets, 1)
        console.print(
            f"{each.role}: {each.inside} of {each.targets} ({inside}%) inside their 95% range, "
            f"mean |z| {fixed(each.mean_z, 2)} ({fixed(PERFECT_MEAN_Z, 2)} if the model is right)"
        )
    if any(each.interval is not None for each in found.comparisons):
        console.print(
            "Of another study, in brackets: inside if the simulated mean is in its 95% interval."
        )
    if found.missing:
        console.print(f"not simulated: {few(found.missing, MISSING_SHOWN)}")


def _print_anchors(anchors: Sequence[Anchor], console: Console) -> None:
    """Print published differences that no simulated trial has both sides of."""
    console.print("\nOf other studies, for a comparison of simulated trials", style="bold")
    for each in anchors:
        number = significant(each.value, 3)
        if each.ci is not None:
            number += f" ({' to '.join(significant(end, 3) for end in each.ci)})"
        if each.n is not None:
            number += f", {each.n} {each.counted}"
        console.print(f"  {each.label}: {number}")
        console.print(f"    source: {each.source}")
        console.print(f"    use: {each.used}")
        console.print(f"    compared by: {each.compared or 'nothing yet'}")


def _table(title: str, comparisons: list[Comparison]) -> TextTable:
    rows: list[tuple[str, ...]] = []
    section = ""
    for each in comparisons:
        if each.section != section:
            section = each.section
            rows.append((section, *[""] * 5))
        digits = _digits(each)
        spread = f"{fixed(each.lower, digits)} to {fixed(each.upper, digits)}"
        published, simulated = fixed(each.published, digits), fixed(each.mean, digits)
        if each.interval is not None:
            published += f" ({' to '.join(fixed(end, digits) for end in each.interval)})"
        z = "" if each.z is None else signed(each.z, 2)
        outside = "" if each.inside else "outside"
        label = f"{each.label} ({each.study})" if each.study else each.label
        rows.append((f"  {label}", published, simulated, spread, z, outside))
    return TextTable(title, ("", "published", "simulated", "95% range", "z", ""), rows)


def _digits(each: Comparison) -> int:
    """Show as many decimals as what was published has, three at most, and counts whole.

    A number of another study has those that its standard error needs.
    """
    if each.interval is not None:
        half = (each.interval[1] - each.interval[0]) / 2.0
        return 0 if half >= 10.0 else 1 if half >= 1.0 else 2
    if each.rounding == 0.0:
        return 0
    return 1 if each.rounding >= 0.05 else 2 if each.rounding >= 0.005 else 3
