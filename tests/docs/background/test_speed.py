"""docs/background/speed.md shows the recorded measurement."""

import pytest


@pytest.fixture(scope="module")
def speed(script):
    return script("speed")


def test_the_tables_are_the_record(speed, quoted):
    for name, table in speed.tables(speed.recorded()).items():
        assert quoted("background/speed.md", name) == table, name


def test_all_work_is_recorded(speed):
    assert set(speed.WORK) <= set(speed.recorded()["rows"])
