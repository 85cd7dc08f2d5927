import json

import pandas as pd
import pytest

from sim.cli import call

PLAIN = """
extends = "planned_2018"
name = "crossed"
[factorial]
components = ["a", "b", "c"]
fraction = ["c = ab"]
like = "control"
[factorial.effects]
a = -3
b = -1
[trial]
sample_size = 40
[trial.randomization]
kind = "simple"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "crossed.toml"
    path.write_text(PLAIN)
    return str(path)


def test_parts_are_printed_and_saved(file, tmp_path, capsys):
    out = tmp_path / "out"
    given = ["components", file, "--arm", "a-b", "--replicates", "2", "--jobs", "1"]
    assert call([*given, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "selfback/components"
    assert (told["arm"], told["reference"], told["outcome"]) == ("a-b", "none", "rmdq")
    rows = {row["component"]: row for row in told["components"]}
    assert list(rows) == ["a", "b", "all of them"]
    assert rows["a"]["part"] == pytest.approx(-3.0)
    assert rows["a"]["share"] == pytest.approx(0.75)
    assert rows["a"]["share_error"] == pytest.approx(0.0, abs=1e-9)
    assert rows["b"]["main_power"] < rows["a"]["main_power"] < 1.0
    assert {path.name for path in out.iterdir()} >= {
        "components.parquet", "components.json", "components.svg", "codebook.csv",
    }  # fmt: skip
    assert call([*given, "--out", str(out), "--overwrite"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "a-b against none: rmdq at 3 months" in printed
    assert "a 75.0% (0.0) -3.000 (0.000)" in printed
    assert "The trial itself is a fraction: its contrasts estimate a - b x c" in printed


def test_a_study_of_components_is_made_larger(file, tmp_path, capsys):
    given = ["components", file, "--arm", "a-b", "--jobs", "1"]
    small, whole = tmp_path / "small", tmp_path / "whole"
    assert call([*given, "--replicates", "2", "--out", str(small)]) == 0
    assert call(["grow", str(small), "--replicates", "4"]) == 0
    assert call([*given, "--replicates", "4", "--out", str(whole)]) == 0
    tables = [pd.read_parquet(out / "components.parquet") for out in (small, whole)]
    pd.testing.assert_frame_equal(*tables)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--arm", "none"], "--arm none: is the reference"),
        (["--outcome", "rmqd"], "--outcome rmqd: 'rmqd' is no outcome: did you mean 'rmdq'?"),
        (
            ["--visit", "3 month"],
            "'3 month' is no visit: did you mean '3 months'?",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(file, given, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert call(["components", file, *given, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()
