import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data.reading.columns import Column
from analysis.data.reading.numbers import check_range, read_numbers
from analysis.data.reading.table import Table
from scenarios.errors import InputError


def column(*texts, missing=(), decimal_comma=True):
    lines = np.arange(2, len(texts) + 2)
    table = Table("t.csv", "line", ("x",), lines, lambda _: list(texts), {}, decimal_comma)
    return Column(table, "x", "x", texts, texts, texts, missing)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.booleans())
def test_numbers_are_what_was_written(values, comma):
    texts = [repr(value) for value in values]
    texts = [text.replace(".", ",") for text in texts] if comma else texts
    assert read_numbers(column(*texts)).values.tolist() == values


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "", "NA", ".", "NaN", "null", "#N/A"], [1, *[np.nan] * 6]),
        (["+1", "\u22122", "1e2", ".5", "3."], [1, -2, 100, 0.5, 3]),
        (["0,624", "1,000"], [0.624, 1]),
        (["4,5", "3"], [4.5, 3]),
    ],
)
def test_texts_of_many_kinds(texts, values):
    assert np.array_equal(read_numbers(column(*texts)).values, values, equal_nan=True)


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (["1", "many"], "t.csv, line 3: x = many is not allowed: must be a number"),
        (["1", "1_000"], "x = 1_000"),
        (["1", "\u0661"], "x = "),
        (["inf"], "x = inf"),
        (["1e999"], "x = 1e999"),
        (["1 000"], "x = 1 000"),
        (["50%"], "x = 50%"),
        (["1,234.5"], "x = 1,234.5 is not allowed: must be a number"),
        (
            ["1.5", "2.5", "3,5"],
            "line 4: x = 3,5 is not allowed: decimal commas and decimal points",
        ),
    ],
)
def test_what_is_no_number_is_refused(texts, line):
    with pytest.raises(InputError) as told:
        read_numbers(column(*texts))
    assert line in str(told.value)


def test_a_comma_between_commas_that_may_separate_thousands_is_refused():
    with pytest.raises(InputError, match="separate thousands"):
        read_numbers(column("1,234", "999", decimal_comma=False))
    assert read_numbers(column("1,25", "999", decimal_comma=False)).values.tolist() == [1.25, 999]


def test_codes_for_missing_are_counted_however_they_are_written():
    found = read_numbers(
        column("-9", "-9.0", "999", "4", "unknown", missing=("unknown",)), ("-9", "999")
    )
    assert np.array_equal(found.values, [np.nan] * 3 + [4, np.nan], equal_nan=True)
    assert found.coded == {"-9": 2, "999": 1, "unknown": 1}


def test_a_range_holds_for_all():
    with pytest.raises(
        InputError, match=r"t.csv, line 3: x = 999 .* 0 to 120 years.*\(and 1 more\)"
    ):
        check_range(read_numbers(column("120", "999", "-9")), 0, 120, "years")
    check_range(read_numbers(column("0", "120.0000001", "")), 0, 120)
