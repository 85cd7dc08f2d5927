"""Which replicates of a study failed, and which analyses have no estimate, by reason."""

from analysis.report.numbers import percent
from analysis.report.page.document import Block, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from sim.front.reports.opened import ESTIMATES, FAILURES, Opened


def failures_section(opened: Opened) -> Section:
    """Return which replicates failed, and which fits, by reason."""
    study = opened.study
    count = int(study.manifest["replicates"])
    blocks: list[Block] = []
    if "failures" in study and len(study.failed):
        failed = study["failures"].to_pandas()
        reasons = failed.groupby(["stage", "exception"], sort=False).size()
        rows: list[tuple[str, ...]] = [
            (f"{stage}: {exception}", str(n), percent(int(n), count, 1))
            for (stage, exception), n in reasons.items()
        ]
        table = TextTable("Replicates that failed", ("", "trials", "%"), rows)
        blocks.append(Grid(table, opened.traced(FAILURES)))
    if "estimates" in study:
        estimates = study["estimates"].to_pandas()
        missing = estimates[~estimates["converged"].astype(bool)]
        reasons = missing.groupby(["analysis", "outcome", "failure"], sort=False, observed=True)
        rows = [
            (f"{analysis}, {outcome}: {failure}", str(len(group)))
            for (analysis, outcome, failure), group in reasons
        ]
        if rows:
            table = TextTable("Estimates that there are not", ("", "estimates"), rows)
            blocks.append(Grid(table, opened.traced(ESTIMATES)))
    if not blocks:
        blocks.append(Paragraph("No replicate failed, and every analysis has an estimate."))
    return Section("Failures", blocks)
