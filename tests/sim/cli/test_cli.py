import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.cli import BROKEN_PIPE, call

SMALL = ("planned_2018", "--set", "trial.sample_size=40")
SELFBACK = (sys.executable, "-m", "sim")


def refusal(capsys, *arguments: str) -> str:
    assert call(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("selfback: ")
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["runn"], "No such command 'runn'. Did you mean 'run'? (see selfback --help)"),
        ([""], "No such command ''"),
        (["--verson"], "Did you mean --version?"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", ""], "scenario '' is unknown"),
        (["run", "selfback_2012"], "scenario 'selfback_2012' is unknown: did you mean selfback_20"),
        (["run", "no/such.toml"], "no/such.toml: there is no such file"),
        (["run", "x", "y"], "Got unexpected extra argument"),
        (["run", *SMALL, "--replicates", "0"], "--replicates 0 is not allowed: must be a whole nu"),
        (["run", *SMALL, "--replicates", "-1"], "--replicates -1 is not allowed"),
        (["run", *SMALL, "--replicates", "ten"], "--replicates ten is not allowed"),
        (["run", *SMALL, "--replicates", "1.5"], "--replicates 1.5 is not allowed"),
        (["run", *SMALL, "--replicates", "9" * 5000], "--replicates 999"),
        (["run", *SMALL, "--replicates", ""], "--replicates  is not allowed"),
        (["run", *SMALL, "--replicates"], "Option '--replicates' requires an argument"),
        (["run", *SMALL, "--replicate", "5"], "Did you mean --replicates?"),
        (["run", *SMALL, "--jobs", "0"], "--jobs 0 is not allowed: must be a whole number, at le"),
        (["run", *SMALL, "--jobs", "-2"], "--jobs -2 is not allowed"),
        (["run", *SMALL, "--seed", "-1"], "--seed -1 is not allowed"),
        (["run", *SMALL, "--seed", str(2**63)], "--seed 9223372036854775808 is not allowed"),
        (
            ["run", *SMALL, "--executor", "dusk"],
            "--executor dusk is not allowed: must be joblib or",
        ),
        (["run", *SMALL, "--executor", "dsk"], "did you mean dask?"),
        (
            ["run", *SMALL, "--scheduler", "tcp://h:1"],
            "--scheduler tcp://h:1 needs --executor dask",
        ),
        (["run", *SMALL, "--out", ""], "--out '' is not allowed"),
        (["run", *SMALL, "--out", "/dev/null/x"], "cannot"),
        (["run", *SMALL, "--out", "/dev/full/x"], "/dev/full is not a folder"),
        (["run", *SMALL, "--set", "seed"], "--set: 'seed' has no '='"),
        (["run", *SMALL, "--set", "sed=3"], "--set: sed is unknown: did you mean seed?"),
        (["run", *SMALL, "--set", "trial.sample_size=x"], 'trial.sample_size = "x" is not allowed'),
        (["trial", *SMALL, "--replicate", "-1"], "--replicate -1 is not allowed"),
        (["trial", *SMALL, "--export", "csv"], "--export csv needs --out DIR"),
        (["trial", *SMALL, "--export", "cvs", "--out", "x"], "did you mean csv?"),
        (["scenarios", "lst"], "Did you mean 'list'? (see selfback scenarios --help)"),
        (["scenarios", "show", "nothing_like_it"], "is unknown"),
        (["scenarios", "validate", "nothing_like_it"], "is unknown"),
        (["scenarios", "schema", "x"], "unexpected extra argument"),
    ],
)
def test_a_mistake_is_told_in_one_line(capsys, tmp_path, monkeypatch, arguments, line):
    monkeypatch.chdir(tmp_path)
    assert line in refusal(capsys, *arguments)
    assert all(path.name == "results" for path in tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [[], ["scenarios"], ["recommender"]])
def test_without_a_command_help_is_shown(capsys, arguments):
    assert call(arguments) == 2
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "trial",
        "analyse",
        "performance",
        "calibrate",
        "validate",
        "compare",
        "power",
        "assurance",
        "components",
        "sensitivity",
        "subgroups",
        "replay",
        "scenarios list",
        "scenarios show",
        "scenarios validate",
        "scenarios schema",
        "recommender check",
        "recommender serve",
        "recommender schema",
    ],
)
def test_help_has_an_example(capsys, command):
    assert call([*command.split(), "--help"]) == 0
    assert f"Example: selfback {command} " in f"{capsys.readouterr().out} "


def test_help_does_not_import_what_is_slow():
    code = "import sys; from sim.cli import call; call(['--help']); print(sorted(sys.modules))"
    told = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    for slow in ("numpy", "pandas", "pyarrow", "scipy", "joblib", "pydantic", "matplotlib"):
        assert f"'{slow}'" not in told.stdout


