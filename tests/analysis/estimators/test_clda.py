"""The random-intercept model against statsmodels, dense linear algebra, closed forms and itself."""

import pickle
import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag

from analysis.estimators.clda import fit_random_intercept, fit_random_intercept_batch
from analysis.estimators.errors import FitError

quickly = settings(max_examples=10)


def trial(n=461, seed=1, between=3.6, within=2.8, missing=0.2):
    """Outcome, 21 columns and participant of every answered visit: 5 visits, baseline complete."""
    rng = np.random.default_rng(seed)
    participant, visit = np.repeat(np.arange(n), 5), np.tile(np.arange(5), n)
    arm = rng.integers(0, 2, n)[participant]
    visits = [(visit == v).astype(float) for v in range(1, 5)]
    country, reason = rng.integers(0, 3, n)[participant], rng.integers(0, 4, n)[participant]
    columns = [
        np.ones(5 * n),
        *visits,
        *(v * arm for v in visits),
        *((country == level).astype(float) for level in (1, 2)),
        *((reason == level).astype(float) for level in (1, 2, 3)),
        rng.normal(50, 12, n)[participant],
        rng.normal(27, 5, n)[participant],
        *rng.normal(size=(5, n))[:, participant],
    ]
    X = np.column_stack(columns)
    y = 10 - 1.5 * np.sqrt(visit) - 0.8 * arm * (visit > 0) + 0.02 * X[:, 14]
    y = y + rng.normal(0, between, n)[participant] + rng.normal(0, within, 5 * n)
    seen = (visit == 0) | (rng.random(5 * n) > missing)
    return y[seen], X[seen], participant[seen]


def dense_covariance(X, cluster, between, residual):
    sizes = np.unique(cluster, return_counts=True)[1]
    V = block_diag(*(residual * np.eye(m) + between * np.ones((m, m)) for m in sizes))
    return np.linalg.inv(X.T @ np.linalg.solve(V, X)), V


