import pytest
from matplotlib.figure import Figure

from analysis.figures.drawn import Drawn
from analysis.report.page.document import Code, Grid, Paragraph, Picture, Report, Section
from analysis.report.tables import TextTable

HOSTILE = "<script>alert(1)</script> $x^2$ #set text(red) \x1b[31m æøå & \"'"
"""What a scenario's texts may contain."""


def drawn() -> Figure:
    figure = Figure(figsize=(3.0, 2.0))
    figure.subplots().set_title(HOSTILE.replace("\x1b", ""), parse_math=False)
    return figure


@pytest.fixture(scope="package")
def report() -> Report:
    rows = [("Pain", "", ""), ("  3 months", "1.5", HOSTILE), ("  6 months", "-", "9")]
    many = [(f"row {n}", str(100 - n), "text") for n in range(30)]
    blocks = [
        Paragraph(HOSTILE),
        Code("selfback run x --set 'a=[1]'"),
        Grid(TextTable(HOSTILE, ("", HOSTILE, "n"), rows, (HOSTILE,)), HOSTILE),
        Grid(TextTable("Many", ("", "number", "text"), many), texts=(2,), folded=True),
        Picture(Drawn(drawn(), HOSTILE), HOSTILE, HOSTILE),
    ]
    sections = [Section(HOSTILE, blocks), Section("Left out", ())]
    return Report(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "bad", sections, "1.0")
