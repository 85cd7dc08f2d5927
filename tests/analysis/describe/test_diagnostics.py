import numpy as np
import pytest

from analysis.describe.diagnostics import diagnose, predictions
from analysis.estimators.clda import fit_random_intercept
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.plan.design_matrix import LongData
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data


def test_predictions_solve_the_mixed_model_equations():
    generator = np.random.default_rng(1)
    cluster = np.repeat(np.arange(40), generator.integers(1, 6, 40))
    X = np.column_stack([np.ones(len(cluster)), generator.standard_normal(len(cluster))])
    y = (
        X @ [1.0, 2.0]
        + generator.standard_normal(40)[cluster]
        + generator.standard_normal(len(cluster))
    )
    fit = fit_random_intercept(y, X, cluster)
    residuals, intercepts = predictions(fit, LongData(y, ClusteredDesign(X, cluster), {}))
    # Henderson's equations for the intercepts: (Z'Z + sigma^2/tau^2 I) b = Z'(y - X beta).
    Z = (cluster[:, None] == np.arange(40)).astype(float)
    ratio = fit.residual_variance / fit.between_variance
    exact = np.linalg.solve(Z.T @ Z + ratio * np.eye(40), Z.T @ (y - X @ fit.beta))
    assert intercepts == pytest.approx(exact)
    assert residuals == pytest.approx(y - X @ fit.beta - Z @ exact)


def test_normal_data_of_equal_spread_pass_and_skewed_ones_do_not():
    scenario = load_scenario("planned_2018", ["trial.sample_size=600", "followup.dropout=0.0"])
    data = trial_data(simulate(scenario, 0))
    clean = diagnose(data, scenario.analysis)
    assert abs(clean.residual_skewness) < 4 * np.sqrt(6 / 3000)
    # An SD of 300 values has a log SE of 1 / sqrt(600); largest and smallest within 4 of these.
    assert clean.largest_spread_ratio < np.exp(8 / np.sqrt(600))
    data.scores["rmdq"][:] = np.exp(data.scores["rmdq"] / 4)
    skewed = diagnose(data, scenario.analysis)
    assert skewed.residual_normality_p < 1e-6
    assert skewed.homogeneity_p < 1e-3
    assert skewed.intercept_skewness > 1


def test_no_fit_no_checks():
    scenario = load_scenario("planned_2018", ["trial.sample_size=40"])
    data = trial_data(simulate(scenario, 0))
    data.scores["rmdq"][:] = 5.0
    assert diagnose(data, scenario.analysis) is None


def test_what_the_rows_do_not_tell_is_left_out_of_the_checks():
    scenario = load_scenario("planned_2018", ["trial.sample_size=60"])
    data = trial_data(simulate(scenario, 0))
    data.scores["rmdq"][:, 2] = np.nan
    data.scores["rmdq"][data.arm == 1, 4] = np.nan
    found = diagnose(data, scenario.analysis)
    assert found.residual_normality_p > 0.0
    assert 0.0 < found.homogeneity_p < 1.0
    assert found.largest_spread_ratio > 1.0
