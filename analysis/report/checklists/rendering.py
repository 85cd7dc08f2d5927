"""Checklists as a table to print, and as Markdown."""

import re
from collections.abc import Iterator

from analysis.report.checklists.items import STATUSES, Checklist, Item
from analysis.report.markdown import markdown_table
from analysis.report.tables import TextTable
from scenarios.printable import printable

HEADS = ("No.", "Topic", "Status", "What is told", "From")
_SPECIAL = re.compile(r"([\\`*_\[\]|<>&#~])")


def checklist_table(filled: Checklist) -> TextTable:
    """Return a checklist as a table of two columns; texts run across them, below their item."""
    rows: list[tuple[str, ...]] = []
    section = ""
    for item in filled.items:
        if item.section != section:
            section = item.section
            rows.append((printable(section), ""))
        rows.append((f"  {item.number}  {item.topic}", item.status))
        rows += [(f"    {printable(part)}", "") for part in _parts(item)]
    notes = (summary(filled), filled.about, f"Source: {filled.citation}")
    return TextTable(printable(f"{filled.title}: {filled.of}"), ("", "Status"), rows, notes)


def _parts(item: Item) -> Iterator[str]:
    if item.generated:
        yield item.generated
    if item.wanted:
        yield f"Author: {item.wanted}"
    if item.origin:
        yield f"From: {item.origin}"


def checklist_markdown(filled: Checklist) -> str:
    """Return a checklist as a page of Markdown, its texts escaped."""
    lines = [
        f"# {escaped(filled.title)}", "", f"Scenario: {escaped(filled.of)}", "",
        escaped(filled.about), "", f"Source: {escaped(filled.citation)}", "",
        escaped(summary(filled)),
    ]  # fmt: skip
    for section in dict.fromkeys(item.section for item in filled.items):
        rows = [
            tuple(map(escaped, (i.number, i.topic, i.status, i.text, i.origin)))
            for i in filled.items
            if i.section == section
        ]
        lines += ["", f"## {escaped(section)}", "", markdown_table(HEADS, rows)]
    return "\n".join(lines) + "\n"


def summary(filled: Checklist) -> str:
    """Return how many items have each status."""
    counts = [f"{status} {filled.count(status)}" for status in STATUSES if filled.count(status)]
    return f"{len(filled.items)} lines: {', '.join(counts)}."


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    >>> print(escaped("<b>a|b</b>"))
    &lt;b&gt;a\|b&lt;/b&gt;
    """
    names = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
    one_line = " ".join(text.split())
    return _SPECIAL.sub(lambda found: names.get(found[1], f"\\{found[1]}"), one_line)
