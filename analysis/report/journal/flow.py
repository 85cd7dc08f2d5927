"""The flow of participants over all simulated trials, in the order of a CONSORT diagram."""

from collections.abc import Sequence

import pandas as pd

from analysis.describe.consort import flow_rows, published_counts
from analysis.report.numbers import fixed
from analysis.report.tables import TextTable
from scenarios.arms.declared import Arm
from scenarios.targets import Target

MEDIAN = "Median over the simulated trials and, in brackets, the range of 95% of them."


def flow_over_trials(
    flow: pd.DataFrame, arms: Sequence[Arm], targets: Sequence[Target] = ()
) -> list[TextTable]:
    """Return the flow before allocation, and by arm.

    Parameters
    ----------
    flow
        Columns ``replicate``, ``stage`` and ``count``.
    arms
        The reference first.
    targets
        Published numbers, which stand beside.
    """
    grouped = flow.groupby("stage", sort=False, observed=True)["count"]
    counts: dict[str, int | str] = {str(stage): _told(each) for stage, each in grouped}
    published = {stage: fixed(value, 0) for stage, value in published_counts(targets).items()}
    names = [arm.name for arm in arms]
    rows = flow_rows(counts, names)
    told = flow_rows({stage: published.get(stage, "") for stage in counts}, names)
    split = next((i for i, row in enumerate(rows) if row[2]), len(rows))
    tables = []
    for title, firsts, columns, heads in (
        ("Until randomization", (0, split), 1, ["participants"]),
        ("By arm", (split, len(rows)), len(arms), [arm.label for arm in arms]),
    ):
        mine = range(*firsts)
        known = any(cell.strip("-") for i in mine for cell in told[i][1 : columns + 1])
        shown = [
            head for each in heads for head in ([each, f"{each}, published"] if known else [each])
        ]
        body = [_row(rows[i], told[i], columns, known=known) for i in mine]
        if body:
            tables.append(TextTable(title, ("", *shown), body, (MEDIAN,)))
    return tables


def _told(counts: pd.Series) -> str:
    """Return the median of a stage's counts and their range, which is left out if all are equal."""
    low, middle, high = (float(each) for each in counts.quantile([0.025, 0.5, 0.975]))
    if low == high:
        return fixed(middle, 0)
    return f"{fixed(middle, 0)} ({fixed(low, 0)} to {fixed(high, 0)})"


def _row(
    row: tuple[str, ...], told: tuple[str, ...], columns: int, *, known: bool
) -> tuple[str, ...]:
    cells = [row[0][:1].upper() + row[0][1:]]
    for cell, published in zip(row[1 : columns + 1], told[1 : columns + 1], strict=True):
        cells += [cell, published.strip("-")] if known else [cell]
    return tuple(cells)
