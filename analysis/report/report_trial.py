"""One trial on the terminal: its flow and Tables 1 to 3."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.data.trial_data import TrialData
from analysis.describe.consort import flow_rows
from analysis.describe.diagnostics import Diagnostics
from analysis.plan.analyse import Analysis
from analysis.report.tables import (
    TextTable,
    baseline_table,
    category_table,
    checks_table,
    clinics_table,
    outcome_table,
    response_table,
    secondary_table,
)
from scenarios.arms import ARM_NAMES
from scenarios.design.trial import AnalysisPlan


def print_trial(
    data: TrialData,
    plan: AnalysisPlan,
    analysis: Analysis,
    checks: Diagnostics | None,
    flow: dict[str, int] | None,
    console: Console,
) -> None:
    """Print the flow and the checks, where they are known, Tables 1 to 3 and other responses."""
    if flow is not None:
        print_table(_flow_table(flow), console)
    print_table(baseline_table(data), console)
    if data.clinic is not None:
        print_table(clinics_table(data, plan), console)
    print_table(outcome_table(data, plan, analysis), console)
    shown = [response_table(data, plan, analysis), secondary_table(data, plan, analysis)]
    for table in (*shown, category_table(data, plan)):
        if table.rows:
            print_table(table, console)
    if checks is not None:
        print_table(checks_table(checks), console)


def print_table(table: TextTable, console: Console) -> None:
    """Print one table, texts to the left and numbers to the right."""
    # What stands in brackets, a user's words perhaps, is text and not markup.
    shown = Table(
        title=escape(table.title), title_justify="left", title_style="bold", header_style="bold",
        box=None, pad_edge=False,
    )  # fmt: skip
    for column, head in enumerate(table.heads):
        shown.add_column(
            escape(head), justify="left" if column == 0 else "right", no_wrap=column == 0
        )
    for row in table.rows:
        shown.add_row(*map(escape, row))
    console.print()
    console.print(shown)


def _flow_table(flow: dict[str, int]) -> TextTable:
    rows = flow_rows(flow)
    split = next((i for i, row in enumerate(rows) if row[2]), len(rows))
    arms = [("", *ARM_NAMES), *rows[split:]]
    heads = ("", "participants", "")
    return TextTable("Flow of participants", heads, [*rows[:split], *arms])