@pytest.mark.parametrize("method", ["ml", "reml"])
@pytest.mark.parametrize("n", [461, 60])
def test_same_optimum_as_statsmodels(n, method):
    y, X, cluster = trial(n=n)
    reference = sm.MixedLM(y, X, cluster).fit(reml=method == "reml", method="powell")
    ours = fit_random_intercept(y, X, cluster, method=method)
    between = float(np.squeeze(reference.cov_re))
    np.testing.assert_allclose(ours.beta, reference.fe_params, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(ours.log_likelihood, reference.llf, rtol=1e-10)
    np.testing.assert_allclose(ours.between_variance, between, rtol=1e-5)
    np.testing.assert_allclose(ours.residual_variance, reference.scale, rtol=1e-6)
    covariance, _ = dense_covariance(X, cluster, between, reference.scale)
    np.testing.assert_allclose(
        np.sqrt(np.diag(ours.covariance)), np.sqrt(np.diag(covariance)), rtol=1e-6
    )
    assert ours.log_likelihood >= reference.llf - 1e-9


@quickly
@given(
    st.integers(0, 2**32 - 1),
    st.integers(15, 80),
    st.integers(1, 6),
    st.floats(0.3, 0.9),
    st.sampled_from(["ml", "reml"]),
)
def test_same_optimum_as_statsmodels_on_random_designs(seed, n, p, correlation, method):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n), rng.integers(1, 6, n))
    X = np.column_stack([np.ones(len(cluster)), rng.normal(size=(len(cluster), p))])
    person = np.sqrt(correlation) * rng.normal(size=n)[cluster]
    y = X @ rng.normal(size=p + 1) + person + np.sqrt(1 - correlation) * rng.normal(size=len(X))
    ours = fit_random_intercept(y, X, cluster, method=method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sm.tools.sm_exceptions.ConvergenceWarning)
        reference = sm.MixedLM(y, X, cluster).fit(
            reml=method == "reml", method="powell", ftol=1e-14
        )
    np.testing.assert_allclose(ours.log_likelihood, reference.llf, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(ours.beta, reference.fe_params, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(ours.residual_variance, reference.scale, rtol=1e-4)


def test_solves_the_dense_normal_equations_to_twelve_digits():
    y, X, cluster = trial()
    ours = fit_random_intercept(y, X, cluster)
    covariance, V = dense_covariance(X, cluster, ours.between_variance, ours.residual_variance)
    beta = np.linalg.lstsq(*(np.linalg.solve(np.linalg.cholesky(V), part) for part in (X, y)))[0]
    np.testing.assert_allclose(ours.beta, beta, rtol=1e-11)
    np.testing.assert_allclose(ours.covariance, covariance, rtol=1e-9, atol=1e-13)
    rest = y - X @ beta
    likelihood = -0.5 * (
        len(y) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + rest @ np.linalg.solve(V, rest)
    )
    np.testing.assert_allclose(ours.log_likelihood, likelihood, rtol=1e-12)


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_closed_form_of_complete_balanced_data(method):
    n, m = 40, 4
    rng = np.random.default_rng(3)
    y = rng.normal(0, 2, n)[:, None] + rng.normal(size=(n, m)) + [5, 4, 3, 2]
    fit = fit_random_intercept(
        y.ravel(), np.tile(np.eye(m), (n, 1)), np.repeat(np.arange(n), m), method=method
    )
    # Searle, Casella and McCulloch (1992), section 4.7: ANOVA estimators, ML with n for n - 1.
    centred = y - y.mean(axis=0)
    means = centred.mean(axis=1)
    within = np.sum((centred - means[:, None]) ** 2) / ((n - 1) * (m - 1))
    within *= (n - 1) / n if method == "ml" else 1
    total = m * np.sum(means**2) / (n if method == "ml" else n - 1)
    np.testing.assert_allclose(fit.beta, y.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(fit.residual_variance, within, rtol=1e-11)
    np.testing.assert_allclose(fit.between_variance, (total - within) / m, rtol=1e-11)
    variance = (fit.between_variance + within) / n
    np.testing.assert_allclose(np.diag(fit.covariance), variance, rtol=1e-11)


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_no_correlation_between_visits_gives_least_squares(method):
    n, m = 30, 4
    rng = np.random.default_rng(4)
    y = rng.normal(size=(n, m))
    y -= 0.99 * y.mean(axis=1, keepdims=True)  # negatively correlated: the boundary
    X = np.column_stack([np.ones(n * m), rng.normal(size=(n * m, 2))])
    fit = fit_random_intercept(y.ravel(), X, np.repeat(np.arange(n), m), method=method)
    reference = sm.OLS(y.ravel(), X).fit()
    scale = reference.scale if method == "reml" else reference.ssr / len(X)
    assert fit.between_variance == 0
    np.testing.assert_allclose(fit.beta, reference.params, rtol=1e-10)
    np.testing.assert_allclose(fit.residual_variance, scale, rtol=1e-12)
    np.testing.assert_allclose(
        fit.covariance, reference.normalized_cov_params * scale, rtol=1e-10, atol=1e-16
    )
    if method == "ml":
        np.testing.assert_allclose(fit.log_likelihood, reference.llf, rtol=1e-12)


@pytest.mark.parametrize("between", [0.05, 1.0, 20.0, 500.0])
def test_nothing_on_a_fine_grid_is_likelier(between):
    y, X, cluster = trial(n=40, seed=8, between=between, within=1.0, missing=0.5)
    X = X[:, :9]
    best = fit_random_intercept(y, X, cluster)
    ratio = best.between_variance / best.residual_variance
    for other in np.concatenate(
        [[0], np.geomspace(1e-4, 1e6, 60), ratio * np.array([0.999, 1.001])]
    ):
        _, V = dense_covariance(X, cluster, other, 1.0)
        half = np.linalg.cholesky(V)
        target = np.linalg.solve(half, y)
        rss = np.linalg.lstsq(np.linalg.solve(half, X), target)[1][0]
        deviance = len(y) * (np.log(2 * np.pi * rss / len(y)) + 1)
        deviance += 2 * np.log(np.diag(half)).sum()
        assert -deviance / 2 <= best.log_likelihood + 1e-8


@quickly
@given(st.integers(0, 2**32 - 1), st.sampled_from(["ml", "reml"]))
def test_order_of_rows_and_codes_of_participants_do_not_matter(seed, method):
    y, X, cluster = trial(n=60, seed=2)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    codes = rng.permutation(1000)[:60] - 500
    one = fit_random_intercept(y, X, cluster, method=method)
    two = fit_random_intercept(y[order], X[order], codes[cluster][order], method=method)
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-8)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-12)


@quickly
@given(st.integers(0, 2**16))
def test_the_other_arm_as_reference_flips_the_signs(seed):
    y, X, cluster = trial(n=80, seed=seed)
    flipped = X.copy()
    flipped[:, 5:9] = X[:, 1:5] - X[:, 5:9]
    one = fit_random_intercept(y, X, cluster)
    two = fit_random_intercept(y, flipped, cluster)
    np.testing.assert_allclose(two.beta[5:9], -one.beta[5:9], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(
        np.diag(two.covariance)[5:9], np.diag(one.covariance)[5:9], rtol=1e-9
    )
    np.testing.assert_allclose(two.log_likelihood, one.log_likelihood, rtol=1e-11)


@quickly
@given(
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e3),
    st.floats(1e-6, 1e6),
)
def test_units_of_outcome_and_columns_only_change_units(shift, scale, unit):
    y, X, cluster = trial(n=80, seed=5)
    one = fit_random_intercept(y, X, cluster)
    rescaled = X.copy()
    rescaled[:, 14] *= unit
    two = fit_random_intercept(shift + scale * y, rescaled, cluster)
    expected = scale * one.beta
    expected[0] += shift
    expected[14] /= unit
    tolerance = 1e-9 * (abs(shift) + scale)
    np.testing.assert_allclose(np.delete(two.beta, 14), np.delete(expected, 14), atol=tolerance)
    np.testing.assert_allclose(two.beta[14] * unit, expected[14] * unit, atol=tolerance)
    np.testing.assert_allclose(two.between_variance, scale**2 * one.between_variance, rtol=1e-6)
    np.testing.assert_allclose(two.residual_variance, scale**2 * one.residual_variance, rtol=1e-6)


def test_columns_far_from_zero_keep_their_digits():
    y, X, cluster = trial()
    far = X.copy()
    far[:, 14] += 1e5
    one, two = fit_random_intercept(y, X, cluster), fit_random_intercept(y, far, cluster)
    np.testing.assert_allclose(two.beta[1:], one.beta[1:], rtol=1e-7)
    np.testing.assert_allclose(two.covariance[5, 5], one.covariance[5, 5], rtol=1e-9)


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_a_batch_is_its_single_fits(method):
    y, X, cluster = trial(n=100)
    rng = np.random.default_rng(6)
    Y = y[:, None] + rng.normal(size=(len(y), 7)) * [0, 0.1, 1, 3, 10, 30, 100]
    batch = fit_random_intercept_batch(Y, X, cluster, method=method)
    singles = [fit_random_intercept(column, X, cluster, method=method) for column in Y.T]
    for name in ("beta", "covariance", "between_variance", "residual_variance", "log_likelihood"):
        expected = np.array([getattr(fit, name) for fit in singles])
        np.testing.assert_allclose(getattr(batch, name), expected, rtol=1e-8, atol=1e-12)
    assert batch.beta.shape == (7, 21)
    assert batch.n_clusters == 100


def test_aliased_columns_are_named():
    y, X, cluster = trial()
    X = np.column_stack([X, X[:, 9] + X[:, 10], np.zeros(len(X))])
    with pytest.raises(FitError) as caught:
        fit_random_intercept(y, X, cluster)
    assert caught.value.reason == "rank deficient: columns 21, 22"
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason  # noqa: S301


def test_failures_have_reasons():
    y, X, cluster = trial(n=20)
    few = slice(0, 15)

    def reason(*data):
        with pytest.raises(FitError) as caught:
            fit_random_intercept(*data)
        return caught.value.reason

    assert reason(y[few], X[few], cluster[few]) == "fewer rows than columns"
    assert reason(X @ np.arange(21.0), X, cluster) == "no residual variation"
    assert reason(cluster.astype(float), X[:, :1], cluster) == "no residual variation"
    assert reason(np.where(cluster == 3, np.nan, y), X, cluster) == "values that are not finite"
    assert reason(y, np.where(X[5, 15] == X, np.nan, X), cluster) == "values that are not finite"
    assert reason(y, X[:, :5], np.arange(len(y))) == "no cluster with two rows"


def test_a_handful_of_rows_is_enough():
    fit = fit_random_intercept([1.0, 2.0, 5.0, 7.0], np.ones((4, 1)), [1, 1, 2, 2])
    np.testing.assert_allclose(fit.beta, [3.75])
    # Two clusters with means 1.5 and 6: within 2.5 / 2, between (2 x 2.25^2 - 1.25) / 2.
    np.testing.assert_allclose(fit.residual_variance, 1.25)
    np.testing.assert_allclose(fit.between_variance, 2.25**2 - 0.625)


def test_shapes_that_do_not_match_are_refused():
    y, X, cluster = trial(n=20)
    with pytest.raises(ValueError, match="share their rows"):
        fit_random_intercept(y[1:], X, cluster)
    with pytest.raises(ValueError, match="one integer"):
        fit_random_intercept(y, X, cluster * 1.0)
