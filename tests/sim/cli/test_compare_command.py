import json

import numpy as np
import pandas as pd
import pytest

from sim.cli import call

BOTH = ["--set", "trial.sample_size=40", "--replicates", "12", "--jobs", "1"]
PLANNED = ["compare", "planned_2018", "planned_2018"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "out"
    changes = ["--set-b", "followup.dropout=0.05", "--set-b", "course.effect=[-1, -1, -1, -1]"]
    assert call([*PLANNED, *BOTH, *changes, "--out", str(out), "--json"]) == 0
    return out


@pytest.fixture(scope="module")
def differences(folder):
    found = json.loads((folder / "comparison.json").read_text("utf-8"))
    return {row["quantity"]: row for row in found["differences"]}


def test_the_difference_of_true_effects_is_the_one_that_was_set(differences):
    assert differences["true effect"]["difference"] == pytest.approx(1.0)
    assert differences["true effect"]["mcse"] == pytest.approx(0.0, abs=1e-9)


def test_what_happens_before_randomization_is_the_same_luck(differences):
    for cost in ("screening hours", "calls", "recruitment days"):
        assert differences[cost]["difference"] == 0.0
        assert differences[cost]["mcse_unpaired"] > 0.0
    assert differences["questionnaires"]["difference"] > 0.0


def test_pairing_pays(differences):
    assert differences["estimate"]["variance_ratio"] > 2.0


def test_the_paired_table_holds_what_the_studies_hold(folder, differences):
    paired = pd.read_parquet(folder / "paired.parquet")
    estimates = paired[paired["quantity"] == "estimate"].set_index("replicate")
    for design in "AB":
        study = pd.read_parquet(folder / design / "estimates.parquet").query(
            "analysis == 'clda' and visit == '3 months'"
        )
        assert np.array_equal(estimates[design], study["estimate"])
    gap = (estimates["B"] - estimates["A"]).mean()
    assert differences["estimate"]["difference"] == pytest.approx(gap)
    assert (folder / "comparison.svg").stat().st_size > 10_000


def test_the_manifest_holds_both_designs(folder):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["designs"]["B"]["course"]["effect"] == [-1.0] * 4
    assert manifest["designs"]["A"]["seed"] == manifest["designs"]["B"]["seed"]


def test_each_design_is_judged_by_its_own_primary_analysis(tmp_path):
    out = tmp_path / "out"
    own = ['analysis.alternatives=["ancova"]', "analysis.primary_analysis=ancova"]
    changes = [word for change in own for word in ("--set-b", change)]
    assert call([*PLANNED, *BOTH, *changes, "--out", str(out), "--json"]) == 0
    estimates = pd.read_parquet(out / "paired.parquet").query("quantity == 'estimate'")
    for design, analysis in (("A", "clda"), ("B", "ancova")):
        study = pd.read_parquet(out / design / "estimates.parquet")
        assert set(study["analysis"]) == {analysis}
        at = study[study["visit"] == "3 months"]
        assert np.array_equal(estimates[design], at["estimate"])


def test_the_table_is_printed(tmp_path, capsys):
    out = tmp_path / "out"
    few = ["--set", "trial.sample_size=40", "--replicates", "2", "--jobs", "1"]
    assert call([*PLANNED, *few, "--set-b", "followup.dropout=0.1", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "followup.dropout=0.1, minus A: planned_2018" in printed
    assert "variance ratio" in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["planned_2018"], "name two to 4"),
        ([*PLANNED[1:], "--set-c", "seed=1"], "there is no scenario C"),
        ([*PLANNED[1:], "--set-b", "followup.dropuot=0.1"], "followup.dropout"),
        (
            ["planned_2018", "selfback_2021", "--set-b", 'analysis.primary_outcome="pseq"'],
            "analysis.primary_outcome = 'pseq' is not allowed",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert call(["compare", *arguments, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()
