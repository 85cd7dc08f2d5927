from dataclasses import replace

import numpy as np
import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.reading.mapping import read_mapping
from scenarios.errors import InputError

COLUMNS = """
[participants]
participant = "id"
age = "alder"
[visits]
participant = "id"
"""
ARMS = '[participants]\narm = { values = { "0" = "control", "1" = "intervention" } }\n'


def renamed(rows, **names):
    return (tuple(names.get(name, name) for name in rows[0]), *rows[1:])


def recoded(rows, column, codes):
    where = rows[0].index(column)
    return (
        rows[0],
        *((*row[:where], codes.get(row[where], row[where]), *row[where + 1 :]) for row in rows[1:]),
    )


def refused(trial, mapping, **tables):
    with pytest.raises(InputError) as told:
        trial.read(mapping=mapping, **tables)
    assert "\n" not in str(told.value)
    return str(told.value).replace(f"{trial.folder}/", "")


def test_columns_are_renamed(trial, same):
    found = trial.read(
        renamed(trial.participants, participant="id", age="alder"),
        renamed(trial.visits, participant="id"),
        COLUMNS,
    )
    assert same(found.data, trial.read().data)


def test_values_are_recoded(trial, same):
    mapping = (
        '[participants]\narm = { column = "group", values = { "Usual care" = "control", '
        '" App" = "intervention" } }\neducation = { values = { K = "short", L = "længere" } }\n'
        '[visits]\nvisit = { values = { 0 = "baseline", 1 = "6 weeks", 2 = "3 months" } }\n'
        'rmdq = { values = { none = 0, "all of them" = 12 } }\n'
    )
    people = recoded(trial.participants, "arm", {"control": "Usual care", "intervention": "App"})
    people = recoded(people, "education", {"short": "K", "længere": "L"})
    visits = recoded(trial.visits, "visit", {"baseline": "0", "6 weeks": "1", "3 months": "2"})
    visits = recoded(visits, "rmdq", {"12": "all of them"})
    found = trial.read(renamed(people, arm="group"), visits, mapping)
    assert same(found.data, trial.read().data)


def test_codes_for_missing_are_missing_and_counted(trial):
    people = recoded(trial.participants, "age", {"": "-9"})
    people = recoded(people, "education", {"short": "999"})
    mapping = "missing = [-9, 999]\n[visits]\nrmdq = { missing = [12] }\n"
    found = trial.read(people, mapping=mapping)
    assert np.isnan(found.data.traits["age"]).sum() == 1
    assert np.isnan(found.data.traits["education"]).tolist() == [True, False, False, True]
    assert np.isnan(found.data.scores["rmdq"][0, 0])
    told = "\n".join(found.remarks)
    assert "age is missing by a code in 1 row: -9 (1)" in told
    assert "education is missing by a code in 2 rows: 999 (2)" in told
    assert "rmdq is missing by a code in 1 row: 12 (1)" in told
    assert tuple(found.data.participant) == ("0001", "1", "A2", "A10")


def test_identifiers_that_are_like_codes_for_missing_stay(trial):
    people = recoded(trial.participants, "participant", {"1": "999"})
    visits = recoded(trial.visits, "participant", {"1": "999"})
    assert "999" in trial.read(people, visits, "missing = [999]\n").data.participant


def test_rows_of_a_visit_that_becomes_nothing_are_left_out_and_counted(trial, same):
    visits = (*trial.visits, ("1", "screening", "99", "x"), ("7", "screening", "", ""))
    mapping = '[visits]\nvisit = { values = { screening = "" } }\n'
    numbers = (*trial.visits, ("1", "screening", "99", "0"), ("7", "screening", "", ""))
    found = trial.read(visits=numbers, mapping=mapping)
    assert same(found.data, trial.read().data)
    assert any("2 rows are left out" in line and "screening" in line for line in found.remarks)
    with pytest.raises(InputError, match="visit = screening is not allowed"):
        trial.read(visits=visits)


