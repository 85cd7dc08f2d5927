import json

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.study.executors import make_executor
from sim.study.runner import run_study
from sim.study.store.reading import KeptStudy
from sim.study.truth import study_estimates

REPLICATES = 40


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    out = tmp_path_factory.mktemp("performance") / "study"
    scenario = load_scenario("planned_2018", ["trial.sample_size=80", "truth=true"])
    run_study(scenario, replicates=REPLICATES, executor=make_executor("joblib", 1, None), out=out)
    return out


def test_the_truth_of_a_normal_course_is_the_stated_effect(study):
    estimates, truth = study_estimates(KeptStudy(study))
    assert truth.notna().all()
    assert truth.to_numpy() == pytest.approx(np.full(len(estimates), -2.0))


def test_measures_agree_with_numpy(study, capsys):
    assert call(["performance", str(study), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["measures"]
    found = {
        row["measure"]: row
        for row in rows
        if row["analysis"] == "clda" and row["visit"] == "3 months"
    }
    estimates, _ = study_estimates(KeptStudy(study))
    chosen = estimates[(estimates["analysis"] == "clda") & (estimates["visit"] == "3 months")]
    error = chosen["estimate"] + 2.0
    assert found["bias"]["value"] == pytest.approx(error.mean())
    assert found["bias"]["mcse"] == pytest.approx(error.std(ddof=1) / np.sqrt(REPLICATES))
    covered = (chosen["lower"] <= -2.0) & (chosen["upper"] >= -2.0)
    assert found["coverage"]["value"] == pytest.approx(covered.mean())


def test_the_table_names_every_analysis(study, capsys):
    assert call(["performance", str(study)]) == 0
    printed = capsys.readouterr().out
    assert "clda unadjusted, difference" in printed
    assert "At 9 months" in printed


def test_a_folder_without_a_study_and_an_unknown_outcome_are_refused(study, tmp_path, capsys):
    assert call(["performance", str(tmp_path)]) == 2
    assert "is no study" in capsys.readouterr().err
    assert call(["performance", str(study), "--outcome", "rmdqq"]) == 2
    assert "it has rmdq" in capsys.readouterr().err
