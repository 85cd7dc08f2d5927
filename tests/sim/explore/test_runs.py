"""Runs in processes of their own, and the folders they leave."""

import shutil
import time
from pathlib import Path

import pytest

from scenarios.errors import InputError
from sim.explore.draft import Base, check
from sim.explore.names import fault_of
from sim.explore.runs import Runs, Study
from sim.study.store.growing import beside
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


def test_names_are_made_that_are_allowed(tmp_path, small):
    runs = Runs(tmp_path / "explore")
    for base in ("é", "_u", ".hid", "$(id)", "./-x.toml", "x" * 300):
        assert fault_of(runs.free_name(base)) == ""
    with pytest.raises(InputError, match="at most 100 in all"):
        runs.start(small, 2, "x" * 240)


def test_a_folder_of_any_name_has_an_address(tmp_path, visitor, finished):
    names = ["a#b", "a?b", "a%2Fb", b"\xff\xfe".decode("utf-8", "surrogateescape"), "måling"]
    given = [shutil.copytree(finished / "first", tmp_path / name) for name in names]
    runs = Runs(tmp_path / "explore", given)
    client = visitor(runs)
    shown = client.get("/runs").get_data(as_text=True)
    for study in runs.studies():
        assert f'href="/runs/{study.name}"' in shown
        assert client.get(f"/runs/{study.name}").status_code == 200
    assert "måling" in {study.name for study in runs.studies()}


def test_where_no_run_can_be_saved_it_is_told(tmp_path, small):
    root = tmp_path / "explore"
    root.touch()
    only_here = check(Base("study:x", "planned_2018", portable=False), ["trial.sample_size=20"])
    for checked in (small, only_here):
        with pytest.raises(InputError, match=r"cannot begin a run in .*explore: "):
            Runs(root).start(checked, 2)


def test_a_run_is_told_by_what_ended_it(tmp_path):
    runs = Runs(tmp_path)
    (tmp_path / "x.log").write_text(
        "selfback: what is under way is finished and kept; press Ctrl-C again to stop at once\n"
        "selfback: interrupted, 5 replicates are kept in x: selfback resume x goes on with them\n"
    )
    (said,) = runs.state(Study("x", tmp_path / "x")).said
    assert said.startswith("interrupted, 5 replicates are kept")


def test_a_name_whose_run_has_left_nothing_is_free(tmp_path, small):
    runs = Runs(tmp_path / "explore", jobs=1)
    study = runs.start(small, 100_000, "short")
    runs.cancel("short")
    runs.cancel("short")  # at once
    wait(runs, study, "failed", "interrupted")
    shutil.rmtree(study.folder, ignore_errors=True)
    shutil.rmtree(beside(study.folder), ignore_errors=True)
    assert runs.start(small, 2, "short") == study
    assert wait(runs, study, "finished", "failed", "interrupted").state == "finished"


def test_a_file_is_no_option(small):
    dashed = check(Base("-x.toml", "-x.toml"), [])
    assert dashed.arguments(2, Path("out"))[:2] == ["run", "./-x.toml"]
