import json
from pathlib import Path

import pandas as pd
import pytest

from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.front.validate import shipped_sample

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
    assert (study / "validation.svg").stat().st_size > 10_000


def test_each_trial_is_simulated_at_a_draw_of_the_posterior(tmp_path, capsys):
    sample = tmp_path / "posterior.parquet"
    pd.DataFrame({"course.means.2": [2.0, 12.0]}).to_parquet(sample, index=False)
    out = tmp_path / "study"
    quick = ("--replicates", "4", "--jobs", "1", "--out", str(out))
    assert call(["validate", *TOY, *quick, "--posterior", str(sample)]) == 0
    assert ", at 2 draws of the posterior" in capsys.readouterr().out
    rows = pd.read_parquet(out / "summaries.parquet")
    rows = rows[(rows["quantity"] == "mean") & (rows["outcome"] == "rmdq")]
    rows = rows[(rows["visit"] == "3 months") & (rows["arm"] == "control")]
    mean = rows.set_index("replicate")["value"]
    # Means of 20 scores with an SD of 6: the two are 5 standard errors apart.
    assert (mean.loc[[1, 3]].to_numpy() > mean.loc[[0, 2]].to_numpy() + 3.0).all()
    assert json.loads((out / "validation.json").read_text())["posterior_draws"] == 2
    pd.DataFrame({"course.means.9": [2.0]}).to_parquet(sample, index=False)
    again = ["validate", *TOY, *quick[:-1], str(tmp_path / "other"), "--posterior", str(sample)]
    assert call(again) == 2
    assert "posterior.parquet does not fit the scenario: it has no " in capsys.readouterr().err
    assert call([*again, "--point"]) == 2
    assert "--posterior and --point are not allowed together" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a", "b"], "posterior.parquet is no posterior sample: could not convert string to float"),
        ([0.4, 7.0], "posterior.parquet: set 1: followup.dropout: Input should be less than"),
    ],
)
def test_a_sample_of_other_things_is_refused_in_a_line(tmp_path, capsys, values, told):
    sample = tmp_path / "posterior.parquet"
    pd.DataFrame({"followup.dropout": values}).to_parquet(sample, index=False)
    out = str(tmp_path / "study")
    assert call(["validate", *TOY, "--posterior", str(sample), "--out", out]) == 2
    line = capsys.readouterr().err
    assert told in line
    assert "https://" not in line


def test_the_sample_that_comes_with_a_scenario_is_for_that_scenario_alone():
    own = load_scenario("selfback_2021", ["seed=5"])
    assert shipped_sample(own).name == "selfback_2021.posterior.parquet"
    changed = load_scenario("selfback_2021", ["trial.sample_size=40"])
    assert shipped_sample(changed) is None
    assert shipped_sample(load_scenario("planned_2018")) is None


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


def test_differences_between_treatments_are_told_with_what_compares_them(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "150")  # a narrow terminal folds lines
    both = ("--set", "published=['selfback_2021', 'independent']")
    out = tmp_path / "study"
    quick = ("--replicates", "2", "--jobs", "1", "--out", str(out))
    assert (
        call(["validate", "null_exchangeable", "--set", "trial.sample_size=40", *both, *quick]) == 0
    )
    printed = capsys.readouterr().out
    told = printed.split("Of other studies, for a comparison of simulated trials\n")[1]
    assert told.splitlines()[:4] == [
        "  Sessions, case-based less generic advice, d: 0.139 (0.111 to 0.166), 40 studies",
        "    source: Lustria 2013: tailored against generic print or web advice, health behaviour",
        "    use: app.exercise.per_fit: case-based less guideline is to be inside",
        "    compared by: python docs/studies/recommender_studies.py",
    ]
    assert "    compared by: nothing yet\n" in told
    assert call(["validate", "--from", str(out), "--json"]) == 0
    anchors = json.loads(capsys.readouterr().out)["anchors"]
    assert len(anchors) == told.count("    source: ") == 4
    assert set(anchors[0]) == {
        "label", "value", "ci", "n", "counted", "source", "used", "compared",
    }  # fmt: skip
    assert (anchors[0]["value"], anchors[0]["ci"]) == (0.139, [0.111, 0.166])


def test_without_other_studies_no_differences_are_told(study, capsys):
    assert call(["validate", "--from", str(study)]) == 0
    assert "Of other studies" not in capsys.readouterr().out
