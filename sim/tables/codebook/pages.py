"""The tables of a trial, as the page about the model shows them."""

from collections.abc import Iterable

from analysis.report.markdown import markdown_table
from sim.tables.codebook import of_app, of_trial, of_truth
from sim.tables.codebook.described import Described


def tables_page() -> str:
    """Return the tables of a trial's data and of its truth in Markdown: rows and columns."""
    return _table((*of_trial.TABLES, *of_app.TABLES, *of_truth.TABLES))


def _table(tables: Iterable[Described]) -> str:
    rows = [(f"`{table.name}`", table.row, _columns(table)) for table in tables]
    return markdown_table(("table", "a row is", "columns"), rows)


def _columns(table: Described) -> str:
    names = ", ".join(f"`{column.name}`" for column in table.columns)
    return f"{names}; {table.more}" if table.more else names
