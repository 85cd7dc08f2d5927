"""A report as PDF, typeset by Typst: paged, with its headings as bookmarks and figures described.

The texts come to the template as data. None of them is read as markup.
"""

import json
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.figures.drawn import SVG, image
from analysis.report.page.document import (
    Block,
    Code,
    Grid,
    Paragraph,
    Picture,
    Report,
    column_shares,
)
from analysis.report.page.extra import needed
from scenarios.printable import printable

TEMPLATE = "report.typ"


def pdf_page(report: Report) -> bytes:
    """Return a report as a PDF file.

    Raises
    ------
    InputError
        If Typst is not installed.
    """
    typst = needed("typst", "pdf")
    template = resources.files("analysis.report.page") / "theme" / TEMPLATE
    with TemporaryDirectory(prefix="selfback-") as made:
        folder = Path(made)
        (folder / TEMPLATE).write_text(template.read_text("utf-8"), encoding="utf-8")
        (folder / "report.json").write_text(json.dumps(_content(report, folder)), encoding="utf-8")
        page: bytes = typst.compile(str(folder / TEMPLATE), root=str(folder))
    return page


def _content(report: Report, folder: Path) -> dict[str, Any]:
    """Return what the template reads; figures are put into the folder."""
    sections = []
    for number, section in enumerate(report.filled):
        blocks = [
            _block(block, folder, f"figure-{number}-{place}.svg")
            for place, block in enumerate(section.blocks)
        ]
        sections.append({"title": printable(section.title), "blocks": blocks})
    return {
        "title": printable(report.title),
        "kind": printable(report.kind),
        "question": printable(report.question),
        "verdict": printable(report.verdict),
        "tone": report.tone,
        "version": report.version,
        "sections": sections,
    }


def _block(block: Block, folder: Path, name: str) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": printable(block.text)}
    if isinstance(block, Code):
        return {"kind": "code", "text": printable(block.text)}
    if isinstance(block, Picture):
        (folder / name).write_bytes(image(block.drawn, SVG, outlines=True))
        return {
            "kind": "picture", "file": name, "alt": printable(block.drawn.alt),
            "caption": printable(block.caption), "source": printable(block.source),
        }  # fmt: skip
    return _grid(block)


def _grid(grid: Grid) -> dict[str, Any]:
    table = grid.table
    rows = [
        {"kind": kind, "indent": indent, "cells": [printable(cell) for cell in cells]}
        for kind, indent, cells in grid.lines
    ]
    return {
        "kind": "grid",
        "title": printable(table.title),
        "heads": [printable(head) for head in table.heads] if any(table.heads) else [],
        "rows": rows,
        "columns": len(table.heads),
        "widths": column_shares(grid),
        "texts": [0, *grid.texts],
        "notes": [printable(note) for note in table.notes],
        "source": printable(grid.source),
    }
