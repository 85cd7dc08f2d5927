"""All probes together: nothing of it raises, and the findings are told in lines."""

import re
from pathlib import Path

import pytest

import selfback as sb
from sim.doctor import examine
from sim.doctor.examine import PROBES, Examination, look_at
from sim.doctor.finding import Status, advice, good, problem

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "doctor.md"


def test_every_probe_has_a_finding_and_the_page_has_them_all():
    found = sb.doctor()
    names = {re.sub("^extra .*", "extra `NAME`", each.name) for each in found.findings}
    rows = set(re.findall(r"^\| ([^|]+?) \| ", PAGE.read_text("utf-8"), re.MULTILINE))
    assert names <= rows
    assert len(found.findings) >= len(PROBES)
    for each in found.findings:
        assert "could not be looked at" not in each.says
        assert "\n" not in each.says + each.remedy
        assert bool(each.remedy) == (each.status is not Status.GOOD), each


@pytest.mark.parametrize("error", [ImportError("no DLL"), SystemExit(3), KeyError("x")])
def test_a_probe_that_fails_is_a_finding_with_its_exception_and_place(monkeypatch, error):
    def fails():
        yield good("first", "before")
        raise error

    monkeypatch.setattr("sim.doctor.machine.memory", fails)
    before, found = look_at("memory")
    assert before.name == "first"
    assert found.status is Status.PROBLEM
    assert found.says.startswith(f"could not be looked at: {type(error).__name__}: ")
    assert f"({__file__}, line " in found.says


def test_a_module_of_probes_that_cannot_be_imported_is_a_finding_too(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sim.doctor.compiled", None)
    (found,) = look_at("numba")
    assert found.status is Status.PROBLEM
    assert "ModuleNotFoundError" in found.says


def test_lines_have_the_width_of_the_terminal_and_what_to_do(monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    found = Examination(
        (
            good("a", "well"),
            advice("b", "words " * 30, "do this"),
            problem("long name", "x", "do y"),
        )
    )
    lines = found.lines()
    assert str(found) == "\n".join(lines)
    assert all(len(line) <= 70 for line in lines)
    assert lines[0] == "good    a          well"
    assert [line.strip() for line in lines if "do:" in line] == ["do: do this", "do: do y"]
    assert lines[-1] == "1 problem, 1 piece of advice"
    assert (found.status, found.problems) == (Status.PROBLEM, 1)


def test_json_has_plain_texts():
    told = examine.Examination((good("a", "b"),)).to_dict()
    assert told == {
        "status": "good",
        "findings": [{"name": "a", "status": "good", "says": "b", "remedy": ""}],
    }
