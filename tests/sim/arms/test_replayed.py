"""A patient of a trial of three arms, in all of them."""

from pathlib import Path

import numpy as np
import pytest

from analysis.figures.drawn import save
from analysis.figures.lives.replay import draw_replay
from analysis.replicates.summary import visit_days
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.front.replay import Replayed
from sim.replicates.replay import replay

FILE = Path(__file__).parent / "three_arms.toml"
SIZE = 9


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(FILE, [f"trial.sample_size={SIZE}", "followup.missingness=mcar"])


@pytest.fixture(scope="module")
def patients(scenario):
    return [replay(scenario, 0, number)[0] for number in range(1, SIZE + 1)]


def test_everybody_is_in_every_arm_the_own_one_first(patients):
    for patient in patients:
        own, *others = patient.courses
        assert own.name == "as allocated"
        arms = [course.arm for course in others]
        assert arms == [arm for arm in patient.arms if arm != own.arm]
        assert [course.name for course in others] == [f"in {arm}" for arm in arms]
    assert {patient.courses[0].arm for patient in patients} == set(patients[0].arms)


def test_what_happens_in_an_arm_is_what_it_is_given(patients):
    for patient in patients:
        for course in patient.courses:
            said = {event.what for event in course.events}
            assert ("installed the app" in said) == (course.arm == "intervention")
            assert ("got the wristband" in said) == (course.arm == "wristband")
            assert any(what.startswith("plan of week") for what in said) <= (
                course.arm == "intervention"
            )


def test_all_are_alike_until_randomization(patients):
    for patient in patients:
        before = [[e for e in course.events if e.day <= 0.0] for course in patient.courses]
        assert before[0] == before[1] == before[2]
        assert len({course.due["rmdq"][0] for course in patient.courses}) == 1


def test_gains_are_against_the_reference(patients):
    for patient in patients:
        due = {course.arm: np.array(course.due["rmdq"]) for course in patient.courses}
        assert list(patient.gains) == ["wristband", "intervention"]
        for arm, gains in patient.gains.items():
            np.testing.assert_allclose(gains["rmdq"], due[arm] - due["control"])


def test_it_is_plain_data_by_arm_and_drawn(scenario, patients, tmp_path):
    found = Replayed(scenario, patients[0], {}, None)
    told = found.to_dict()
    assert set(told["gain"]) == {"wristband", "intervention"}
    assert len(told["courses"]) == 3
    courses = {f"1 {course.name}": course.arm for course in patients[0].courses}
    days = visit_days(scenario.model_dump(mode="json"))
    drawn = draw_replay(patients[0].tables, courses, scenario.arm_names, days)
    save(drawn, tmp_path / "patient.svg")
    assert all(f"in {arm} disability" in drawn.alt for arm in scenario.arm_names)
    assert set(patients[0].tables["participants"]["participant"].to_pylist()) == set(courses)


def test_somebody_who_is_not_in_the_trial_is_one_line(scenario):
    with pytest.raises(InputError, match=f"must be from 1 to {SIZE}"):
        replay(scenario, 0, SIZE + 1)
