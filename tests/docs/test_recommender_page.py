"""docs/recommender.md quotes its records."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def studies():
    path = DOCS / "recommender_studies.py"
    spec = importlib.util.spec_from_file_location("recommender_studies", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(DOCS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


def test_the_tables_are_the_records(studies):
    page = (DOCS / "recommender.md").read_text("utf-8")
    for name, columns in studies.COLUMNS.items():
        quoted = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", page, re.DOTALL)[1]
        assert quoted == studies.table(studies.recorded(name), columns), name


def test_the_records_are_of_the_settings(studies):
    for name, settings in studies.settings().items():
        assert set(studies.recorded(name)["setting"]) == set(settings), name