def test_a_visit_that_is_empty_is_refused(trial):
    told = refused(trial, None, visits=recoded(trial.visits, "visit", {"3 months": ""}))
    assert "v.csv, line 5: visit = empty is not allowed: must be one of baseline" in told


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        ('[participants]\naeg = "x"\n', "m.toml: [participants] aeg is unknown: did you mean age?"),
        ('[visits]\nage = "x"\n', "m.toml: [visits] age is unknown: "),
        ('[visits]\nxyzzy = "x"\n', "[visits] xyzzy is unknown: must be among participant, visit"),
        ('[participant]\nage = "x"\n', "[participant] is unknown: did you mean [participants]?"),
        (
            '[participants]\nage = "alder"\n',
            "m.toml: [participants] age: p.csv has no column 'alder'",
        ),
        (
            '[participants]\nage = "arm"\n',
            "age is to be the column 'arm', but p.csv has a column 'age'",
        ),
        ('[participants]\nage = "x"\nbmi = "x"\n', "bmi and age are both column 'x'"),
        (
            '[participants]\nbmi = "age"\nage = { missing = [1] }\n',
            "age and bmi are both column 'age'",
        ),
        ('[participants]\nbmi = "age"\n', "by m.toml its column age is bmi, and no column is age"),
        ("[participants]\nage = 3\n", "[participants] age must be a name"),
        ('age = "x"\n', "m.toml: [age] is unknown"),
        ("participants = 3\n", "m.toml: [participants] must be lines such as"),
        ("missing = -9\n", "m.toml: missing must be a list such as [-9, 999]"),
        ("missing = [9]\n", "missing = 9 is not allowed for all columns: it is a score of rmdq"),
        ("missing = [-9, -9.0]\n", "missing names a code twice"),
        ("[visits]\nrmdq = { missing = [true] }\n", "rmdq.missing has True: must be a number or a"),
        ('[visits]\nrmdq = { colum = "x" }\n', "rmdq.colum is unknown: did you mean column?"),
        ("[visits]\nrmdq = { column = 3 }\n", "rmdq.column = 3 is not allowed"),
        ("[visits]\nrmdq = { values = [1] }\n", "rmdq.values must be a table such as"),
        (
            '[visits]\nrmdq = { values = { "1" = 2 }, missing = [1] }\n',
            "'1' is both recoded and a code",
        ),
        ('[visits]\nrmdq = { values = { "1" = 2, "1 " = 3 } }\n', "the same but for spaces"),
        ('[visits]\nparticipant = { missing = ["1"] }\n', "identifiers stay as they are written"),
        ('[visits]\nvisit = { values = { "0" = "baselin" } }\n', "did you mean baseline?"),
        ("[participants]\nage = \n", "m.toml cannot be read: Invalid value"),
        ('[participants]\nage = "a"\nage = "b"\n', "m.toml cannot be read: "),
    ],
)
def test_a_mapping_is_checked(trial, mapping, line):
    assert line in refused(trial, mapping)


def entries(inner):
    names = ["column", "values", "missing", "control", "1", "age", "x"]
    return st.dictionaries(st.sampled_from(names), inner, max_size=3)


ANYTHING = st.recursive(
    st.one_of(st.text(max_size=3), st.integers(-9, 99), st.floats(), st.booleans(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), entries(inner)),
    max_leaves=6,
)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["participants", "visits", "missing", "x"]),
        st.one_of(
            st.dictionaries(st.sampled_from(["arm", "age", "visit", "rmdq", "x"]), ANYTHING),
            ANYTHING,
        ),
    )
)
def test_whatever_a_mapping_says_it_is_followed_or_refused_in_one_line(trial, content):
    assert read_or_refused(trial, tomlkit.dumps(content))


def read_or_refused(trial, mapping):
    try:
        return trial.read(mapping=mapping)
    except InputError as error:
        line = str(error)
    assert "\n" not in line
    return line


def test_a_mapping_is_text_in_a_file(trial, tmp_path):
    assert "m.toml is not UTF-8 text" in refused(
        trial, '[participants]\nage = "\xe5r"'.encode("latin-1")
    )
    with pytest.raises(InputError, match=r"none.toml cannot be read: No such file"):
        read_mapping(tmp_path / "none.toml", {})
    with pytest.raises(InputError, match=r"cannot be read: it is a folder"):
        read_mapping(tmp_path, {})


def test_a_value_that_becomes_one_that_is_there_is_refused_unless_it_is_said(trial):
    people = recoded(trial.participants, "arm", {"intervention": "1"})
    people = (*people, ("B1", "0", "short", "50"))
    told = refused(trial, ARMS, participants=people)
    assert (
        "m.toml: [participants] arm.values: '0' becomes 'control', which p.csv, line 2 has too"
        in told
    )
    said = ARMS.replace("values = {", 'values = { control = "control",')
    assert trial.read(people, mapping=said).data.arm.tolist() == [0, 1, 0, 1, 0]


def test_values_may_change_places(trial):
    swap = (
        '[participants]\narm = { values = { control = "intervention", intervention = "control" } }'
    )
    assert trial.read(mapping=swap).data.arm.tolist() == [1, 0, 1, 0]


def test_a_column_that_is_there_twice_is_refused_if_it_is_used(trial):
    rows = tuple((*row, row[3]) for row in trial.participants)
    assert "p.csv has 2 columns 'age'" in refused(trial, None, participants=rows)
    unused = replace(trial.wanted, covariates=())
    assert len(trial.read(rows, wanted=unused).data) == 4


def test_messages_show_what_is_written_and_its_column(trial):
    people = recoded(renamed(trial.participants, age="alder"), "alder", {"30": "999"})
    told = refused(trial, '[participants]\nage = "alder"\n', participants=people)
    assert told.startswith(
        "p.csv, line 3: age (column 'alder') = 999 is not allowed: must be 0 to 120"
    )
