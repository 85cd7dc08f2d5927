import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.reading.read_trial import read_trial
from scenarios.errors import InputError

NAMES = ("0001", "1", "A2", "A10")


def shuffled(rows, seed):
    """Return a table with its rows and columns in another order."""
    rng = random.Random(seed)  # noqa: S311 - any other order will do
    columns = list(range(len(rows[0])))
    rng.shuffle(columns)
    head, *rest = ([row[column] for column in columns] for row in rows)
    rng.shuffle(rest)
    return [head, *rest]


def with_commas(rows):
    return [rows[0], *([c.replace(".", ",") for c in row] for row in rows[1:])]


def test_texts_are_as_written_and_numbers_numbers(trial):
    data = trial.read().data
    assert tuple(data.participant) == NAMES
    assert data.arm.tolist() == [0, 1, 0, 1]
    assert data.levels == {"education": ("short", "længere")}
    assert data.traits["education"].tolist() == [0, 1, 1, 0]
    assert np.array_equal(data.traits["age"], [45.5, 30, np.nan, 61.25], equal_nan=True)
    assert np.array_equal(data.scores["rmdq"][1], [9, np.nan, 8.5], equal_nan=True)
    assert np.array_equal(data.scores["eq_5d"][2], [0.75, np.nan, 0.875], equal_nan=True)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)),
    separator=st.sampled_from(",;\t"),
    comma=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
    blank=st.booleans(),
)
def test_order_separator_decimal_mark_and_encoding_make_no_difference(
    trial, same, seeds, separator, comma, encoding, end, quoted, blank
):
    right = trial.read()
    content = []
    for rows, seed in zip((trial.participants, trial.visits), seeds, strict=True):
        table = shuffled(rows, seed)
        table = with_commas(table) if comma else table
        if quoted or (comma and separator == ","):
            table = [[f'"{cell}"' for cell in row] for row in table]
        lines = [separator.join(row) for row in table]
        lines = [lines[0], "", separator * 3, *lines[1:]] if blank else lines
        content.append(end.join([*lines, ""]).encode(encoding))
    found = trial.read(*content)
    assert same(found.data, right.data)
    assert sorted(found.remarks) == sorted(right.remarks)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "dta", "sav"])
def test_the_kind_of_file_makes_no_difference(trial, same, written, kind):
    assert same(trial.read(*written[kind]).data, trial.read().data)


def test_frames_are_read_like_files(trial, same, frames):
    shuffled_frames = [table.sample(frac=1.0, random_state=3) for table in frames]
    assert same(read_trial(*shuffled_frames, trial.wanted).data, trial.read().data)


def test_what_is_missing_is_counted_and_who_is_left_out(trial):
    assert trial.read().remarks == (
        "age is missing for 1 of 4 participants, who are left out of all models that adjust for it",
    )
    without = (*trial.visits, ("A2", "6 weeks", "", ""))
    without = tuple(row for row in without if row[0] != "0001")
    told = trial.read(visits=without).remarks
    assert (
        "rmdq is missing at every visit for 1 of 4 participants, who are in no model of it" in told
    )
    late = tuple(row for row in trial.visits if row[:2] != ("1", "baseline"))
    (told,) = [line for line in trial.read(visits=late).remarks if line.startswith("rmdq")]
    assert told.startswith("rmdq at baseline is missing for 1 of 4 participants")
    gaps = (*trial.participants[:1], ("0001", "control", "", "45.5"), *trial.participants[2:])
    assert "in all, 2 of 4 participants lack a covariate" in trial.read(gaps).remarks[-1]


def test_a_table_without_a_baseline_is_refused(trial):
    late = tuple(row for row in trial.visits if row[1] != "baseline")
    with pytest.raises(InputError, match="no score at baseline"):
        trial.read(visits=late)
