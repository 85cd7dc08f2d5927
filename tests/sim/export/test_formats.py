"""What cannot be exported is refused in one line, before anything is simulated."""

import pytest

import selfback as sb
from sim.cli import call
from sim.export import formats
from sim.export.names import r_names, sas_names, stata_names


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(sb.InputError, match=r"^export = 'dat' is not allowed: .*mean dta\?$"):
        sb.trial("planned_2018", out=tmp_path / "x", export="dat")
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_told_with_its_extra(monkeypatch, tmp_path):
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    monkeypatch.setattr("sim.front.trial.run_trial", lambda *given: pytest.fail("simulated"))
    for form in ("xpt", "adam"):
        with pytest.raises(sb.InputError, match="needs the extra 'files': pip install") as told:
            sb.trial("planned_2018", out=tmp_path / "x", export=form)
        assert "\n" not in str(told.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--export", "adam"], "--export adam needs --out DIR"),
        (["--export", "sas7bdat", "--out", "x"], "--export sas7bdat is not allowed"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(["trial", "planned_2018", *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert told in said
    assert "\n" not in said
    assert not list(tmp_path.iterdir())


def test_names_are_short_allowed_and_unique():
    columns = ["a" * 40, "a" * 41, "A" * 40, "é", "1st", "if", "_N", "str12", "x.y", "x-y", "x_y"]
    for make, length in ((stata_names, 32), (sas_names, 8), (r_names, 60)):
        names = make(columns)
        assert [*names] == columns
        assert len({name.upper() for name in names.values()}) == len(columns)
        assert all(len(name) <= length and name.isidentifier() for name in names.values())
    assert stata_names(columns)["x_y"] == sas_names(["x_y"])["x_y"].lower() == "x_y"
