"""Python, the package, its libraries and its extras, each with something wrong."""

import json
import platform
from email.message import Message
from importlib import metadata

import pytest

from scenarios.extras import EXTRAS, PACKAGE, pip_line
from sim.doctor import declared, installed
from sim.doctor.finding import Status
from sim.revision import ROOT


@pytest.fixture
def versions(monkeypatch):
    """Let some libraries have another version; None for not installed."""
    faked = {}
    real = metadata.version

    def version(name):
        if name not in faked:
            return real(name)
        if faked[name] is None:
            raise metadata.PackageNotFoundError(name)
        return faked[name]

    monkeypatch.setattr(metadata, "version", version)
    return faked


@pytest.fixture
def is_installed(monkeypatch):
    """Let the package be installed from a folder, in a version."""

    def install(folder, version, *, editable=True):
        class Found:
            @staticmethod
            def read_text(name):
                assert name == "direct_url.json"
                where = {"url": folder.as_uri(), "dir_info": {"editable": True}}
                return json.dumps(where) if editable else None

            @staticmethod
            def locate_file(_name):
                return folder

        Found.version = version
        monkeypatch.setattr(metadata, "distribution", lambda name: {PACKAGE: Found}[name])

    return install


def problems(findings):
    return [each for each in findings if each.status is Status.PROBLEM]


def test_python_of_another_version_is_a_problem(monkeypatch):
    (found,) = installed.python()
    assert found.status is Status.GOOD
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.2")
    (found,) = installed.python()
    assert (found.status, found.says) == (Status.PROBLEM, "3.10.2: >=3.11 is needed")


def test_the_package_is_the_installed_one(is_installed):
    for editable in (True, False):
        is_installed(ROOT, declared.declared().version, editable=editable)
        (found,) = installed.package()
        assert found.status is Status.GOOD
        assert str(ROOT) in found.says


def test_code_of_another_folder_than_the_installed(is_installed, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    is_installed(tmp_path, "0.1.0")
    (found,) = installed.package()
    assert found.status is Status.ADVICE
    assert f"installed is 0.1.0 from {tmp_path}; PYTHONPATH is somewhere" in found.says


def test_code_that_was_installed_in_an_older_version(is_installed):
    is_installed(ROOT, "0.1.0")
    (found,) = installed.package()
    assert found.status is Status.ADVICE
    assert "0.1.0 was installed from there" in found.says
    assert found.remedy == f'pip install --editable "{ROOT}"'


def test_code_that_is_not_installed(monkeypatch):
    def none(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", none)
    (found,) = installed.package()
    assert found.status is Status.PROBLEM
    assert "is not installed" in found.says


def test_a_library_that_is_too_old_too_new_or_missing(versions):
    assert problems(installed.libraries()) == []
    versions |= {"numpy": "1.26.4", "pandas": "4.0.0", "simpy": None}
    old, new, gone = problems(installed.libraries())
    assert (old.name, old.says) == ("numpy", "1.26.4: <3,>=2.0 is needed")
    assert (new.name, gone.name) == ("pandas", "simpy")
    assert gone.says == "not installed: <5,>=4.1 is needed"
    assert old.remedy.startswith("pip install ")
    assert old.remedy.endswith('"numpy<3,>=2.0"')


def test_a_release_candidate_within_the_range_is_good(versions):
    versions["numpy"] = "2.9.0rc1"
    assert problems(installed.libraries()) == []


def test_other_versions_than_the_tested_ones_are_named(versions, monkeypatch, tmp_path):
    monkeypatch.setattr(installed, "CONSTRAINTS", tmp_path / "none.txt")
    assert list(installed.constraints()) == []
    file = tmp_path / "constraints.txt"
    monkeypatch.setattr(installed, "CONSTRAINTS", file)
    monkeypatch.setattr(declared, "CONSTRAINTS", file)
    file.write_text(f"# tested\nNumPy==2.0.1\npandas=={metadata.version('pandas')}\n")
    versions["numpy"] = "2.0.1"
    (found,) = installed.constraints()
    assert found.status is Status.GOOD
    versions["numpy"] = "2.0.2"
    (found,) = installed.constraints()
    assert found.status is Status.ADVICE
    assert found.says.endswith(": numpy 2.0.2 (2.0.1)")


def test_extras_say_what_they_are_for_and_how_to_get_them(versions):
    versions |= {"pyreadstat": None, "typst": "0.0.1"}
    found = {each.name: each for each in installed.extras()}
    assert list(found) == [f"extra {name}" for name in EXTRAS]
    files, report = found["extra files"], found["extra report"]
    assert files.status is report.status is Status.ADVICE
    assert files.says == f"not whole: pyreadstat (not installed); for {EXTRAS['files']}"
    assert "typst (0.0.1)" in report.says
    assert files.remedy == pip_line("files")


def test_outside_a_checkout_the_installed_metadata_are_read(monkeypatch, tmp_path):
    project = declared.declared()
    written = Message()  # as setuptools writes them
    written["Version"], written["Requires-Python"] = project.version, project.python
    for each in project.libraries:
        written["Requires-Dist"] = str(each)
    for name, lines in project.extras.items():
        written["Provides-Extra"] = name
        for each in lines:
            written["Requires-Dist"] = f'{each}; extra == "{name}"'
    monkeypatch.setattr(declared, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(metadata, "metadata", lambda name: {PACKAGE: written}[name])
    found = declared.declared()
    assert (found.version, found.python) == (project.version, project.python)
    assert found.libraries == project.libraries
    assert {name: [each.name for each in lines] for name, lines in found.extras.items()} == {
        name: [each.name for each in lines] for name, lines in project.extras.items()
    }
    assert "extra dev" not in {each.name for each in installed.extras()}
