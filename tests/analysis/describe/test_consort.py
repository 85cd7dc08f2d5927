"""The flow of participants of any number of arms."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.data.estimates import Estimate
from analysis.describe.consort import analysed_by_arm, flow_rows, stages_of_all
from analysis.plan.analyse import analyse
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

COUNTS = {
    "interested": 12,
    "randomized": 9,
    "care: allocated": 3,
    "care: answered": 2,
    "care: withdrew: refused care": 1,
    "band: allocated": 3,
    "band: got the wristband": 2,
    "band: answered": 3,
    "app: allocated": 3,
    "app: installed the app": 3,
    "app: answered": 1,
    "app: withdrew: technical": 1,
}


def test_every_stage_of_every_arm_is_told_in_its_place():
    rows = flow_rows(COUNTS, ["care", "band", "app"])
    assert rows[:2] == [("interested", "12", "", ""), ("randomized", "9", "", "")]
    assert rows[2:] == [
        ("allocated", "3", "3", "3"),
        ("installed the app", "-", "-", "3"),
        ("got the wristband", "-", "2", "-"),
        ("answered", "2", "3", "1"),
        ("withdrew: technical", "-", "-", "1"),
        ("withdrew: refused care", "1", "-", "-"),
    ]


def test_each_arm_keeps_the_order_of_its_stages():
    by_arm = [{"a": 0, "b": 0, "c": 0}, {"a": 0, "x": 0, "c": 0}, {"y": 0, "a": 0, "x": 0, "b": 0}]
    order = stages_of_all(by_arm[:2])
    for own in by_arm[:2]:
        assert [stage for stage in order if stage in own] == list(own)
    assert sorted(stages_of_all(by_arm)) == ["a", "b", "c", "x", "y"]


@pytest.fixture(scope="module")
def trial():
    scenario = load_scenario(
        "selfback_2021",
        ["trial.sample_size=80", 'analysis.alternatives=["ancova", "mmrm"]',
         "followup.missingness=mcar"],
    )  # fmt: skip
    data = trial_data(simulate(scenario, 0))
    return data, scenario.analysis, analyse(data, scenario.analysis, np.random.default_rng(0))


@pytest.mark.parametrize("analysis", ["clda", "mmrm", "ancova"])
def test_who_was_analysed_is_who_the_model_took(trial, analysis):
    data, plan, found = trial
    chosen = plan.model_copy(update={"primary_analysis": analysis})
    by_arm = analysed_by_arm(data, chosen, found.estimates)
    scores = data.scores["rmdq"]
    later = scores[:, 1:] if analysis == "mmrm" else scores[:, [2]]
    took = np.full(len(data), True) if analysis == "clda" else ~np.isnan(later).all(axis=1)
    assert by_arm == tuple(int(took[data.arm == code].sum()) for code in (0, 1))
    assert sum(by_arm) < 80 or analysis == "clda"


def test_nothing_is_told_of_a_model_that_took_others_or_did_not_run(trial):
    data, plan, found = trial
    assert analysed_by_arm(data, plan, []) is None
    fewer = [replace(e, n=e.n - 1) if isinstance(e, Estimate) else e for e in found.estimates]
    assert analysed_by_arm(data, plan, fewer) is None
