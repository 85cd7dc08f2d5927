import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from scenarios.loading.load import content_hash, load_scenario
from sim.cli import call
from sim.replicates.replay import replay
from sim.simulate import counterfactual, simulate
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.store.manifest_file import read_state, write_manifest
from sim.study.store.tables import table_checksums
from sim.tables.trial_tables import trial_data, visits_table

PARTICIPANT, REPLICATE = 7, 1


@pytest.fixture(scope="module")
def study(small, tmp_path_factory):
    out = tmp_path_factory.mktemp("replay") / "study"
    scenario = small.model_copy(update={"truth": True})
    run_study(scenario, replicates=2, executor=make_executor("joblib", 1), out=out)
    return out


@pytest.fixture(scope="module")
def patients(small):
    return [replay(small, REPLICATE, number)[0] for number in (PARTICIPANT, PARTICIPANT + 1)]


def told(capsys, study, *more):
    who = ["--replicate", str(REPLICATE), "--participant", str(PARTICIPANT)]
    code = call(["replay", str(study), *who, *more])
    return code, capsys.readouterr()


def test_a_life_as_allocated_is_the_one_that_was_simulated(small, patients):
    trial = simulate(small, REPLICATE)
    visits = visits_table(trial, trial_data(trial)).to_pandas()
    mine = visits[visits["participant"] == PARTICIPANT]
    given = [
        np.nan if value is None else value for value in patients[0].courses[0].answered["rmdq"]
    ]
    np.testing.assert_array_equal(given, mine["rmdq"].to_numpy(dtype=float))


def test_the_two_lives_are_in_two_arms_and_alike_until_randomization(patients):
    for patient in patients:
        own, other = patient.courses
        assert {own.arm, other.arm} == {"control", "intervention"}
        before = [[e for e in course.events if e.day <= 0.0] for course in (own, other)]
        assert before[0] == before[1]
        assert before[0][-1].what == "randomized"
        assert own.due["rmdq"][0] == other.due["rmdq"][0]


def test_only_the_intervention_has_an_app(patients):
    for patient in patients:
        for course in patient.courses:
            plans = [event for event in course.events if event.what.startswith("plan of week")]
            installed = [event for event in course.events if event.what == "installed the app"]
            assert len(installed) == (course.arm == "intervention")
            assert bool(plans) <= bool(installed)


def test_a_plan_from_before_steps_are_known_has_no_step_goal(patients):
    told = [e.what for patient in patients for course in patient.courses for e in course.events]
    plans = [what for what in told if what.startswith("plan of week")]
    assert any("; no step goal; " in what for what in plans)
    assert not any("; 0 steps a day" in what for what in plans)


def test_contacts_and_sick_leave_are_among_the_events(patients):
    for patient in patients:
        care = patient.tables["care"].to_pandas()
        for course in patient.courses:
            mine = care[care["participant"] == f"{patient.participant} {course.name}"]
            contacts = [e for e in course.events if e.what.startswith("usual care: ")]
            begun = [e for e in course.events if e.what.endswith(" on sick leave")]
            assert len(contacts) == (mine["kind"] != "sick_leave").sum()
            assert len(begun) == (mine["kind"] == "sick_leave").sum()
            assert all(event.date.weekday() < 5 for event in contacts)


def test_events_are_in_order_of_time(patients):
    for course in patients[0].courses:
        days = [event.day for event in course.events]
        assert days == sorted(days)
        assert course.events[0].what == "interested"


def test_gains_of_all_participants_make_the_true_effect():
    few = load_scenario("selfback_2021", ["trial.sample_size=6"])
    gains = [replay(few, 0, number)[0].gains["intervention"]["rmdq"] for number in range(1, 7)]
    own = simulate(few, 0)
    truth = own, counterfactual(own)
    rows = truth[0].cohort.randomized
    here, there = (trial.scores_when_due()["rmdq"][rows] for trial in truth)
    sign = np.where(truth[0].cohort.arm[rows] == 1, 1.0, -1.0)[:, None]
    np.testing.assert_allclose(gains, (here - there) * sign)


