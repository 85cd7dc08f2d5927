from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data.reading.participants import natural_order
from scenarios.errors import InputError


def refused(trial, *rows, visits=None):
    with pytest.raises(InputError) as told:
        trial.read((*trial.participants[:1], *rows), visits)
    return str(told.value).replace(f"{trial.folder}/", "")


@given(st.data(), st.lists(st.text(st.characters(codec="utf-8"), max_size=5), unique=True))
def test_names_have_one_order(data, names):
    others = data.draw(st.permutations(names))
    assert sorted(names, key=natural_order) == sorted(others, key=natural_order)


def test_who_is_randomized_is_checked(trial):
    rows = trial.participants[1:]
    control, treated = rows[0], rows[1]
    assert "line 4: participant = empty is not allowed: must not be empty" in refused(
        trial, control, treated, ("", "control", "short", "1")
    )
    assert "line 4: arm = App is not allowed: must be control or intervention" in refused(
        trial, control, treated, ("9", "App", "short", "1")
    )
    assert "line 4: participant = 0001 is not allowed: a participant cannot be in both" in refused(
        trial, control, treated, ("0001", "intervention", "short", "1")
    )
    assert "line 4: participant = 0001 is not allowed: a participant has one row" in refused(
        trial, control, treated, control
    )
    assert "no participant is in the intervention arm" in refused(trial, control, rows[2])


def test_a_participant_of_the_visits_alone_is_refused_with_one_like_it(trial):
    visits = (*trial.visits, ("001", "baseline", "1", "1"))
    told = refused(trial, *trial.participants[1:], visits=visits)
    assert (
        "participant = 001 is not allowed: must be among the participants, where there is '0001'"
        in told
    )


def test_levels_and_numbers_that_the_plan_uses_are_checked(trial):
    rows = trial.participants[1:]
    told = refused(trial, *rows[:3], ("A10", "intervention", "master", "61"))
    assert "line 5: education = master is not allowed: must be one of short, længere" in told
    told = refused(trial, *rows[:3], ("A10", "intervention", "short", "200"))
    assert "line 5: age = 200 is not allowed: must be 0 to 120 years" in told


def test_what_the_plan_does_not_use_is_shown_if_it_is_right_and_else_left_out_aloud(trial):
    unused = replace(trial.wanted, covariates=())
    assert set(trial.read(wanted=unused).data.traits) == {"education", "age"}
    rows = (*trial.participants[:4], ("A10", "intervention", "master", "999"))
    found = trial.read(rows, wanted=unused)
    assert found.data.traits == {}
    age, education = sorted(found.remarks, key=lambda line: "education" in line)
    assert "age = 999" in age
    assert "education = master" in education
    assert all(
        "the plan does not use it, and Table 1 leaves it out" in line for line in found.remarks
    )


def test_numbers_far_from_the_others_are_counted(trial):
    others = [(f"B{i}", "control", "short", str(30 + i)) for i in range(20)]
    rows = (*trial.participants, *others, ("C", "control", "short", "119"))
    visits = (*trial.visits, ("C", "baseline", "1", "1"))
    told = trial.read(rows, visits).remarks
    assert any(
        "age has 1 value far from the others" in line and "119 (line 26)" in line for line in told
    )


def test_plans_are_read_where_adherence_is_asked_for(trial):
    rows = tuple((*row, made) for row, made in zip(
        trial.participants, ("plans_made", "", "x", "", "3"), strict=True))  # fmt: skip
    assert np.isnan(trial.read(rows).data.plans_made).all()
    asked = replace(trial.wanted, adherence=True)
    with pytest.raises(InputError, match="plans_made = x is not allowed: must be a number"):
        trial.read(rows, wanted=asked)
    rows = tuple(row if row[-1] != "x" else (*row[:-1], "") for row in rows)
    found = trial.read(rows, wanted=asked)
    assert np.array_equal(found.data.plans_made, [np.nan, np.nan, np.nan, 3], equal_nan=True)
    assert any(
        "plans_made is missing for 1 participants in the intervention arm" in r
        for r in found.remarks
    )
    told = trial.read(wanted=asked).remarks
    assert any("has no column plans_made" in line for line in told)


def test_clinics_are_texts_and_two_or_more(trial):
    asked = replace(trial.wanted, clinics=True)
    clinics = ("clinic", "10", "2", "10", "02")
    rows = tuple((*row, clinic) for row, clinic in zip(trial.participants, clinics, strict=True))
    assert trial.read(rows, wanted=asked).data.clinic.tolist() == [2, 1, 2, 0]
    one = tuple((*row[:-1], "10" if row[-1] != "clinic" else "clinic") for row in rows)
    with pytest.raises(InputError, match="clinic = 10 for all participants, must be 2 clinics"):
        trial.read(one, wanted=asked)


def test_names_of_columns_that_are_alike_are_offered(trial):
    rows = (("Participant", *trial.participants[0][1:]), *trial.participants[1:])
    with pytest.raises(
        InputError, match="no column participant: did you mean its column 'Participant'"
    ):
        trial.read(rows)
    rows = (("participant", "ARM", *trial.participants[0][2:]), *trial.participants[1:])
    with pytest.raises(InputError, match="no column arm: did you mean its column 'ARM'"):
        trial.read(rows)


def test_tables_in_the_wrong_order_are_named(trial):
    with pytest.raises(
        InputError, match="has no column arm: it has visits; the table of participants"
    ):
        trial.read(trial.visits, trial.participants)
