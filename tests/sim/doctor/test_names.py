"""Files and distributions that stand in the way of a module."""

from importlib import metadata

import pytest

from sim.doctor import names
from sim.doctor.finding import Status


@pytest.fixture
def here(monkeypatch, tmp_path):
    """An empty folder to work in, and no PYTHONPATH."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def test_a_module_that_is_imported_instead_of_ours(monkeypatch):
    (found,) = names.hidden()
    assert found.status is Status.GOOD
    told = "/x/agents.py stands in the way: it is imported: rename it"
    monkeypatch.setattr(names, "in_the_way", lambda _root: told)
    (found,) = names.hidden()
    assert found.status is Status.PROBLEM
    assert (found.says, found.remedy) == (
        "/x/agents.py stands in the way: it is imported", "rename it")  # fmt: skip


def test_a_folder_without_namesakes(here):
    (here / "my_analysis.py").touch()
    (here / "random").mkdir()  # no package: Python's comes first
    (found,) = names.folders()
    assert found.status is Status.GOOD


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("agents.py", "our agents"),
        ("sim/notes.txt", "our sim"),
        ("random.py", "Python's random"),
        ("numpy.py", "the library numpy"),
        ("pandas/__init__.py", "the library pandas"),
    ],
)
def test_a_namesake_is_advice_here_and_a_problem_on_the_path(here, monkeypatch, file, what):
    (here / file).parent.mkdir(exist_ok=True)
    (here / file).touch()
    (found,) = names.folders()
    assert found.status is Status.ADVICE
    assert f"is imported instead of {what} by" in found.says
    monkeypatch.setenv("PYTHONPATH", f"/not/there:{here}")
    (found,) = names.folders()
    assert found.status is Status.PROBLEM
    assert found.says.endswith(f"is imported instead of {what}")


def test_another_distribution_with_a_module_of_our_name(monkeypatch):
    class Other:
        metadata = {"Name": "other-simulator"}  # noqa: RUF012 - of a distribution of ours alone
        files = {"RECORD": "sim/__init__.py,,\nanalysis.py,,\nsimple/x.py,,\n"}  # noqa: RUF012

        @classmethod
        def read_text(cls, name):
            return cls.files.get(name)

    (found,) = names.distributions()
    assert found.status is Status.GOOD
    monkeypatch.setattr(metadata, "distributions", lambda: [Other])
    (found,) = names.distributions()
    assert found.status is Status.PROBLEM
    assert found.says.startswith("other-simulator installs analysis, sim as well")
    Other.files = {"top_level.txt": "agents\n"}
    (found,) = names.distributions()
    assert found.says.startswith("other-simulator installs agents as well")


def test_a_folder_that_cannot_be_looked_at_hides_nothing(here, monkeypatch):
    (here / "loop").symlink_to("loop")
    monkeypatch.setenv("PYTHONPATH", str(here / "loop"))
    (found,) = names.folders()
    assert found.status is Status.GOOD


def test_a_working_folder_that_is_gone(here, monkeypatch):
    (here / "gone").mkdir()
    monkeypatch.chdir(here / "gone")
    (here / "gone").rmdir()
    (found,) = names.folders()
    assert (found.status, found.says) == (Status.PROBLEM, "the working folder is gone")
