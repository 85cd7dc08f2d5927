"""The interim looks of a trial, or of a study, on the terminal."""

from rich.console import Console

from analysis.replicates.interim_summary import Ending, InterimSummary
from analysis.report.decision_words import p_kind
from analysis.report.numbers import fixed, p_value, share, signed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from analysis.sequential.looks import NOT_HELD, Monitored
from scenarios.design.trial import AnalysisPlan


def print_looks(summary: InterimSummary, console: Console) -> None:
    """Print what the looks of a study did, and the trial of fixed size beside it."""
    last, both = len(summary.looks), summary.sides == 2
    rows: list[tuple[str, ...]] = [
        (
            f"{'end' if number == last else f'look {number}'}, {look.fraction:.3g}",
            fixed(look.information, 2),
            fixed(look.day, 0),
            fixed(look.participants, 0),
            fixed(look.answered, 0),
            fixed(look.boundary, 3),
            _share(look.efficacy, summary),
            fixed(look.expected_efficacy, 3),
            *((_share(look.harm, summary), fixed(look.expected_harm, 3)) if both else ()),
            _share(look.futility, summary),
            fixed(look.expected_futility, 3),
        )
        for number, look in enumerate(summary.looks, start=1)
    ]
    heads = ("", "information", "day", "randomized", "answered", "boundary", "efficacy", "theory")
    heads = (*heads, *(("harm", "theory") if both else ()), "futility", "theory")
    title = f"Interim looks, {summary.boundary}, {summary.sides}-sided"
    print_table(TextTable(title, heads, rows), console)
    endings = [("with looks", summary.with_looks), ("fixed size", summary.fixed)]
    error = fixed(summary.difference_error, 3)
    gap = ("difference", f"{signed(summary.difference, 3)} ({error})", "", "", "")
    print_table(
        TextTable(
            "The same trials with looks and without",
            ("", "in favour", "against", "randomized", "days"),
            [*((name, *_ending(ending, summary)) for name, ending in endings), gap],
        ),
        console,
    )
    if any(look.efficacy + look.harm + look.futility for look in summary.looks[:-1]):
        console.print(
            "At visits that stopped trials did not reach, all numbers are of the other trials."
        )
    failed = sum(look.failed for look in summary.looks)
    if failed:
        console.print(
            f"Looks without an estimate, after which trials continue: {fixed(failed, 3)} a trial."
        )
    harm = ", and harm where -Z does" if both else ""
    console.print(
        f"\nA look finds efficacy where Z reaches the boundary{harm}; Z is positive in favour of "
        "the intervention. Theory: if Z at the end has its mean over the trials, with the "
        "information shown. Fixed size: the same trials to their end.\n"
        "Shares with Wilson's 95% Monte Carlo intervals; the difference with its Monte Carlo "
        "standard error."
    )


def print_held(looks: Monitored, plan: AnalysisPlan, console: Console) -> None:
    """Print the looks of one trial that took place."""
    rows: list[tuple[str, ...]] = [
        (
            f"{seen.fraction:.3g}",
            fixed(seen.day, 0),
            str(seen.participants),
            str(seen.answered),
            fixed(seen.information, 2),
            fixed(seen.estimate.estimate, 2),
            fixed(verdict.statistic, 2),
            fixed(verdict.boundary, 2),
            fixed(verdict.conditional_power, 3),
            verdict.decision,
        )
        for seen, verdict in zip(looks.seen, looks.verdicts, strict=True)
        if verdict.decision != NOT_HELD
    ]
    heads = ("fraction", "day", "randomized", "answered", "information", "difference", "Z",
             "boundary", "conditional power", "decision")  # fmt: skip
    print_table(TextTable("Looks at the primary outcome", heads, rows), console)
    found = looks.estimate
    console.print(
        "Z: positive in favour of the intervention. Information: as a share of what was to be "
        "expected at the end."
    )
    kind = p_kind(plan.hypothesis)
    console.print(
        f"{kind} that allows for the looks: {p_value(found.p_decision, plan.alpha)} "
        f"({found.analysis}, {found.outcome} at {found.visit}); median-unbiased difference "
        f"{fixed(looks.median_unbiased, 2)}. No other P value or interval allows for them."
    )


def _ending(ending: Ending, summary: InterimSummary) -> tuple[str, ...]:
    return (
        _share(ending.rejected, summary),
        _share(ending.against, summary),
        fixed(ending.participants, 1),
        fixed(ending.days, 1),
    )


def _share(value: float, summary: InterimSummary) -> str:
    return share(round(value * summary.replicates), summary.replicates)