def test_the_timeline_is_printed_and_drawn(study, capsys):
    code, printed = told(capsys, study)
    assert code == 0
    assert f"Participant {PARTICIPANT} of replicate {REPLICATE}" in printed.out
    assert "as allocated: " in printed.out
    assert "other arm: " in printed.out
    assert "RMDQ (disability), other arm" in printed.out
    figure = study / f"patient_{REPLICATE}_{PARTICIPANT}.svg"
    assert figure.stat().st_size > 10_000


def test_json_has_both_lives(study, capsys, tmp_path):
    code, printed = told(capsys, study, "--json", "--figure", str(tmp_path / "course.png"))
    assert code == 0
    assert (tmp_path / "course.png").is_file()
    found = json.loads(printed.out)
    assert [course["name"] for course in found["courses"]] == ["as allocated", "other arm"]
    assert found["courses"][0]["events"][0]["what"] == "interested"


def test_a_normal_course_has_a_timeline_without_a_figure(tmp_path, capsys):
    scenario = load_scenario("planned_2018", ["trial.sample_size=20"])
    out = tmp_path / "study"
    run_study(scenario, replicates=1, executor=make_executor("joblib", 1), out=out)
    assert call(["replay", str(out), "--participant", "20"]) == 0
    assert "there is no figure" in capsys.readouterr().err
    assert not list(out.glob("*.svg"))


def test_a_study_that_other_code_made_is_refused(study, tmp_path, capsys):
    out = tmp_path / "other"
    out.mkdir()
    flow = pq.read_table(study / "flow.parquet")
    flow = flow.set_column(2, flow.schema.field(2), pc.add(flow["count"], pa.scalar(1, pa.int32())))
    pq.write_table(flow, out / "flow.parquet")
    manifest = read_state(study) | {"tables": table_checksums(out)}
    write_manifest(out, manifest, sync=False)
    assert call(["replay", str(out), "--participant", "1"]) == 2
    assert "simulates replicate 0 differently" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["--participant", "81"], "must be from 1 to 80"),
        (["--participant", "1", "--replicate", "2"], "must be from 0 to 1"),
        (["--participant", "0"], "at least 1"),
        (["--participant", "1", "--figure", "/nowhere/at/all.png"], "there is no folder"),
        (["--participant", "1", "--figure", "all.gif"], "must end in .svg or .pdf or .png"),
        (
            ["--participant", "1", "--figure", "all.pdf", "--figure-format", "png"],
            "leave one of them out",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(study, arguments, wrong, capsys):
    assert call(["replay", str(study), *arguments]) == 2
    error = capsys.readouterr().err
    assert wrong in error
    assert error.count("\n") == 1


def test_a_folder_without_a_study_is_refused(tmp_path, capsys):
    assert call(["replay", str(tmp_path), "--participant", "1"]) == 2
    assert "is no study" in capsys.readouterr().err


def test_a_module_that_a_study_names_is_not_imported_unless_trusted(
    study, tmp_path, monkeypatch, capsys
):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    manifest = read_state(study)
    manifest["scenario"]["recommender"]["kind"] = "module_of_somebody:make"
    manifest["scenario_hash"] = content_hash(manifest["scenario"])
    write_manifest(theirs, manifest, sync=False)
    (tmp_path / "module_of_somebody.py").write_text("raise LookupError('it was imported')")
    monkeypatch.chdir(tmp_path)
    code, printed = told(capsys, "theirs")
    assert code == 2
    assert printed.err == (
        "selfback: theirs/manifest.json names code that would be run: module_of_somebody:make: "
        "add --trust if you know what it does\n"
    )
    assert "LookupError: it was imported" in told(capsys, "theirs", "--trust")[1].err
