"""The plan where participants of a clinic are alike: no analysis forgets it."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.describe.summaries import describe
from analysis.plan.analyse import Analysis, analyse, analysis_names
from analysis.plan.subgroups import subgroup_estimates
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

ALTERNATIVES = ("ancova", "t-test on change", "clda reml", "mmrm", "mmrm constrained")


@pytest.fixture(scope="module")
def trial():
    scenario = load_scenario(
        "cluster_by_clinic", ["trial.sample_size=240", 'analysis.covariates=["country", "age"]']
    )
    return scenario.analysis, trial_data(simulate(scenario, 0))


def run(data, plan, *picked) -> Analysis:
    names = picked or analysis_names(plan)
    return analyse(data, plan, np.random.default_rng(1), names)


def test_every_analysis_takes_its_error_over_clinics(trial):
    plan, data = trial
    plan = plan.model_copy(update={"alternatives": ALTERNATIVES})
    aware = run(data, plan).estimates
    blind = run(data, plan.model_copy(update={"cluster": "none"})).estimates
    assert {e.analysis.partition(",")[0] for e in aware} == set(analysis_names(plan))
    clinics = len(np.unique(data.clinic))
    converged = 0
    for one, other in zip(aware, blind, strict=True):
        assert (one.analysis, one.visit) == (other.analysis, other.visit)
        assert one.converged == other.converged
        if one.converged:
            converged += 1
            assert one.estimate == pytest.approx(other.estimate, rel=1e-9, abs=1e-12)
            assert one.se != pytest.approx(other.se, rel=1e-6)
            assert 1.0 < one.df < clinics
            assert one.lower < one.estimate < one.upper
    assert converged > 0.9 * len(aware)


def test_the_analysis_that_ignores_clinics_is_the_primary_one_without_them(trial):
    plan, data = trial
    ignoring = run(data, plan, "clda ignoring clinics").estimates
    plain = run(replace(data, clinic=None), plan.model_copy(update={"cluster": "none"}), "clda")
    expected = [e for e in plain.estimates if e.outcome == "rmdq"]
    assert len(ignoring) == len(expected) == 4
    for one, other in zip(ignoring, expected, strict=True):
        assert one.df is None
        assert one.se == pytest.approx(other.se, rel=1e-9)


def test_a_subgroup_is_analysed_over_clinics(trial):
    plan, data = trial
    members = data.arm >= 0
    (whole,) = subgroup_estimates(data, plan, members)
    primary = next(
        e for e in run(data, plan, "clda").estimates
        if (e.outcome, e.visit) == ("rmdq", plan.primary_visit)
    )  # fmt: skip
    assert whole.se == pytest.approx(primary.se, rel=1e-6)
    assert whole.df == pytest.approx(primary.df, rel=1e-6)


def test_an_arm_of_one_clinic_is_a_failure_with_its_reason(trial):
    plan, data = trial
    one = replace(data, clinic=np.where(data.arm == 1, 99, data.clinic))
    for estimate in run(one, plan, "clda", "gee logistic").estimates:
        # Control at one visit and at another are still compared over many clinics.
        assert estimate.converged == ("control to control" in estimate.contrast)
        assert (
            estimate.converged
            or estimate.failure == "too few clusters: a contrast rests on one of them alone"
        )


def test_data_without_clinics_are_refused(trial):
    plan, data = trial
    with pytest.raises(ValueError, match="the data have no clinics"):
        run(replace(data, clinic=None), plan)


def test_clinics_are_described(trial):
    plan, data = trial
    described = describe(data, plan, run(data, plan, "clda"))
    rows = {(quantity, visit, arm): value for quantity, _, visit, arm, value in described}
    _, size = np.unique(data.clinic, return_counts=True)
    assert rows["clinics", "", "all"] == len(size)
    assert rows["clinics", "", "control"] + rows["clinics", "", "intervention"] == len(size)
    assert rows["clinic size", "", "all"] == pytest.approx(240 / len(size))
    assert rows["clinic size cv", "", "all"] == pytest.approx(size.std() / size.mean())
    for visit in data.visits:
        assert -1.0 < rows["intracluster correlation", visit, "all"] < 1.0
