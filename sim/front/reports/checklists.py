"""Reporting checklists, filled in from a study's scenario and records."""

from collections.abc import Mapping
from typing import Any

from analysis.report.checklists.facts import study_facts
from analysis.report.checklists.items import Checklist
from analysis.report.checklists.registry import all_checklists
from analysis.report.checklists.rendering import HEADS, summary
from analysis.report.page.document import Block, Grid, Paragraph, Section
from analysis.report.tables import TextTable
from sim.front.reports.opened import RUN, Opened

TABLES = ("estimates", "flow", "looks", "truth")
ABOUT = (
    "What the scenario and the records tell is filled in. What they cannot tell is marked for the "
    "author."
)


def checklists_section(opened: Opened, results: Mapping[str, Any]) -> Section:
    """Return all checklists, each closed at first.

    Parameters
    ----------
    opened
        The folder.
    results
        Content of the JSON file that its kind of study has; empty where there is none.
    """
    study = opened.study
    tables = {name: study[name].to_pandas() for name in TABLES if name in study}
    if opened.kind == RUN and "estimates" in study:
        tables["performance"] = opened.performance.measures
    facts = study_facts(opened.manifest, tables, results, opened.parameters)
    blocks: list[Block] = [Paragraph(ABOUT)]
    blocks += [_grid(each, opened.source) for each in all_checklists(opened.scenario, facts)]
    return Section("Reporting checklists", blocks)


def _grid(filled: Checklist, source: str) -> Grid:
    rows: list[tuple[str, ...]] = []
    section = ""
    for item in filled.items:
        if item.section != section:
            section = item.section
            rows.append((section, *[""] * (len(HEADS) - 1)))
        rows.append((f"  {item.number}", item.topic, item.status, item.text, item.origin))
    notes = (summary(filled), filled.about, f"Source: {filled.citation}")
    table = TextTable(filled.title, HEADS, rows, notes)
    return Grid(table, source, texts=tuple(range(1, len(HEADS))), folded=True)
