"""Workers and the command import nothing from the working folder but what a scenario names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.study.executors.starting import working_folder_last

ROOT = Path(__file__).parents[4]
STUDY = ("selfback_2021", "--set=trial.sample_size=40", "--replicates=1", "--jobs=2", "--out=study")
NAMES = ("random", "numpy", "json", "joblib", "pickle", "distributed")
MODULE = """
from pathlib import Path

(Path(__file__).parent / f"{__name__} was imported").touch()
"""
TEAM = """
import sibling
from recommender.rivals import guideline

def make(settings, catalogue, generator):
    return sibling.recommender(guideline(settings))
"""
SIBLING = MODULE + "recommender = lambda found: found\n"


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(MODULE)
    return tmp_path


def run(folder, *command):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    assert found.returncode == 0, found.stderr
    return sorted(path.name for path in folder.glob("* was imported"))


@pytest.mark.slow
def test_the_script_and_workers_of_dask(folder):
    script = str(Path(sys.executable).with_name("selfback"))
    assert run(folder, script, "run", *STUDY, "--executor=dask") == []


def test_workers_of_joblib_find_the_module_that_a_scenario_names_and_its_siblings_only(folder):
    (folder / "team.py").write_text(TEAM)
    (folder / "sibling.py").write_text(SIBLING)
    command = (sys.executable, "-m", "sim", "run", *STUDY, "--set=recommender.kind=team:make")
    assert run(folder, *command) == ["sibling was imported"]


@pytest.mark.slow
def test_workers_of_a_python_session_that_looks_in_its_folder_first(tmp_path):
    session = f"""
import selfback as sb
from pathlib import Path
import sim.study.executors, sim.front.run

for name in {NAMES}:
    Path(name + ".py").write_text({MODULE!r})
small = sb.scenario("selfback_2021", {{"trial.sample_size": 40}})
assert sb.run(small, 1, jobs=2, progress=False).failed == 0
"""
    assert run(tmp_path, sys.executable, "-c", session) == []


def test_what_python_put_in_front_goes_last(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    here, named = str(tmp_path), str(tmp_path / "named")
    monkeypatch.setenv("PYTHONPATH", named)
    assert working_folder_last(["", "/a", "/b"]) == ["/a", "/b", here]
    assert working_folder_last([here, "/a", here]) == ["/a", here]
    assert working_folder_last([named, "/a"]) == [named, "/a"]
    monkeypatch.setenv("PYTHONPATH", f"{here}:/a")  # on purpose
    assert working_folder_last([here, "/a"]) == [here, "/a"]
