"""One trial on the terminal: its flow and Tables 1 to 3."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from analysis.data.trial_data import TrialData
from analysis.describe.consort import analysed_by_arm, flow_rows
from analysis.describe.diagnostics import Diagnostics
from analysis.plan.analyse import Analysis
from analysis.plan.family import Adjusted
from analysis.report.estimates_tables import other_analyses_table, outcome_table
from analysis.report.family_text import family_text
from analysis.report.layout import layout
from analysis.report.response_tables import (
    counts_table,
    events_table,
    response_table,
    secondary_table,
)
from analysis.report.tables import (
    TextTable,
    baseline_table,
    category_table,
    checks_table,
    clinics_table,
)
from scenarios.analyses.plan import AnalysisPlan


def print_trial(
    data: TrialData,
    plan: AnalysisPlan,
    analysis: Analysis,
    checks: Diagnostics | None,
    flow: dict[str, int] | None,
    console: Console,
    family_of_looks: Sequence[Adjusted] | None = None,
) -> None:
    """Print the flow and the checks, where they are known, Tables 1 to 3 and all other analyses.

    With interim looks the family of hypotheses is as they found it.
    """
    if flow is not None:
        for table in flow_tables(flow, data, plan, analysis):
            print_table(table, console)
    print_table(baseline_table(data), console)
    if data.clinic is not None:
        print_table(clinics_table(data, plan), console)
    print_table(outcome_table(data, plan, analysis), console)
    family = family_text(data, plan, analysis, family_of_looks)
    if family.rows:
        print_table(family, console)
    makers = (response_table, secondary_table, events_table, counts_table)
    shown = [make(data, plan, analysis) for make in makers]
    for table in (*shown, category_table(data, plan), other_analyses_table(data, plan, analysis)):
        if table.rows:
            print_table(table, console)
    if checks is not None:
        print_table(checks_table(checks), console)


class PrintedTable(Table):
    """A table of rich, for what makes pages of it, that is laid out here on a terminal.

    Attributes
    ----------
    content
        What is in it.
    """

    def __init__(self, table: TextTable) -> None:
        # What stands in brackets, a user's words perhaps, is text and not markup.
        super().__init__(title=table.title or None)
        for column, head in enumerate(table.heads):
            self.add_column(head, justify="right" if column else "left")
        for row in table.rows:
            self.add_row(*row)
        self.content = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines of the layout; one with a number wider than the terminal is not cut."""
        for line, heading in layout(self.content, options.max_width):
            yield Text(line, style="bold" if heading else "", no_wrap=True, overflow="ignore")


def print_table(table: TextTable, console: Console) -> None:
    """Print one table, texts to the left and numbers to the right, which are never cut."""
    console.print()
    console.print(PrintedTable(table), crop=False)
    for note in table.notes:
        console.print(note, markup=False)


def flow_tables(
    flow: dict[str, int], data: TrialData, plan: AnalysisPlan, analysis: Analysis
) -> list[TextTable]:
    """Return the flow of participants: of two arms one table, of more a second one by arm.

    Heads of columns are broken into lines, so that many arms have room side by side.
    """
    rows = flow_rows(flow, data.arm_names)
    analysed = analysed_by_arm(data, plan, analysis.estimates)
    if analysed is not None:
        rows.append((f"analysed, {plan.primary_analysis}", *map(str, analysed)))
    split = next((i for i, row in enumerate(rows) if row[2]), len(rows))
    before, by_arm = rows[:split], rows[split:]
    title = "Flow of participants"
    if len(data.arms) == 2:
        heads = ("", "participants", "")
        return [TextTable(title, heads, [*before, ("", *data.arm_labels), *by_arm])]
    return [
        TextTable(title, ("", "participants"), [row[:2] for row in before]),
        TextTable(f"{title} by arm", ("", *data.arm_labels), by_arm),
    ]
