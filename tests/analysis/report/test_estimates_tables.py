import numpy as np
import pytest

from analysis.data.estimates import failed_estimate, normal_estimate
from analysis.plan.analyse import Analysis, analyse
from analysis.report.estimates_tables import Cells, other_analyses_table, outcome_table
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import run_trial
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

ANCOVA = ['analysis.alternatives=["ancova"]', "analysis.primary_analysis=ancova"]


@pytest.fixture(scope="module")
def decided_by_ancova():
    scenario = load_scenario("planned_2018", ["trial.sample_size=60", *ANCOVA])
    return scenario.analysis, run_trial(scenario, 0)


def test_the_analysis_that_decides_heads_table_2(decided_by_ancova):
    plan, found = decided_by_ancova
    table = outcome_table(found.data, plan, found.analysis)
    (decides,) = [e for e in found.analysis.estimates if e.analysis == "ancova"]
    head, first = table.rows[:2]
    assert head[0].startswith("Primary analysis: RMDQ (disability), ancova (")
    assert head[0].endswith(f"n = {decides.n}")
    assert first[3] == Cells(plan.alpha).interval(decides)
    assert first[0].strip() == plan.primary_visit


def test_a_deciding_analysis_that_did_not_run_is_said_not_to_have(decided_by_ancova):
    plan, found = decided_by_ancova
    picked = analyse(found.data, plan, np.random.default_rng(1), ("clda",))
    table = outcome_table(found.data, plan, picked)
    assert "ancova, which is not among the analyses that ran" in table.rows[0][0]


def test_every_analysis_that_ran_is_in_a_table():
    changes = ["trial.sample_size=200", 'analysis.alternatives=["ancova", "mmrm"]']
    scenario = load_scenario("selfback_2021", changes)
    plan, data = scenario.analysis, trial_data(simulate(scenario, 0))
    found = analyse(data, plan, np.random.default_rng(1))
    others = other_analyses_table(data, plan, found).rows
    named = {row[0].rpartition(", ")[0] for row in others if not any(row[1:])}
    # Those of Tables 2 and 3 have a place there.
    assert named | {"clda", "gee logistic"} == {e.analysis for e in found.estimates}
    rows = [row for row in others if any(row[1:])]
    assert len(rows) == sum(e.analysis not in {"clda", "gee logistic"} for e in found.estimates)


def test_odds_ratios_are_printed_of_log_odds_ratios_with_their_side_of_1():
    label = ("firth", "rmdq improved by 4", "3 months", "log odds ratio")
    estimate = normal_estimate(label, 0.5, 0.25508, 100, 0.95)
    assert Cells(0.05).interval(estimate) == "1.65 (1.0001 to 2.72)"


def test_reasons_are_notes_each_once(decided_by_ancova):
    plan, found = decided_by_ancova
    visits = found.data.visits[1:]
    failed = [
        failed_estimate(("own", "rmdq", visit, "difference"), 9, "no residual variation")
        for visit in visits
    ]
    table = other_analyses_table(found.data, plan, Analysis(failed, []))
    assert [row[1] for row in table.rows[1:]] == ["- (1)"] * len(visits)
    assert table.notes == ("(1) not estimated: no residual variation",)
