"""Which replicates of a study failed, and which analyses have no estimate, by reason."""

from analysis.report.journal.tables import label_of_response
from analysis.report.numbers import percent
from analysis.report.page.document import Block, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from sim.front.reports.opened import ESTIMATES, FAILURES, Opened
from sim.front.reports.told import Told


def all_failed(opened: Opened) -> bool:
    """Return whether no replicate of a study of trials yielded anything."""
    return len(opened.study.failed) == len(opened.study.numbers)


def told_of_failures(opened: Opened, question: str) -> Told:
    """Return what a study tells all of whose replicates failed."""
    count = len(opened.study.numbers)
    return Told(
        kind=f"{count:,} simulated trials, all of which failed",
        question=question,
        verdict=f"No answer: all {count:,} simulated trials failed.",
        sections=[failures_section(opened)],
        tone="bad",
    )


def failures_section(opened: Opened) -> Section:
    """Return which replicates failed, and which fits, by reason."""
    study = opened.study
    count = int(study.manifest["replicates"])
    blocks: list[Block] = []
    if "failures" in study and len(study.failed):
        failed = study["failures"].to_pandas()
        reasons = failed.groupby(["stage", "reason"], sort=False).size()
        rows: list[tuple[str, ...]] = [
            (f"{stage}: {reason}", str(n), percent(int(n), count, 1))
            for (stage, reason), n in reasons.items()
        ]
        table = TextTable("Replicates that failed", ("", "trials", "%"), rows)
        blocks.append(Grid(table, opened.traced(FAILURES)))
    if "estimates" in study:
        estimates = study["estimates"].to_pandas()
        missing = estimates[~estimates["converged"].astype(bool)]
        reasons = missing.groupby(["analysis", "outcome", "failure"], sort=False, observed=True)
        rows = [
            (
                f"{analysis}, {label_of_response(opened.scenario, str(outcome))}: {failure}",
                str(len(group)),
            )
            for (analysis, outcome, failure), group in reasons
        ]
        if rows:
            table = TextTable("Estimates that there are not", ("", "estimates"), rows)
            blocks.append(Grid(table, opened.traced(ESTIMATES)))
    if not blocks:
        blocks.append(Paragraph("No replicate failed, and every analysis has an estimate."))
    return Section("Failures", blocks)
