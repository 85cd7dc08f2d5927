"""The plan on simulated trials: engines agree, and known truths are found."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.describe.summaries import describe
from analysis.plan.analyse import Analysis
from analysis.plan.analyse import analyse as run_plan
from analysis.plan.design_matrix import covariate_matrix, long_data
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data


def analyse(data, plan) -> Analysis:
    return run_plan(data, plan, np.random.default_rng(1))


@pytest.fixture(
    scope="module", params=[0, *(pytest.param(more, marks=pytest.mark.slow) for more in (1, 2))]
)
def shipped(request):
    scenario = load_scenario("selfback_2021")
    return scenario, trial_data(simulate(scenario, request.param))


def test_our_engine_and_statsmodels_agree_on_three_simulated_trials(shipped):
    scenario, data = shipped
    plan = scenario.analysis.model_copy(
        update={
            "continuous": ("rmdq", "bipq", "gpe"),
            "responder_points": (4,),
            "secondary_response": {"pseq": 8.0},
            "secondary_level": {"gpe": 2.0},
            "sensitivity": ("complete case", "per protocol"),
        }
    )
    ours = analyse(data, plan).estimates
    theirs = analyse(data, plan.model_copy(update={"engine": "statsmodels"})).estimates
    assert len(ours) == len(theirs) == 3 * 2 * 4 + 3 * (4 + 7 + 4) + 2 * 4
    for mine, reference in zip(ours, theirs, strict=True):
        assert mine.converged
        assert reference.converged
        assert mine.estimate == pytest.approx(reference.estimate, rel=1e-6, abs=1e-6)
        assert mine.se == pytest.approx(reference.se, rel=1e-5)


def test_every_estimate_of_the_shipped_trial_converges(shipped):
    scenario, data = shipped
    for estimate in analyse(data, scenario.analysis).estimates:
        assert estimate.converged, estimate
        assert estimate.lower < estimate.estimate < estimate.upper
        fewer = ("gee", "clda complete case", "clda per protocol")
        if not estimate.analysis.startswith(fewer) and estimate.outcome != "gpe":
            assert estimate.n == 461


def test_swapped_arms_change_the_sign_of_every_effect(shipped):
    scenario, data = shipped
    swapped = replace(data, arm=1 - data.arm)
    plan = scenario.analysis.model_copy(update={"sensitivity": ("complete case",)})
    for mine, other in zip(
        analyse(data, plan).estimates, analyse(swapped, plan).estimates, strict=True
    ):
        if mine.contrast not in {"difference", "log odds ratio", "risk difference"}:
            continue  # against control at the first visit: swapping the arms asks another question
        assert mine.estimate == pytest.approx(-other.estimate, rel=1e-5, abs=1e-7)
        assert mine.se == pytest.approx(other.se, rel=1e-6)


def test_imputation_of_complete_data_is_the_complete_analysis():
    scenario = load_scenario(
        "null_exchangeable", ["trial.sample_size=100", "analysis.imputations=5"]
    )
    data = trial_data(simulate(scenario, 0))
    scores = data.scores["rmdq"]
    whole = data.take(~np.isnan(scores).any(axis=1))
    plan = scenario.analysis.model_copy(
        update={"sensitivity": ("multiple imputation",), "alternatives": ()}
    )
    estimates = analyse(whole, plan).estimates
    complete = [e for e in estimates if e.analysis == "clda"]
    imputed = [e for e in estimates if e.analysis == "clda multiple imputation"]
    assert len(imputed) == len(complete) == 4
    for one, other in zip(complete, imputed, strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-10)
        assert other.se == pytest.approx(one.se, rel=1e-10)


def test_outcomes_fitted_together_are_what_they_are_alone(shipped):
    scenario, data = shipped
    picked = ("clda", "clda unadjusted")
    plan = scenario.analysis.model_copy(update={"secondary_level": {}})
    rng = np.random.default_rng(1)
    together = {
        (e.analysis, e.outcome, e.visit): e for e in run_plan(data, plan, rng, picked).estimates
    }
    for outcome in ("nrs_worst", "eq_5d", "gpe"):
        alone = plan.model_copy(update={"continuous": (outcome,)})
        for mine in run_plan(data, alone, rng, picked).estimates:
            other = together[mine.analysis, mine.outcome, mine.visit]
            assert mine.estimate == pytest.approx(other.estimate, rel=1e-9)
            assert mine.se == pytest.approx(other.se, rel=1e-9)


@pytest.mark.parametrize("constrained", [True, False])
def test_repeated_measures_with_everybody_seen_are_ancova_at_each_visit(constrained):
    """With complete data and a slope for each visit the visits separate (REML, unstructured)."""
    scenario = load_scenario(
        "null_ar1", ["trial.sample_size=400", "analysis.primary_visit=9 months"]
    )
    data = trial_data(simulate(scenario, 0))
    data = data.take(~np.isnan(data.scores["rmdq"]).any(axis=1))
    name = "mmrm constrained" if constrained else "mmrm"
    plan = scenario.analysis.model_copy(update={"alternatives": (name, "ancova")})
    found = {(e.analysis, e.visit): e for e in analyse(data, plan).estimates}
    mine, reference = found[name, "9 months"], found["ancova", "9 months"]
    if constrained:  # the baseline means are known to be equal: nearly, not exactly, the same
        assert mine.estimate == pytest.approx(reference.estimate, abs=0.2 * reference.se)
    else:
        assert mine.estimate == pytest.approx(reference.estimate, rel=1e-7)
    assert mine.se == pytest.approx(reference.se, rel=0.02 if constrained else 1e-6)


def test_the_model_finds_the_stated_effect_and_its_own_error():
    scenario = load_scenario("planned_2018", ["trial.sample_size=120", "followup.dropout=0.2"])
    found = []
    for replicate in range(60):
        data = trial_data(simulate(scenario, replicate))
        first = next(e for e in analyse(data, scenario.analysis).estimates if e.visit == "3 months")
        found.append((first.estimate, first.se))
    estimates, errors = np.array(found).T
    spread = estimates.std(ddof=1)
    assert abs(estimates.mean() + 2.0) < 4 * spread / np.sqrt(60)
    # The SD over 60 replicates has a relative error of 1 / sqrt(118).
    assert abs(errors.mean() / spread - 1) < 4 / np.sqrt(118)


def test_a_model_without_an_answer_is_a_row_with_its_reason_and_stops_no_other():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=60"])
    data = trial_data(simulate(scenario, 0))
    data.scores["pseq"][:] = np.nan
    estimates = analyse(data, scenario.analysis).estimates
    failed = {e.outcome for e in estimates if not e.converged}
    assert "pseq" in failed
    assert "rmdq" not in failed
    assert all(e.failure for e in estimates if not e.converged)


def test_empty_levels_are_left_out_of_the_covariates():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=60"])
    data = trial_data(simulate(scenario, 0))
    full = covariate_matrix(data, scenario.analysis.covariates).shape[1]
    data.traits["education"][:] = 2.0
    assert covariate_matrix(data, scenario.analysis.covariates).shape[1] <= full - 1


def test_long_data_has_a_row_for_each_answer_and_no_effect_at_baseline():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=60"])
    data = trial_data(simulate(scenario, 0))
    covariates = covariate_matrix(data, scenario.analysis.covariates)
    long = long_data(data, data.scores["rmdq"], data.visits, covariates, constrained_baseline=True)
    assert len(long.y) == np.isfinite(data.scores["rmdq"]).sum()
    assert list(long.contrasts) == list(data.visits[1:])
    at_baseline = long.X[:, 0] == 1
    assert not long.X[at_baseline][:, list(long.contrasts.values())].any()


def test_descriptions_are_what_numpy_says():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=100"])
    data = trial_data(simulate(scenario, 0))
    analysis = analyse(data, scenario.analysis)
    rows = {row[:4]: row[4] for row in describe(data, scenario.analysis, analysis)}
    control = data.arm == 0
    start, later = data.scores["rmdq"][control][:, [0, 2]].T
    seen = ~np.isnan(later)
    assert rows["answered", "rmdq", "3 months", "control"] == seen.sum()
    change = (later - start)[seen]
    assert rows["change", "rmdq", "3 months", "control"] == pytest.approx(change.mean())
    assert rows["response 4", "rmdq", "3 months", "control"] == pytest.approx((change <= -4).mean())
    adherent = data.plans_made[data.arm == 1] >= 6
    assert rows["adherence", "", "", "intervention"] == pytest.approx(adherent.mean())
