"""Rubin's rules against numbers worked by hand."""

import numpy as np
import pytest
from scipy import stats

from analysis.estimators.imputed.pooling import pool, pool_covariance


def test_a_worked_example():
    # W = 4, B = 1, T = 4 + 4/3 = 16/3, share 1/4.
    pooled = pool([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    assert pooled.estimate == 2
    np.testing.assert_allclose(pooled.se, np.sqrt(16 / 3))
    np.testing.assert_allclose(pooled.fraction_missing, 0.25)
    np.testing.assert_allclose(pooled.df, 2 * 16)  # (M - 1) / share^2


def test_barnard_and_rubin_degrees_of_freedom():
    # Old df 32; observed 98 x 97 / 100 ... with 97 complete degrees of freedom: 98/100 x 97 x 3/4.
    pooled = pool([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], complete_df=97)
    observed = 0.98 * 97 * 0.75
    np.testing.assert_allclose(pooled.df, 32 * observed / (32 + observed))
    assert pooled.df < 97


def test_interval_and_p_value_are_those_of_t():
    pooled = pool([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    low, high = pooled.interval(0.9)
    reach = stats.t.ppf(0.95, 32) * np.sqrt(16 / 3)
    np.testing.assert_allclose([low, high], [2 - reach, 2 + reach])
    np.testing.assert_allclose(pooled.p_value(), 2 * stats.t.sf(2 / np.sqrt(16 / 3), 32))
    np.testing.assert_allclose(pool([0, 0], [1, 1]).p_value(), 1)


def test_without_variation_between_tables_the_complete_analysis_remains():
    pooled = pool([2.0] * 5, [0.5] * 5)
    assert (pooled.estimate, pooled.se, pooled.df) == (2, 0.5, np.inf)
    np.testing.assert_allclose(pooled.interval(), [2 - 0.9799820, 2 + 0.9799820])
    np.testing.assert_allclose(pool([2.0] * 5, [0.5] * 5, complete_df=97).df, 98 / 100 * 97)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="2 or more"):
        pool([1.0], [1.0])
    with pytest.raises(ValueError, match="not positive"):
        pool([1.0, 2.0], [1.0, 0.0])


def test_pooled_covariances_have_the_pooled_errors_on_their_diagonal():
    """And the error of a difference is that of pooled differences."""
    rng = np.random.default_rng(7)
    estimates = rng.normal(size=(6, 3))
    roots = rng.normal(size=(6, 3, 3))
    covariances = roots @ roots.swapaxes(1, 2)
    total = pool_covariance(estimates, covariances)
    for weights in (*np.eye(3), np.array([1.0, -1.0, 0.5])):
        errors = np.sqrt(np.einsum("i,mij,j->m", weights, covariances, weights))
        pooled = pool(estimates @ weights, errors)
        assert np.sqrt(weights @ total @ weights) == pytest.approx(pooled.se)
    with pytest.raises(ValueError, match="2 tables or more"):
        pool_covariance(estimates[:1], covariances[:1])
    with pytest.raises(ValueError, match="2 tables or more"):
        pool_covariance(estimates, covariances[:, :2, :2])
