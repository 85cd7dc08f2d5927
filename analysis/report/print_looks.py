"""The interim looks of a trial, or of a study, on the terminal."""

from collections.abc import Sequence

from rich.console import Console

from analysis.contrasts.labels import name_of
from analysis.replicates.interim_summary import Ending, InterimSummary, SeveralInterim
from analysis.report.decision_words import p_kind
from analysis.report.numbers import fixed, p_value, share, signed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from analysis.sequential.looks import NOT_HELD, Monitored
from scenarios.design.trial import AnalysisPlan


def print_looks(summary: InterimSummary | SeveralInterim, console: Console) -> None:
    """Print what the looks of a study did, and the trial of fixed size beside it."""
    if isinstance(summary, InterimSummary):
        _print_contrast(summary, console)
        _print_comparison(_compared(summary), console)
        contrasts: tuple[InterimSummary, ...] = (summary,)
    else:
        contrasts = summary.contrasts
        rows = []
        for each in contrasts:
            _print_contrast(each, console)
            # When a contrast was decided is told by its looks; here stands when the trial ended.
            rows += [
                (f"{each.contrast}, {name}", *cells[:2], "", "") for name, *cells in _compared(each)
            ]
        rows += [
            (f"any contrast, {name}", *cells)
            for name, *cells in _compared(summary, contrasts[0].replicates)
        ]
        _print_comparison(rows, console)
    _print_notes(contrasts, console)


def _print_contrast(summary: InterimSummary, console: Console) -> None:
    """Print the looks at one contrast."""
    last, both = len(summary.looks), summary.sides == 2
    rows: list[tuple[str, ...]] = [
        (
            f"{'end' if number == last else f'look {number}'}, {look.fraction:.3g}",
            fixed(look.information, 2),
            fixed(look.day, 0),
            fixed(look.participants, 0),
            fixed(look.answered, 0),
            fixed(look.boundary, 3),
            _share(look.efficacy, summary.replicates),
            fixed(look.expected_efficacy, 3),
            *(
                (_share(look.harm, summary.replicates), fixed(look.expected_harm, 3))
                if both
                else ()
            ),
            _share(look.futility, summary.replicates),
            fixed(look.expected_futility, 3),
        )
        for number, look in enumerate(summary.looks, start=1)
    ]
    heads = ("", "information", "day", "randomized", "answered", "boundary", "efficacy", "theory")
    heads = (*heads, *(("harm", "theory") if both else ()), "futility", "theory")
    of = f": {summary.contrast}" if summary.contrast else ""
    title = f"Interim looks, {summary.boundary}, {summary.sides}-sided{of}"
    print_table(TextTable(title, heads, rows), console)


def _compared(
    summary: InterimSummary | SeveralInterim, replicates: int | None = None
) -> list[tuple[str, ...]]:
    """Return rows of the trial with looks, of that of fixed size, and of the difference."""
    n = summary.replicates if isinstance(summary, InterimSummary) else replicates or 0
    error = fixed(summary.difference_error, 3)
    return [
        ("with looks", *_ending(summary.with_looks, n)),
        ("fixed size", *_ending(summary.fixed, n)),
        ("difference", f"{signed(summary.difference, 3)} ({error})", "", "", ""),
    ]


def _print_comparison(rows: Sequence[tuple[str, ...]], console: Console) -> None:
    title = "The same trials with looks and without"
    heads = ("", "in favour", "against", "randomized", "days")
    print_table(TextTable(title, heads, list(rows)), console)


def _print_notes(contrasts: Sequence[InterimSummary], console: Console) -> None:
    several = len(contrasts) > 1
    early = [look for each in contrasts for look in each.looks[:-1]]
    if any(look.efficacy + look.harm + look.futility for look in early):
        console.print(
            "At visits that stopped trials did not reach, all numbers are of the other trials."
        )
    failed = sum(look.failed for each in contrasts for look in each.looks)
    if failed:
        what = "contrasts" if several else "trials"
        console.print(
            f"Looks without an estimate, after which {what} continue: {fixed(failed, 3)} a trial."
        )
    harm = ", and harm where -Z does" if contrasts[0].sides == 2 else ""
    console.print(
        f"\nA look finds efficacy where Z reaches the boundary{harm}; Z is positive in favour of "
        "the intervention. Theory: if Z at the end has its mean over the trials, with the "
        "information shown. Fixed size: the same trials to their end.\n"
        "Shares with Wilson's 95% Monte Carlo intervals; the difference with its Monte Carlo "
        "standard error."
    )
    if several:
        console.print(
            f"Each of the {len(contrasts)} contrasts is tested at an equal part of alpha, with "
            "looks and without; the trial stops when all are decided. After a look that decides "
            "a contrast, its rows are of the trial of fixed size."
        )


def print_held(contrasts: Sequence[Monitored], plan: AnalysisPlan, console: Console) -> None:
    """Print the looks of one trial that took place."""
    several = len(contrasts) > 1
    rows: list[tuple[str, ...]] = [
        (
            *((name_of(contrast.estimate.contrast),) if several else ()),
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
        for contrast in contrasts
        for seen, verdict in zip(contrast.seen, contrast.verdicts, strict=True)
        if verdict.decision != NOT_HELD
    ]
    heads = (*(("contrast",) if several else ()), "fraction", "day", "randomized", "answered",
             "information", "difference", "Z", "boundary", "conditional power",
             "decision")  # fmt: skip
    print_table(TextTable("Looks at the primary outcome", heads, rows), console)
    console.print(
        "Z: positive in favour of the intervention. Information: as a share of what was to be "
        "expected at the end."
    )
    kind = p_kind(plan.hypothesis)
    number = f" and for the {len(contrasts)} contrasts, as its limits do" if several else ""
    for contrast in contrasts:
        found = contrast.estimate
        name = f"{name_of(found.contrast)}: " if several else ""
        console.print(
            f"{name}{kind} that allows for the looks{number}: "
            f"{p_value(found.p_decision, plan.alpha)} "
            f"({found.analysis}, {found.outcome} at {found.visit}); median-unbiased difference "
            f"{fixed(contrast.median_unbiased, 2)}."
            f"{'' if several else ' No other P value or interval allows for them.'}"
        )
    if several:
        console.print("No other P value or interval allows for them.")


def _ending(ending: Ending, replicates: int) -> tuple[str, ...]:
    return (
        _share(ending.rejected, replicates),
        _share(ending.against, replicates),
        fixed(ending.participants, 1),
        fixed(ending.days, 1),
    )


def _share(value: float, replicates: int) -> str:
    return share(round(value * replicates), replicates)