def test_a_run_leaves_tables_summary_and_figure(capsys, tmp_path):
    out = tmp_path / "study"
    assert call(["run", *SMALL, "--replicates", "3", "--jobs", "1", "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert "3 simulated trials" in captured.out
    assert "3 of 3" in captured.err
    names = {f"{name}.parquet" for name in ("estimates", "summaries", "flow", "failures")}
    names |= {"manifest.json", "summary.json", "summary.svg", "codebook.csv", "codebook.md"}
    assert {path.name for path in out.iterdir()} == names
    before = (out / "estimates.parquet").read_bytes()
    assert "exists" in refusal(capsys, "run", *SMALL, "--replicates", "3", "--out", str(out))
    again = ["run", *SMALL, "--replicates", "3", "--jobs", "1", "--out", str(out), "--overwrite"]
    assert call(again) == 0
    assert (out / "estimates.parquet").read_bytes() == before


def test_power_is_that_of_the_primary_analysis_of_the_scenario(capsys, tmp_path):
    out = tmp_path / "study"
    primary = [
        "--set",
        'analysis.alternatives=["ancova"]',
        "--set",
        "analysis.primary_analysis=ancova",
    ]
    few = ["--replicates", "4", "--jobs", "1", "--set", "course.effect=[-4, -4, -4, -4]"]
    assert call(["run", *SMALL, *primary, *few, "--out", str(out), "--json"]) == 0
    power = json.loads(capsys.readouterr().out)["power"]
    estimates = pq.read_table(out / "estimates.parquet").to_pandas()
    mine = estimates.query("analysis == 'ancova' and visit == '3 months' and outcome == 'rmdq'")
    assert len(mine) == 4
    assert (power["analysis"], power["failed"]) == ("ancova", 0)
    assert power["rejected"] == (mine["p"] < 0.05).mean()
    assert call(["power", *SMALL, *primary, *few, "--no-null", "--out", str(tmp_path / "p")]) == 0
    assert "ancova" in capsys.readouterr().out


def test_json_alone_is_on_standard_output(capsys, tmp_path):
    out = str(tmp_path / "study")
    arguments = ["run", *SMALL, "--replicates", "2", "--jobs", "1", "--seed", "7", "--out", out]
    assert call([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["directory"], told["replicates"], told["seed"]) == (out, 2, 7)


def test_without_a_folder_results_land_under_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(["run", *SMALL, "--replicates", "1", "--jobs", "1"]) == 0
    assert (tmp_path / "results" / "planned_2018" / "manifest.json").is_file()


def test_results_that_is_a_file_is_told(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").touch()
    assert "cannot make the folder results" in refusal(capsys, "run", *SMALL, "--replicates", "1")


@pytest.mark.parametrize("export", ["csv", "parquet"])
def test_a_trial_prints_its_tables_and_exports_its_data(capsys, tmp_path, export):
    out = tmp_path / "trial"
    assert call(["trial", *SMALL, "--out", str(out), "--export", export]) == 0
    assert "Flow of participants" in capsys.readouterr().out
    assert (out / f"participants.{export}").is_file()
    assert (out / "manifest.json").is_file()


def test_a_trial_without_a_folder_writes_nothing(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(["trial", *SMALL, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["flow"]["randomized"] == 40
    assert list(tmp_path.iterdir()) == []


def test_scenarios_are_listed_shown_and_validated(capsys):
    assert call(["scenarios", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.index("selfback_2021") < listed.index("\ndesigns") < listed.index("minimization")
    assert call(["scenarios", "list", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)["scenarios"]
    groups = {entry["name"]: entry["group"] for entry in listing}
    assert (groups["selfback_2021"], groups["minimization"]) == ("", "designs")
    assert call(["scenarios", "validate"]) == 0
    assert "selfback_2021: valid" in capsys.readouterr().out
    assert call(["scenarios", "schema"]) == 0
    assert "properties" in json.loads(capsys.readouterr().out)
    assert call(["scenarios", "show", "selfback_2021", "--set", "app.quit_hazard=0.5"]) == 0
    assert "app.quit_hazard = 0.5  # per week; --set (--set)" in capsys.readouterr().out
    assert call(["scenarios", "show", "selfback_2021", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scenario"]["name"] == "selfback_2021"
    assert len(told["hash"]) == 64


def test_validation_tells_every_problem(capsys, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(
        'extends = "selfback_2021"\nname = "my"\n[app]\nassistants = 0\nquit = 1', "utf-8"
    )
    assert call(["scenarios", "validate", str(path), "selfback_2021"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "selfback_2021: valid\n"
    assert captured.err.count("\n") == 2
    assert "app.assistants = 0 is not allowed: must be above 0" in captured.err


def test_a_reader_that_leaves_is_no_error():
    with subprocess.Popen(  # noqa: S603 - our own command
        [*SELFBACK, "scenarios", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == BROKEN_PIPE
