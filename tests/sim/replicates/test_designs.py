"""Every design of the library can be simulated and analysed."""

import pytest

from scenarios.loading.library import library
from scenarios.loading.load import load_scenario
from sim.replicates.analysed import PickedAnalyses


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name == "factorial_five" else name
        for name in sorted(library("designs"))
    ],
)
def test_a_design_runs_and_its_primary_analysis_has_an_estimate(name):
    scenario = load_scenario(name)
    plan = scenario.analysis
    small = scenario.trial.model_copy(update={"sample_size": 120})
    scenario = scenario.model_copy(update={"trial": small})
    tables = PickedAnalyses((plan.primary_analysis,))(scenario, 0)
    found = (
        tables["estimates"]
        .to_pandas()
        .query("outcome == @plan.primary_outcome and visit == @plan.primary_visit")
    )
    compared = len(plan.contrasts) or len(scenario.arms) - 1
    assert found["analysis"].tolist() == [plan.primary_analysis] * compared
    assert found["converged"].all()
    assert found["se"].gt(0).all()
