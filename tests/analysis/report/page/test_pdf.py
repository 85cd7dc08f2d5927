import sys

import pytest

from analysis.report.page.pdf import pdf_page
from scenarios.errors import InputError


def test_texts_are_no_markup_of_the_typesetter(report):
    assert pdf_page(report).startswith(b"%PDF-")


def test_the_extra_that_is_missing_is_named(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"--format pdf needs the extra 'report': pip install"):
        pdf_page(report)
