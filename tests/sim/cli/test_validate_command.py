import json
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import call

TOY = (
    "planned_2018", "--set", "published=selfback_2021", "--set", "trial.sample_size=40",
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("validation") / "study"
    assert call(["validate", *TOY, "--replicates", "4", "--jobs", "1", "--out", str(folder)]) == 0
    return folder


def test_targets_are_printed_by_role_with_their_agreement(study, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")  # a narrow terminal folds lines
    assert call(["validate", "--from", str(study)]) == 0
    printed = capsys.readouterr().out
    calibration, held_out = printed.split("Targets held out")
    assert "RMDQ at 3 months, adjusted difference" in calibration
    assert "RMDQ at 3 months, standard error" in held_out
    assert "0.80 if the model is right" in printed
    assert "not simulated: " in printed


def test_table_json_and_figure_agree(study, capsys):
    assert call(["validate", "--from", str(study), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    label = {"schema": "selfback/validate", "version": 2, "directory": str(study)}
    assert told == {**label, **json.loads((study / "validation.json").read_text())}
    table = pd.read_csv(study / "validation.csv")
    assert table["label"].tolist() == [row["label"] for row in told["targets"]]
    counted = table[table["role"] == "calibration"]
    by_role = {each["role"]: each for each in told["agreement"]}
    assert by_role["calibration"]["targets"] == len(counted)
    assert by_role["calibration"]["inside"] == counted["inside"].sum()
    assert by_role["calibration"]["mean_z"] == pytest.approx(counted["z"].abs().mean())
    assert "RMDQ at baseline, mean" not in told["not_simulated"]
    assert "BIPQ at 3 months, control" in told["not_simulated"]
    assert (study / "validation.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["planned_2018"],
            "scenario planned_2018: published = '' is not allowed: there are no tar",
        ),
        (["--from", "no/such"], "--from no/such is no study"),
        (["selfback_2021", "--from", "x"], "--from DIR takes a study as it is"),
        (["--from", "x", "--replicates", "5"], "--from DIR takes a study as it is"),
        (["--from", "x", "--set", "seed=2"], "--from DIR takes a study as it is"),
        (["--replicates", "1"], "--replicates 1 is not allowed: must be a whole number"),
    ],
)
def test_what_cannot_be_validated_is_told_in_one_line(capsys, arguments, line):
    assert call(["validate", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert line in error
