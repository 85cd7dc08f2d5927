"""Imputation where the answer is known, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimators.errors import FitError
from analysis.estimators.imputed import chains as imputation
from analysis.estimators.imputed.chains import impute_normal
from analysis.estimators.imputed.pooling import pool

quickly = settings(max_examples=10)


def table(n=200, seed=1):
    """Two complete columns, in odd units, and three follow-up visits."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    complete = np.column_stack([1e4 + 500 * trait + 100 * rng.normal(size=n), rng.random(n)])
    visits = 10 - trait[:, None] * [2, 2, 2] + rng.normal(size=(n, 3))
    return np.column_stack([complete, visits])


def with_gaps(n=200, seed=1):
    data = table(n, seed)
    gaps = np.random.default_rng(seed + 1).random((n, 3)) < 0.3
    data[:, 2:][gaps] = np.nan
    return data


def test_complete_data_come_back_as_they_are():
    data = table()
    filled = impute_normal(data, imputations=3, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(filled, np.stack([data] * 3))


@quickly
@given(st.integers(0, 2**16), st.integers(30, 120))
def test_observed_values_stay_and_gaps_are_filled(seed, n):
    data = with_gaps(n, seed)
    before = data.copy()
    filled = impute_normal(data, imputations=4, most_steps=5, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(data, before)
    assert filled.shape == (4, n, 5)
    assert np.isfinite(filled).all()
    seen = np.isfinite(data)
    for one in filled:
        np.testing.assert_array_equal(one[seen], data[seen])
    gaps = filled[:, ~seen]
    assert (gaps.std(axis=0) > 0).all()


def test_the_same_generator_gives_the_same_tables():
    one, two = (impute_normal(with_gaps(), rng=np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@quickly
@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e3))
def test_units_only_change_units(shift, scale):
    data = with_gaps(80)
    rescaled = shift + scale * data
    one = impute_normal(data, imputations=2, most_steps=20, rng=np.random.default_rng(3))
    two = impute_normal(rescaled, imputations=2, most_steps=20, rng=np.random.default_rng(3))
    np.testing.assert_allclose(
        (two - shift) / scale, one, rtol=1e-5, atol=1e-6 * abs(shift / scale)
    )


def test_a_repeated_complete_column_changes_nothing():
    data = with_gaps()
    one = impute_normal(data, imputations=2, rng=np.random.default_rng(3))
    more = np.column_stack([data, np.ones(len(data)), 3 * data[:, 0] - data[:, 1]])
    two = impute_normal(more, imputations=2, rng=np.random.default_rng(3))
    np.testing.assert_allclose(two[:, :, :5], one, rtol=1e-9)


def test_one_incomplete_column_is_bayesian_regression():
    """The posterior predictive distribution of a gap is a t distribution in closed form."""
    rng = np.random.default_rng(5)
    n, k = 30, 20000
    x = rng.normal(size=n)
    y = 1 + 2 * x + rng.normal(size=n)
    y[0], x[0] = np.nan, 1.5
    filled = impute_normal(
        np.column_stack([x, y]), imputations=k, most_steps=8, rng=np.random.default_rng(6)
    )
    X = np.column_stack([np.ones(n), x])
    gram = np.linalg.inv(X[1:].T @ X[1:])
    beta = gram @ X[1:].T @ y[1:]
    df = n - 1 - 2
    variance = np.sum((y[1:] - X[1:] @ beta) ** 2) / df * (1 + X[0] @ gram @ X[0])
    draws = (filled[:, 0, 1] - X[0] @ beta) / np.sqrt(variance)
    # The variance of a t distribution is df / (df - 2), that of a squared draw by its kurtosis.
    expected = df / (df - 2)
    kurtosis = 3 + 6 / (df - 4)
    assert abs(draws.mean()) < 4 * np.sqrt(expected / k)
    assert abs(draws.var() - expected) < 4 * expected * np.sqrt((kurtosis - 1) / k)


def test_dropout_at_random_is_undone_and_intervals_cover():
    """Dropout that depends on an earlier visit biases complete cases, but not imputation."""
    rng = np.random.default_rng(7)
    replicates, n = 400, 100
    covariance = 4 * (0.4 * np.eye(4) + 0.6)
    estimates, covered, naive = [], [], []
    for _ in range(replicates):
        data = rng.multivariate_normal([10, 9, 8, 7], covariance, size=n)
        leaves = rng.random(n) < 1 / (1 + np.exp(-(data[:, 1] - 9)))
        data[leaves, 2:] = np.nan
        data[rng.random(n) < 0.1, 1] = np.nan
        naive.append(np.nanmean(data[:, 3]) - 7)
        last = impute_normal(data, imputations=20, most_steps=20, rng=rng)[:, :, 3]
        pooled = pool(last.mean(axis=1), last.std(axis=1, ddof=1) / np.sqrt(n), complete_df=n - 1)
        low, high = pooled.interval()
        estimates.append(pooled.estimate - 7)
        covered.append(low <= 7 <= high)
    mean = np.mean(estimates)
    error = np.std(estimates, ddof=1) / np.sqrt(replicates)
    assert abs(mean) < 3.5 * error
    assert np.mean(naive) < -10 * error
    assert abs(np.mean(covered) - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / replicates)


def test_the_covariance_between_visits_is_recovered():
    rng = np.random.default_rng(8)
    covariance = np.array([[4, 2, 1], [2, 5, 3], [1, 3, 6.0]])
    data = rng.multivariate_normal([0, 0, 0], covariance, size=4000)
    data[rng.random(data.shape) < 0.25] = np.nan
    filled = impute_normal(data, imputations=5, most_steps=40, rng=rng)
    each = np.mean([np.cov(one.T) for one in filled], axis=0)
    # An empirical covariance has variance (s_ij^2 + s_ii s_jj) / n; gaps about double it.
    diagonal = np.diag(covariance)
    bound = 4 * np.sqrt(2 * (covariance**2 + np.outer(diagonal, diagonal)) / 4000)
    assert (np.abs(each - covariance) < bound).all()


def spread_between(data, imputations, seed, **options):
    """Means of each column in each table, how they spread, and the Monte Carlo error of that."""
    rng = np.random.default_rng(seed)
    means = impute_normal(data, imputations=imputations, rng=rng, **options)[:, :, 2:].mean(axis=1)
    variance = means.var(axis=0, ddof=1)
    return means.mean(axis=0), variance, variance * np.sqrt(2 / (imputations - 1))


def half_missing(n=60):
    data = table(n)
    data[:, 2:][np.random.default_rng(11).random((n, 3)) < 0.5] = np.nan
    return data


def test_chains_are_long_enough_for_the_missing_information(monkeypatch):
    """Their tables differ as much as those of chains four times as long."""
    data = half_missing()
    mean, variance, error = spread_between(data, 500, 1)
    monkeypatch.setattr(imputation, "_FORGOTTEN", imputation._FORGOTTEN**4)
    longer_mean, longer, longer_error = spread_between(data, 500, 2)
    assert (np.abs(variance - longer) < 4 * np.hypot(error, longer_error)).all()
    assert (np.abs(mean - longer_mean) < 4 * np.sqrt((variance + longer) / 500)).all()


def test_a_chain_of_one_step_is_too_short():
    """The test above can fail: all chains start at the same place, and one step shows it."""
    data = half_missing()
    _, variance, error = spread_between(data, 500, 1)
    _, short, short_error = spread_between(data, 500, 2, most_steps=1)
    assert (variance - short > 4 * np.hypot(error, short_error)).any()


def test_the_rate_of_em_is_the_fraction_of_missing_information():
    """Where nothing else tells of a column, that is the share of its values that are missing."""
    column = 3 + np.random.default_rng(2).normal(size=(300, 1))
    column[:120] = np.nan
    problem = imputation._problem(column, imputation._regressors(np.ones((300, 1))))
    _, _, rate = imputation._em(problem)
    assert rate == pytest.approx(0.4, abs=0.01)
    assert imputation.steps_to_forget(rate, most=1000) == 11
    assert imputation.steps_to_forget(rate, most=7) == 7


def test_failures_have_reasons():
    data = with_gaps(60)

    def reason(change):
        changed = data.copy()
        change(changed)
        with pytest.raises(FitError) as caught:
            impute_normal(changed, rng=np.random.default_rng(1))
        return caught.value.reason

    def put(rows, column, value):
        return lambda changed: changed.__setitem__((rows, column), value)

    def never_together(changed):
        changed[:30, 2], changed[30:, 3] = np.nan, np.nan

    def twice(changed):
        changed[:, 3] = 2 * changed[:, 2]

    seen = np.isfinite(data[:, 4])
    assert reason(put(0, 0, np.inf)) == "values that are not finite"
    assert reason(put(slice(None), 4, np.nan)) == "column 4 has no values"
    assert reason(put(seen, 4, 1.0)) == "column 4 does not vary"
    assert reason(never_together) == "columns 2 and 3 are never observed together"
    assert reason(twice) == "columns that determine each other"
    assert reason(put(slice(5, None), 4, np.nan)) == "too few rows for the columns"
    with pytest.raises(FitError, match="too few"):
        impute_normal(data[:3], rng=np.random.default_rng(1))


def test_a_regressor_that_the_rows_with_a_column_do_not_tell_is_refused():
    """An arm without any score at a visit; and a chain that its bound leaves at its start."""
    data = np.column_stack([with_gaps(80), np.arange(80) % 2])
    data[data[:, 5] == 1, 4] = np.nan
    with pytest.raises(FitError, match="regressors of column 4 are not told"):
        impute_normal(data, rng=np.random.default_rng(1))
    with pytest.raises(FitError, match="imputation needs more than 1 iterations"):
        impute_normal(with_gaps(), most_steps=1, most_left=0.1, rng=np.random.default_rng(1))
