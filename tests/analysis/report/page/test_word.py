import sys
from io import BytesIO

import docx
import pytest

from analysis.report.page.word import word_page
from scenarios.errors import InputError


@pytest.fixture(scope="module")
def made(report):
    return docx.Document(BytesIO(word_page(report)))


def test_texts_are_as_they_are(made):
    assert made.core_properties.title.startswith("<script>alert(1)</script>")
    headings = [each.text for each in made.paragraphs if each.style.name.startswith("Heading")]
    assert len(headings) == 2
    assert all("æøå" in each for each in headings)


def test_heads_stand_on_every_page_and_sections_across_the_columns(made):
    first, second = made.tables
    assert "tblHeader" in first.rows[0]._tr.xml
    assert len({id(cell._tc) for cell in first.rows[1].cells}) == 1
    assert [cell.text for cell in second.rows[1].cells] == ["row 0", "100", "text"]


def test_a_figure_has_a_description(made):
    (shape,) = made.inline_shapes
    assert "æøå" in shape._inline.docPr.get("descr")


def test_the_extra_that_is_missing_is_named(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(InputError, match=r"--format docx needs the extra 'report': pip install"):
        word_page(report)
