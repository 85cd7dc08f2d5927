"""Comparisons at one visit against scipy and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.estimators.ancova import ancova, t_test_on_change
from analysis.estimators.errors import FitError


def visit(n=90, seed=1):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    baseline = rng.normal(10, 4, n)
    covariates = np.column_stack([baseline, rng.normal(size=n), rng.integers(0, 2, n)])
    return baseline, 0.6 * baseline - arm + rng.normal(0, 3, n), arm, covariates


def test_ancova_is_least_squares():
    _, outcome, arm, covariates = visit()
    ours = ancova(outcome, arm, covariates)
    reference = sm.OLS(outcome, np.column_stack([np.ones(90), arm, covariates])).fit()
    np.testing.assert_allclose(ours.estimate, reference.params[1], rtol=1e-10)
    np.testing.assert_allclose(ours.se, reference.bse[1], rtol=1e-10)
    assert (ours.df, ours.n) == (85, 90)


def test_change_is_compared_by_students_t_test():
    baseline, outcome, arm, _ = visit()
    ours = t_test_on_change(baseline, outcome, arm)
    change = outcome - baseline
    reference = stats.ttest_ind(change[arm == 1], change[arm == 0])
    np.testing.assert_allclose(ours.estimate / ours.se, reference.statistic, rtol=1e-10)
    assert ours.df == reference.df


def test_the_other_arm_as_reference_flips_the_sign():
    _, outcome, arm, covariates = visit()
    one, two = ancova(outcome, arm, covariates), ancova(outcome, 1 - arm, covariates)
    np.testing.assert_allclose([two.estimate, two.se], [-one.estimate, one.se], rtol=1e-10)


def test_failures_have_reasons():
    _, outcome, arm, covariates = visit()
    with pytest.raises(FitError, match="only one arm"):
        ancova(outcome, np.ones(90))
    with pytest.raises(FitError, match="columns 5"):
        ancova(outcome, arm, np.column_stack([covariates, covariates[:, 0]]))
    with pytest.raises(FitError, match="too few"):
        ancova(outcome[:5], [0, 1, 0, 1, 0], covariates[:5])
    with pytest.raises(FitError, match="not finite"):
        ancova(np.where(outcome > 5, np.nan, outcome), arm)
    with pytest.raises(FitError, match="no residual"):
        ancova(3.0 - 2 * arm, arm)
    with pytest.raises(ValueError, match="0 or 1"):
        ancova(outcome, arm + 1)
