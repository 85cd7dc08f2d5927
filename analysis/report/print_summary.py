"""A study's summary as a table on the terminal."""

from rich.console import Console
from rich.text import Text

from analysis.replicates.summary import HEADLINE_SECTIONS, PrimaryContrast, StudySummary
from analysis.replicates.validation import Comparison
from analysis.report.decision_words import INTERVENTION, test_words
from analysis.report.numbers import fixed, share_percent
from analysis.report.print_looks import print_looks
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable

HEADS = ("", "simulated", "95% range")
"""Of a table without published numbers."""


def print_summary(summary: StudySummary, console: Console) -> None:
    """Print published numbers beside simulated means and 95% ranges, and the power."""
    console.print()
    console.print(summary.title, style="bold")
    failed = f", {summary.failed_replicates} failed" if summary.failed_replicates else ""
    console.print(
        f"{summary.replicates} simulated trials{failed}, seed {summary.seed}, "
        f"{fixed(summary.duration, 0)} s"
    )
    known = any(c.published is not None for c in summary.comparisons)
    rows: list[tuple[str, ...]] = []
    section = ""
    for each in summary.comparisons:
        if each.section not in HEADLINE_SECTIONS:
            continue
        if each.section != section:
            section = each.section
            rows.append((section, *[""] * (4 if known else 2)))
        rows.append(_cells(each, known=known))
    heads = ("", "published", "simulated", "95% range", "") if known else HEADS
    print_table(TextTable("", heads, rows), console)
    if known:
        _print_count(summary, console)
    _print_power(summary, console)
    if summary.interim is not None:
        print_looks(summary.interim, console)


def _cells(each: Comparison, *, known: bool) -> tuple[str, ...]:
    digits = _digits(each)
    spread = f"{fixed(each.lower, digits)} to {fixed(each.upper, digits)}"
    simulated = (fixed(each.mean, digits), spread)
    if not known:
        return (f"  {each.label}", *simulated)
    published = "" if each.published is None else fixed(each.published, digits)
    outside = "" if each.inside in {True, None} else "outside"
    return (f"  {each.label}", published, *simulated, outside)


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
    for contrast in summary.contrasts:
        _print_contrast(contrast, summary.arms, console)
    # Looks at several contrasts test each with its part of alpha.
    if summary.procedure != "none" and summary.interim is None:
        console.print(
            f"\nThese are single tests. What the procedure of the plan, {summary.procedure}, "
            "rejects of the family of hypotheses says selfback performance."
        )


def _print_contrast(contrast: PrimaryContrast, arms: tuple[str, ...], console: Console) -> None:
    power, name = contrast.power, contrast.name
    failures = f"; {power.failed} fits failed, counted as no rejection" if power.failed else ""
    words = test_words(power.hypothesis, power.alpha, power.margin, "")
    treated, _, reference = name.partition(" - ")
    named = treated if {treated, reference} <= set(arms) else "it"
    in_favour = words.in_favour.replace(INTERVENTION, named) if name else words.in_favour
    compared = f", {name}" if name else ""
    shown, against = (
        share_percent(round(each * power.replicates), power.replicates)
        for each in (power.rejected, power.against)
    )
    console.print(
        Text.assemble(
            f"Primary test ({power.analysis}, {power.outcome} at {power.visit}){compared}: ",
            (shown, "bold"),
            f" of the trials {in_favour}, {against} {words.against} (Wilson's 95% Monte "
            f"Carlo intervals in brackets){failures}.",
        )
    )
