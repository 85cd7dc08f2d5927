import sys

import pytest

from scenarios.loading.load import load_scenario
from sim.study.identity import Identity
from sim.study.identity.own_code import own_code

SOURCE = "import helper_of_theirs\nimport numpy\n\n\ndef analyse(inputs):\n    return []\n"


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "module_of_theirs.py").write_text(SOURCE)
    (tmp_path / "helper_of_theirs.py").write_text("A = 1\n")
    (tmp_path / "unrelated.py").write_text("B = 1\n")
    return tmp_path


def scenario(module="module_of_theirs"):
    own = f'analysis.alternatives=["ancova","{module}:analyse"]'
    return load_scenario("planned_2018", [own])


def test_code_of_ones_own_is_that_of_the_module_and_of_what_it_imports_beside_it(theirs):
    before = own_code(scenario())
    assert list(before) == ["module_of_theirs"]
    (theirs / "unrelated.py").write_text("B = 2\n")
    assert own_code(scenario()) == before
    (theirs / "helper_of_theirs.py").write_text("A = 2\n")
    assert own_code(scenario()) != before
    assert "module_of_theirs" not in sys.modules


def test_a_package_counts_as_a_whole(theirs):
    package = theirs / "package_of_theirs"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("A = 1\n")
    named = scenario("package_of_theirs.inner")
    before = own_code(named)
    (package / "__init__.py").write_text("C = 1\n")
    assert list(before) == ["package_of_theirs"]
    assert own_code(named) != before


def test_a_scenario_without_any_has_none():
    assert own_code(load_scenario("planned_2018")) == {}
    assert own_code(scenario("there_is_no_such_module")) == {}


def test_a_study_of_a_module_that_has_changed_is_of_other_code(theirs):
    manifest = Identity.of(scenario(), 0, {}).describe()
    (theirs / "module_of_theirs.py").write_text(SOURCE + "# changed\n")
    told = Identity.of(scenario(), 0, {}).code_differences(manifest)
    assert told[0] == "the module module_of_theirs, or what it imports"
