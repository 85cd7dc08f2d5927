"""Comparisons at one visit against scipy and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.estimators.errors import FitError
from analysis.estimators.least_squares import least_squares


def visit(n=90, seed=1):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    baseline = rng.normal(10, 4, n)
    covariates = np.column_stack([baseline, rng.normal(size=n), rng.integers(0, 2, n)])
    return baseline, 0.6 * baseline - arm + rng.normal(0, 3, n), arm, covariates


def design(*columns):
    return np.column_stack([np.ones(len(columns[0])), *columns])


def test_ancova_is_least_squares():
    _, outcome, arm, covariates = visit()
    X = design(arm, covariates)
    ours, reference = least_squares(outcome, X), sm.OLS(outcome, X).fit()
    np.testing.assert_allclose(ours.beta, reference.params, rtol=1e-10)
    np.testing.assert_allclose(ours.covariance, reference.cov_params(), rtol=1e-9, atol=1e-14)
    assert ours.df(np.eye(5)[1]) == 85


def test_change_is_compared_by_students_t_test():
    baseline, outcome, arm, _ = visit()
    change = outcome - baseline
    ours = least_squares(change, design(arm))
    reference = stats.ttest_ind(change[arm == 1], change[arm == 0])
    statistic = ours.beta[1] / np.sqrt(ours.covariance[1, 1])
    np.testing.assert_allclose(statistic, reference.statistic, rtol=1e-10)
    assert ours.df(np.eye(2)[1]) == reference.df


def test_the_other_arm_as_reference_flips_the_sign():
    _, outcome, arm, covariates = visit()
    one = least_squares(outcome, design(arm, covariates))
    two = least_squares(outcome, design(1 - arm, covariates))
    np.testing.assert_allclose(
        [two.beta[1], two.covariance[1, 1]], [-one.beta[1], one.covariance[1, 1]], rtol=1e-10
    )


def test_failures_have_reasons():
    _, outcome, arm, covariates = visit()
    with pytest.raises(FitError, match="columns 1"):
        least_squares(outcome, design(np.ones(90)))
    with pytest.raises(FitError, match="columns 5"):
        least_squares(outcome, design(arm, covariates, covariates[:, 0]))
    with pytest.raises(FitError, match="too few"):
        least_squares(outcome[:5], design(arm, covariates)[:5])
    with pytest.raises(FitError, match="not finite"):
        least_squares(np.where(outcome > 5, np.nan, outcome), design(arm))
    with pytest.raises(FitError, match="no residual"):
        least_squares(3.0 - 2 * arm, design(arm))
