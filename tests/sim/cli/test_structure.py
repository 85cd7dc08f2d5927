"""How the commands hang together: by name, one file each, with help, completion and JSON."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
import typer

from sim.cli import call, commands
from sim.cli.completion import dotted_keys, scenario_names, scenarios_like
from sim.cli.lazy import Group, first_line
from sim.cli.table import COMMANDS

SELFBACK = (sys.executable, "-m", "sim")
ROOT = Path(__file__).parents[3]


def modules(table: dict) -> list[str]:
    return [
        name
        for entry in table.values()
        for name in (modules(entry.table) if isinstance(entry, Group) else [entry])
    ]


def test_every_module_of_the_commands_is_one_command_of_the_table():
    prefix = f"{commands.__name__}."
    found = {
        module.name.removeprefix(prefix)
        for module in walk_packages(commands.__path__, prefix)
        if not module.ispkg
    }
    listed = modules(COMMANDS)
    assert sorted(listed) == sorted(found)
    for name in listed:
        apps = [
            value
            for value in vars(import_module(prefix + name)).values()
            if isinstance(value, typer.Typer)
        ]
        assert len(apps) == 1, name
        (registered,) = apps[0].registered_commands
        assert registered.callback.__doc__.startswith(first_line(prefix + name))


def test_help_lists_every_command_with_what_it_is_for(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert call(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, entry in COMMANDS.items():
        line = entry.info.help if isinstance(entry, Group) else first_line(
            f"{commands.__name__}.{entry}")  # fmt: skip
        assert f" {name} {line[:25]}" in shown


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ru"], ["run"]),
        (["run", "planned"], ["planned_2018"]),
        (["run", "planned_2018", "--set", "trial.sample"], ["trial.sample_size="]),
        (["compare", "planned_2018", "x", "--set-b", "followup.drop"], ["followup.dropout="]),
        (["analyse", "--plan", "selfback"], ["selfback_2021"]),
        (["run", "planned_2018", "--replic"], ["--replicates"]),
        (["scenarios", "sh"], ["show"]),
    ],
)
def test_a_shell_completes_names_scenarios_and_keys(tmp_path, words, offered):
    line = {"COMP_WORDS": " ".join(["selfback", *words]), "COMP_CWORD": str(len(words))}
    code = "from sim.cli import call; call([])"
    told = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-X", "importtime", "-c", code],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, **line, "_SELFBACK_COMPLETE": "complete_bash"},
    )  # fmt: skip
    assert told.stdout.split() == offered
    imported = {row.rsplit("|", 1)[1].strip() for row in told.stderr.splitlines() if "|" in row}
    assert "typer" in imported
    assert not imported & {"numpy", "pandas", "pyarrow", "scipy", "joblib", "matplotlib"}


def test_a_script_for_the_shell_is_shown():
    told = subprocess.run(  # noqa: S603 - our own command
        [*SELFBACK, "--show-completion", "bash"],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )  # fmt: skip
    assert "_SELFBACK_COMPLETE=complete_bash" in told.stdout


def test_keys_are_those_of_a_file_and_of_what_it_extends(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "mine.toml"
    file.write_text('extends = "planned_2018"\n[margins]\n"a b" = 1\n', encoding="utf-8")
    keys = dotted_keys("sub/mine.toml")
    assert set(dotted_keys("planned_2018")) < set(keys)
    assert 'margins."a b"' in keys
    assert "extends" not in keys
    assert dotted_keys("sub/none.toml") == []
    assert scenarios_like("sub/") == ["sub/mine.toml"]
    assert "sub/" in scenarios_like("")
    assert {"selfback_2021", "minimization"} <= set(scenario_names())


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "selfback_2012", "--json"],
        ["run", "--replicates", "x", "planned_2018", "--json"],
        ["performance", "no/such", "--json"],
        ["scenarios", "show", "none", "--json"],
        ["run", "planned_2018", "--jsn", "--json"],
    ],
)
def test_a_mistake_is_an_object_with_json(capsys, arguments):
    assert call(arguments) == 2
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert list(told) == ["schema", "version", "error", "exit_code"]
    assert (told["schema"], told["version"], told["exit_code"]) == ("selfback/error", 2, 2)
    assert captured.err == f"selfback: {told['error']}\n"


def test_results_say_which_schema_they_have(capsys):
    documented = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8")
    for arguments in (["scenarios", "list"], ["scenarios", "show", "planned_2018"]):
        assert call([*arguments, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert list(told)[:2] == ["schema", "version"]
        assert told["schema"] == f"selfback/{' '.join(arguments[:2])}"
        assert f"`{told['schema']}`" in documented


def test_folders_above_out_are_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["planned_2018", "--set", "trial.sample_size=40", "--out"]
    assert call(["trial", *small, "a/b/c"]) == 0
    assert (tmp_path / "a" / "b" / "c" / "manifest.json").is_file()


def test_folders_above_out_go_with_a_study_that_fails(tmp_path, monkeypatch):
    def interrupt(*_given, **_more):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.front.trial.run_trial", interrupt)
    (tmp_path / "kept").mkdir()
    assert call(["trial", "planned_2018", "--out", "kept/b/c"]) == 130
    assert [path.name for path in tmp_path.rglob("*")] == ["kept"]
