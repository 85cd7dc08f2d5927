"""Every column of every table, from the codebook: ``{data-tables} trial``."""

from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from extensions.generated import section, sentence, table
from sim.tables.codebook import of_app, of_results, of_trial, of_truth
from sim.tables.codebook.described import Described

GROUPS: dict[str, ModuleType] = {
    "trial": of_trial, "app": of_app, "truth": of_truth, "results": of_results,
}  # fmt: skip
HEADS = ("column", "meaning", "unit", "codes", "day 0")


class DataTables(SphinxDirective):
    """Shows the tables of a group, a section each."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return a section for each table."""
        return [self._section(each) for each in GROUPS[self.arguments[0]].TABLES]

    def _section(self, described: Described) -> nodes.section:
        anchor = f"table-{described.name.replace('/', '-')}"
        domain = self.env.domains.standard_domain
        domain.note_object("data-table", described.name, anchor, location=self.get_location())
        rows = [
            (f"`{one.name}`", one.meaning, one.unit, one.codes, one.day_0)
            for one in described.columns
        ]
        used = [at for at in range(len(HEADS)) if at < 2 or any(row[at] for row in rows)]
        more = f" Further columns: {described.more}." if described.more else ""
        return section(
            described.name,
            anchor,
            sentence(f"A row is {described.row}.{more}"),
            table(
                [HEADS[at] for at in used], [[row[at] for at in used] for row in rows], "columns"
            ),
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and tables as objects of the site."""
    app.add_directive("data-tables", DataTables)
    app.add_object_type("data-table", "table", objname="table")
    return {"version": "1", "parallel_read_safe": True}
