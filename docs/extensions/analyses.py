"""The analyses that a plan can have, from their register: ``{analyses}``."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from extensions.generated import table
from scenarios.analyses.register import REGISTER, Registered

HEADS = ("name", "key of `[analysis]`", "outcome", "decides", "what it is")


class Analyses(SphinxDirective):
    """Shows the register as a table."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        return [table(HEADS, [_row(entry) for entry in REGISTER], "columns")]


def _row(entry: Registered) -> tuple[str, ...]:
    keys = {"sensitivity": f"`sensitivity`: `{entry.key}`", "alternative": "`alternatives`"}
    decides = "yes" if entry.decides else ""
    return f"`{entry.name}`", keys.get(entry.kind, ""), ", ".join(entry.of), decides, entry.label


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("analyses", Analyses)
    return {"version": "1", "parallel_read_safe": True}
