"""A study's summary as a table on the terminal."""

from rich.console import Console
from rich.table import Table

from analysis.replicates.summary import HEADLINE_SECTIONS, StudySummary
from analysis.replicates.validation import Comparison
from analysis.report.print_looks import print_looks


def print_summary(summary: StudySummary, console: Console) -> None:
    """Print published numbers beside simulated means and 95% ranges, and the power."""
    console.print()
    console.print(f"[bold]{summary.title}[/bold]")
    failed = f", {summary.failed_replicates} failed" if summary.failed_replicates else ""
    console.print(
        f"{summary.replicates} simulated trials{failed}, seed {summary.seed}, "
        f"{summary.duration:.0f} s"
    )
    known = any(c.published is not None for c in summary.comparisons)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    if known:
        table.add_column("published", justify="right")
    table.add_column("simulated", justify="right")
    table.add_column("95% range", justify="center")
    if known:
        table.add_column("", no_wrap=True)
    section = ""
    for comparison in summary.comparisons:
        if comparison.section not in HEADLINE_SECTIONS:
            continue
        if comparison.section != section:
            section = comparison.section
            table.add_row(f"[bold]{section}[/bold]")
        table.add_row(*_cells(comparison, known=known))
    console.print(table)
    if known:
        _print_count(summary, console)
    _print_power(summary, console)
    if summary.interim is not None:
        print_looks(summary.interim, console)


def _cells(comparison: Comparison, *, known: bool) -> list[str]:
    digits = _digits(comparison)
    cells = [f"  {comparison.label}"]
    if known:
        published = comparison.published
        cells.append("" if published is None else f"{published:.{digits}f}")
    cells.append(f"{comparison.mean:.{digits}f}")
    cells.append(f"{comparison.lower:.{digits}f} to {comparison.upper:.{digits}f}")
    if known:
        cells.append("" if comparison.inside in {True, None} else "outside")
    return cells


def _digits(comparison: Comparison) -> int:
    """Show counts whole, and everything else with two decimals, standard errors with three."""
    if comparison.section in {"Flow", "Follow-up"}:
        return 0
    if "standard error" in comparison.label:
        return 3
    return 2


def _print_count(summary: StudySummary, console: Console) -> None:
    known = [c for c in summary.comparisons if c.published is not None]
    inside = sum(1 for c in known if c.inside)
    console.print(
        f"\n{inside} of {len(known)} published numbers lie in the simulated 95% range "
        "(baseline and secondary outcomes, not listed here, are counted and are in summary.json)."
    )


def _print_power(summary: StudySummary, console: Console) -> None:
    power = summary.power
    failures = f"; {power.failed} fits failed, counted as no rejection" if power.failed else ""
    console.print(
        f"Primary test ({power.analysis}, {power.outcome} at {power.visit}, P < {power.alpha:g}) "
        "rejected in "
        f"[bold]{100 * power.rejected:.1f}%[/bold] of the trials "
        f"(Monte Carlo error {100 * power.rejected_error:.1f} points){failures}."
    )
