"""A report as a Word document, to be edited: headings, tables and figures as Word has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from analysis.figures.drawn import image
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
from scenarios.printable import COMMANDS, printable

DPI = 200
"""Dots an inch of figures: 180 mm are 1,417 of them."""
WIDTH_MM = 174.0
"""Of the text on a page of A4."""
SMALL, TINY = 8.0, 6.5
"""Points of letters in tables, and in those of many columns."""
MANY = 5
TO_THE_RIGHT = 2
LONGEST_PROPERTY = 255
"""Characters of a property of a document, at most, by its standard."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""Namespace of the elements of a document."""


def word_page(report: Report) -> bytes:
    """Return a report as a DOCX file.

    Raises
    ------
    InputError
        If python-docx is not installed.
    """
    docx = needed("docx", "docx")
    shared = needed("docx.shared", "docx")
    made = docx.Document()
    for page in made.sections:
        page.page_width, page.page_height = shared.Mm(210), shared.Mm(297)
        page.left_margin = page.right_margin = shared.Mm(18)
        page.top_margin = page.bottom_margin = shared.Mm(18)
        page.footer.paragraphs[0].text = (
            f"SELFBACK in silico {report.version}. Simulated: no participant's data are in this "
            "report."
        )
    made.core_properties.title = _text(report.title)[:LONGEST_PROPERTY]
    made.core_properties.author = ""
    made.styles["Normal"].font.name = "Calibri"
    made.styles["Normal"].font.size = shared.Pt(10)
    made.add_paragraph(_text(report.kind))
    made.add_heading(_text(report.title), level=1)
    made.add_paragraph(_text(report.question))
    made.add_paragraph().add_run(_text(report.verdict)).bold = True
    for section in report.filled:
        made.add_heading(_text(section.title), level=2)
        for block in section.blocks:
            _add(made, block, shared)
    page_of = BytesIO()
    made.save(page_of)
    return page_of.getvalue()


def _text(text: str) -> str:
    """Return a text without characters that XML cannot hold."""
    return COMMANDS.sub("?", printable(text))


def _add(made: Any, block: Block, shared: Any) -> None:
    if isinstance(block, Paragraph):
        made.add_paragraph(_text(block.text))
    elif isinstance(block, Code):
        run = made.add_paragraph().add_run(_text(block.text))
        run.font.name, run.font.size = "Consolas", shared.Pt(9)
    elif isinstance(block, Picture):
        inches = block.drawn.figure.get_size_inches()[0]
        width = min(shared.Inches(inches), shared.Mm(WIDTH_MM))
        shape = made.add_picture(BytesIO(image(block.drawn, "png", resolution=DPI)), width=width)
        shape._inline.docPr.set("descr", _text(block.drawn.alt))  # noqa: SLF001 - python-docx has no other way
        source = f" Source: {block.source}." if block.source else ""
        made.add_paragraph(_text(f"{block.caption}{source}"), style="Caption")
    else:
        _add_table(made, block, shared)


def _add_table(made: Any, grid: Grid, shared: Any) -> None:
    """Add a table with three rules, whose heads stand again on each of its pages."""
    table, widths = grid.table, column_shares(grid)
    if table.title:
        title = made.add_paragraph(_text(table.title), style="Caption")
        title.paragraph_format.keep_with_next = True
    look = _Look(shared.Pt(TINY if len(widths) > MANY else SMALL), grid.texts)
    has_heads = any(table.heads)
    lines = list(grid.lines)
    shown = made.add_table(rows=len(lines) + has_heads, cols=len(widths))
    shown.autofit = False
    rows = [_Row(row, look) for row in shown.rows]
    if has_heads:
        rows[0].fill(table.heads, bold=True)
        rows[0].repeat()
        rows[0].rule("top", 8)
        rows[0].rule("bottom", 4)
    for row, (kind, indent, cells) in zip(rows[has_heads:], lines, strict=True):
        row.fill(("\N{NO-BREAK SPACE}" * 3 * indent + cells[0], *cells[1:]), bold=kind == "section")
        if kind == "section":
            row.join()
    rows[-1].rule("bottom", 8)
    for column, share in zip(shown.columns, widths, strict=True):
        column.width = shared.Mm(WIDTH_MM * share / sum(widths))
    for note in (*table.notes, *([f"Source: {grid.source}."] if grid.source else [])):
        paragraph = made.add_paragraph()
        paragraph.paragraph_format.space_after = shared.Pt(2)
        paragraph.add_run(_text(note)).font.size = shared.Pt(SMALL)


@dataclass(frozen=True, slots=True)
class _Look:
    """How cells look: size of letters, and columns of texts."""

    size: Any
    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table; what python-docx has no words for is done in the XML."""

    row: Any
    look: _Look

    def fill(self, texts: Sequence[str], *, bold: bool) -> None:
        """Write texts into the cells."""
        for column, (cell, text) in enumerate(zip(self.row.cells, texts, strict=False)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = 0
            run = paragraph.add_run(_text(text))
            run.font.size, run.bold = self.look.size, bold
            if column and column not in self.look.texts:
                paragraph.alignment = TO_THE_RIGHT

    def join(self) -> None:
        """Make one cell of all, for a label that has no numbers."""
        cells = self.row.cells
        text = cells[0].merge(cells[-1])
        for empty in text.paragraphs[1:]:
            empty._p.getparent().remove(empty._p)  # noqa: SLF001

    def repeat(self) -> None:
        """Let it stand at the top of each page."""
        properties = self.row._tr.get_or_add_trPr()  # noqa: SLF001
        properties.append(properties.makeelement(f"{WORD}tblHeader", {}))

    def rule(self, side: str, eighths: int) -> None:
        """Draw a line above or below its cells, of some eighths of a point."""
        for cell in self.row.cells:
            properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001
            borders = properties.find(f"{WORD}tcBorders")
            if borders is None:
                borders = properties.makeelement(f"{WORD}tcBorders", {})
                properties.append(borders)
            line = {f"{WORD}val": "single", f"{WORD}sz": str(eighths), f"{WORD}color": "000000"}
            borders.append(borders.makeelement(f"{WORD}{side}", line))
