"""A validation as tables on the terminal."""

from rich.console import Console
from rich.table import Table

from analysis.replicates.validation import PERFECT_MEAN_Z, ROLES, Comparison, Validation

HEADINGS = {
    "calibration": "Targets that parameters may be fitted to",
    "held-out": "Targets held out",
    "implied": "Implied by other targets (a sum, a complement, a derived form)",
}


MISSING_SHOWN = 6
"""Targets named that the scenario does not simulate."""


def print_validation(found: Validation, console: Console) -> None:
    """Print each target beside its simulated mean, 95% range and z, and the agreement by role."""
    console.print(f"\n[bold]{found.title}[/bold]")
    failed = f", {found.failed_replicates} failed" if found.failed_replicates else ""
    console.print(f"{found.replicates} simulated trials{failed}, seed {found.seed}")
    for role in ROLES:
        mine = [c for c in found.comparisons if c.role == role]
        if mine:
            console.print(f"\n[bold]{HEADINGS[role]}[/bold]")
            console.print(_table(mine))
    console.print()
    for each in found.agreements:
        share = 100.0 * each.inside / each.targets
        console.print(
            f"{each.role}: {each.inside} of {each.targets} ({share:.1f}%) inside their 95% range, "
            f"mean |z| {each.mean_z:.2f} ({PERFECT_MEAN_Z:.2f} if the model is right)"
        )
    if found.missing:
        more = len(found.missing) - MISSING_SHOWN
        names = ", ".join(found.missing[:MISSING_SHOWN])
        console.print(f"not simulated: {names}" + (f" and {more} more" if more > 0 else ""))


def _table(comparisons: list[Comparison]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    for name in ("published", "simulated", "95% range", "z"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    section = ""
    for each in comparisons:
        if each.section != section:
            section = each.section
            table.add_row(f"[bold]{section}[/bold]")
        digits = _digits(each)
        table.add_row(
            f"  {each.label}",
            f"{each.published:.{digits}f}",
            f"{each.mean:.{digits}f}",
            f"{each.lower:.{digits}f} to {each.upper:.{digits}f}",
            "" if each.z is None else f"{each.z:+.2f}",
            "" if each.inside else "outside",
        )
    return table


def _digits(each: Comparison) -> int:
    """Show as many decimals as what was published has, three at most, and counts whole."""
    if each.rounding == 0.0:
        return 0
    return 1 if each.rounding >= 0.05 else 2 if each.rounding >= 0.005 else 3
