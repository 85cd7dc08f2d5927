"""Runs in processes of their own, and the folders they leave."""

import time

import pytest

from scenarios.errors import InputError
from sim.explore.draft import Base, check
from sim.explore.runs import Runs
from sim.study.store.reading import KeptStudy

LONGEST = 120.0


@pytest.fixture
def small():
    return check(Base("planned_2018", "planned_2018"), ["trial.sample_size=20"])


def wait(runs, study, *states):
    end = time.monotonic() + LONGEST
    while runs.state(study).state not in states:
        assert time.monotonic() < end
        time.sleep(0.05)
    return runs.state(study)


def test_a_run_is_a_results_folder_like_any_other(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = Runs(jobs=1)
    study = runs.start(small, 2)
    assert (study.name, str(study.folder)) == ("planned_2018_1", "results/explore/planned_2018_1")
    with pytest.raises(InputError, match="exists"):
        runs.start(small, 2, study.name)
    assert wait(runs, study, "finished", "failed", "interrupted").state == "finished"
    kept = KeptStudy(study.folder)
    assert kept.manifest["scenario_hash"] == small.hash
    assert kept.manifest["command"][1:3] == ["run", "planned_2018"]
    again = Runs()  # another server finds it
    assert [each.name for each in again.studies()] == ["planned_2018_1"]
    assert again.state(study).whole
    assert again.free_name("planned_2018") == "planned_2018_2"


@pytest.mark.slow  # a process of its own, as in the test above
def test_a_run_that_fails_says_why(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changes = [*small.changes, 'analysis.alternatives=["no_such_module:none"]']
    runs = Runs(jobs=1)
    study = runs.start(check(small.base, changes), 2, "bad")
    state = wait(runs, study, "failed", "finished", "interrupted")
    assert state.state == "failed"
    assert "no_such_module" in " ".join(state.said)
    assert "no_such_module" in " ".join(Runs().state(study).said)


def test_code_that_a_folder_names_is_not_run(small, tmp_path):
    base = Base("study:x", "planned_2018", portable=False, own_code=("evil:mine",))
    with pytest.raises(InputError, match="names code that would be run: evil:mine"):
        Runs(tmp_path / "explore").start(check(base, []), 2)
    assert not (tmp_path / "explore").exists()


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "a b", "x.new", "a\n", "-o"])
def test_a_name_is_that_of_a_folder_here(small, tmp_path, name):
    with pytest.raises(InputError, match="is not allowed"):
        Runs(tmp_path / "explore").start(small, 2, name)


def test_folders_of_the_same_name_are_told_apart(tmp_path, finished):
    (tmp_path / "first").mkdir()
    found = Runs(tmp_path / "explore", [finished / "first", tmp_path / "first"]).studies()
    assert [each.name for each in found] == ["first", "first-2"]


def test_what_is_not_under_way_cannot_be_stopped_and_what_is_not_there_not_gone_on_with(runs):
    with pytest.raises(InputError, match="not under way"):
        runs.cancel("first")
    with pytest.raises(InputError, match="there is no run"):
        runs.go_on("none")
