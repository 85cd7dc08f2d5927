import json

import numpy as np
import pandas as pd
import pytest

from sim.cli import call
from sim.replicates.subgroup_effects import SubgroupReplicate, read_split
from sim.simulate import simulate
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.tables.trial_tables import trial_data

BY = ("pain=5", "duration")


@pytest.fixture(scope="module")
def table(small):
    splits = tuple(read_split(text, small) for text in BY)
    return SubgroupReplicate(splits)(small, 0)["subgroups"].to_pandas()


def test_subgroups_of_a_trait_share_out_the_participants(table):
    assert (table.groupby("trait")["n"].sum() == 80).all()
    assert list(table["subgroup"][:3]) == ["all randomized", "at most 5", "above 5"]


def test_the_effect_of_all_is_the_mean_over_subgroups(table):
    whole = table["effect"][0]
    for _, group in table[table["trait"] != ""].groupby("trait"):
        seen = group[group["n"] > 0]
        assert np.average(seen["effect"], weights=seen["n"]) == pytest.approx(whole)
        assert np.average(seen["worse"], weights=seen["n"]) == pytest.approx(table["worse"][0])
    assert (table["worse"].dropna() + table["better"].dropna()).max() <= 1.0


def test_everybody_is_the_truth_and_the_primary_analysis_of_a_study(small, table, tmp_path):
    scenario = small.model_copy(update={"truth": True})
    out = tmp_path / "study"
    run_study(scenario, replicates=1, executor=make_executor("joblib", 1), out=out)
    truth = pd.read_parquet(out / "truth.parquet").query(
        "population == 'all randomized' and outcome == 'rmdq' and visit == '3 months'"
    )
    fit = pd.read_parquet(out / "estimates.parquet").query(
        "analysis == 'clda' and outcome == 'rmdq' and visit == '3 months'"
    )
    assert table["effect"][0] == pytest.approx(truth["effect"].item())
    assert table["estimate"][0] == pytest.approx(fit["estimate"].item(), rel=1e-6)


def test_members_are_those_with_the_trait(small, table):
    trial = simulate(small, 0)
    data = trial_data(trial)
    counts = np.bincount(data.traits["duration"].astype(int), minlength=4)
    assert list(table.loc[table["trait"] == "duration", "n"]) == list(counts)


def test_a_constant_effect_harms_nobody_and_is_found_in_every_subgroup(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--set", "trial.sample_size=60", "--replicates", "20", "--jobs", "1"]
    given = ["--by", "sex", "--out", str(out)]
    assert call(["subgroups", "planned_2018", *arguments, *given, "--json"]) == 0
    for row in json.loads(capsys.readouterr().out)["subgroups"]:
        assert row["effect"] == pytest.approx(-2.0)
        assert (row["worse"], row["better"]) == (0.0, 1.0)
        assert abs(row["bias"]) < 3.5 * row["bias_error"]
    assert call(["subgroups", "planned_2018", *arguments, *given, "--overwrite"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "rmdq at 3 months, estimates by clda" in printed
    assert "Worse and better" in printed


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("pein=5", "did you mean pain"),
        ("pain", "such as --by pain=5"),
        ("duration=3", "write --by duration"),
    ],
)
def test_a_mistake_is_told_in_one_line(by, told, tmp_path, capsys):
    out = tmp_path / "out"
    assert call(["subgroups", "planned_2018", "--by", by, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()
