"""docs/background/recommender.md quotes its records."""

import pytest


@pytest.fixture(scope="module")
def studies(script):
    return script("recommender_studies")


def test_the_tables_are_the_records(studies, quoted):
    for name, columns in studies.COLUMNS.items():
        table = studies.table(studies.recorded(name), columns)
        assert quoted("background/recommender.md", name) == table, name


def test_the_records_are_of_the_settings(studies):
    for name, settings in studies.settings().items():
        assert set(studies.recorded(name)["setting"]) == set(settings), name
