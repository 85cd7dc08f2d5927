"""``selfback scenarios show`` and ``new``."""

import json
from pathlib import Path

import pytest

from scenarios.loading.load import load_scenario, scenario_hash
from sim.cli import call


def test_sections_are_shown_and_changes_beside_what_they_were(capsys):
    change = ["--set", "app.quit_hazard=0.1"]
    assert (
        call(["scenarios", "show", "selfback_2021", "app.quit_hazard", "trial.visits[0]", *change])
        == 0
    )
    shown = capsys.readouterr().out.splitlines()
    assert [line.partition(" = ")[0] for line in shown] == [
        "trial.visits[0].name", "trial.visits[0].day", "app.quit_hazard"
    ]  # fmt: skip
    assert call(["scenarios", "show", "selfback_2021", "--changed", *change]) == 0
    was = load_scenario("selfback_2021").app.quit_hazard
    assert capsys.readouterr().out == (
        f"app.quit_hazard = 0.1  # was {was}; per week; --set (--set)\n"
    )
    assert call(["scenarios", "show", "simple_randomization", "--changed", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["parameters"]
    assert rows[0] | {"source": ""} == {
        "key": "trial.randomization.kind", "value": "simple", "unit": "", "source": "",
        "file": "simple_randomization.toml", "parent_value": "stratified_blocks",
    }  # fmt: skip
    assert rows[1] == {
        "key": "trial.randomization.block_sizes", "parent_value": [4, 6, 8, 10, 12, 14, 16, 18, 20]
    }  # fmt: skip


def test_toml_can_be_pasted_back(capsys, tmp_path):
    assert call(["scenarios", "show", "low_engagement", "--toml"]) == 0
    path = tmp_path / "pasted.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert scenario_hash(load_scenario(path)) == scenario_hash(load_scenario("low_engagement"))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("selfback_2021", "--changed"), "--changed: selfback_2021.toml extends no other scenario"),
        (("low_engagement", "--toml", "--json"), "--toml and --json are not allowed together"),
        (
            ("low_engagement", "ap"),
            "section 'ap' of low_engagement.toml is unknown: did you mean a",
        ),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_line(capsys, given, line):
    assert call(["scenarios", "show", *given]) == 2
    told = capsys.readouterr().err
    assert line in told
    assert told.count("\n") == 1


def test_a_template_is_written_once(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(["scenarios", "new", "mine", "--extends", "planned_2018"]) == 0
    assert call(["scenarios", "validate", "mine.toml"]) == 0
    before = Path("mine.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    assert call(["scenarios", "new", "mine"]) == 2
    assert "mine.toml exists, it is not overwritten" in capsys.readouterr().err
    assert Path("mine.toml").read_text(encoding="utf-8") == before


def test_a_template_finds_its_parents_file_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    assert call(["scenarios", "new", "mother"]) == 0
    out = str(Path("deep", "daughter.toml"))
    assert call(["scenarios", "new", "daughter", "--extends", "mother.toml", "--out", out]) == 0
    assert load_scenario(out).title == "daughter (a variant of mother)"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("a b",), "NAME 'a b' is not allowed"),
        (("selfback_2021",), "NAME selfback_2021 is not allowed: the library has a scenario"),
        (("mine", "--extends", "selfback_2012"), "did you mean selfback_2021?"),
        (("mine", "--out", "mine.txt"), "--out mine.txt is not allowed: must end in .toml"),
    ],
)
def test_what_cannot_be_begun_is_told_and_nothing_written(
    capsys, tmp_path, monkeypatch, given, line
):
    monkeypatch.chdir(tmp_path)
    assert call(["scenarios", "new", *given]) == 2
    assert line in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
