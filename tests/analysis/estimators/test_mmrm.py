"""The model for repeated measures against dense optimisation, closed forms and special cases."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analysis.estimators.clda import fit_random_intercept
from analysis.estimators.errors import FitError
from analysis.estimators.mmrm import fit_mmrm
from analysis.estimators.small_sample import satterthwaite_df

COVARIANCE = np.array([[9, 5, 4, 3], [5, 10, 6, 5], [4, 6, 12, 7], [3, 5, 7, 11.0]])


def trial(n=120, seed=1, missing=0.2):
    """Outcome, 9 columns, participant and visit of every answered visit; 4 visits."""
    rng = np.random.default_rng(seed)
    participant, visit = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    arm = rng.integers(0, 2, n)[participant]
    visits = [(visit == v).astype(float) for v in range(4)]
    X = np.column_stack(
        [*visits, *(v * arm for v in visits[1:]), *rng.normal(size=(2, n))[:, participant]]
    )
    y = rng.multivariate_normal([10, 9, 8, 7], COVARIANCE, size=n).ravel() - arm * (visit > 0)
    seen = (visit == 0) | (rng.random(4 * n) > missing)
    return y[seen], X[seen], participant[seen], visit[seen]


def dense_deviance(lower, data, method):
    """Minus twice the log-likelihood, participant by participant."""
    y, X, participant, visit = data
    L = np.zeros((4, 4))
    L[np.tril_indices(4)] = lower
    sigma = L @ L.T
    gram, xy, yy, logs = 0, 0, 0, 0
    for person in np.unique(participant):
        rows = participant == person
        V = sigma[np.ix_(visit[rows], visit[rows])]
        weighted = np.linalg.solve(V, np.column_stack([X[rows], y[rows]]))
        gram = gram + X[rows].T @ weighted[:, :-1]
        xy = xy + X[rows].T @ weighted[:, -1]
        yy = yy + y[rows] @ weighted[:, -1]
        logs += np.linalg.slogdet(V)[1]
    beta = np.linalg.solve(gram, xy)
    freedom = len(y) - (X.shape[1] if method == "reml" else 0)
    deviance = logs + yy - xy @ beta + freedom * np.log(2 * np.pi)
    if method == "reml":
        deviance += np.linalg.slogdet(gram)[1]
    return deviance, beta, np.linalg.inv(gram), sigma


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_same_optimum_as_a_direct_search_on_the_dense_likelihood(method):
    data = trial(n=40)
    start = np.linalg.cholesky(COVARIANCE)[np.tril_indices(4)]
    found = optimize.minimize(
        lambda lower: dense_deviance(lower, data, method)[0],
        start,
        method="BFGS",
        options={"gtol": 1e-4},
    )
    deviance, beta, covariance, sigma = dense_deviance(found.x, data, method)
    fit = fit_mmrm(*data, method=method)
    np.testing.assert_allclose(fit.log_likelihood, -deviance / 2, rtol=1e-9)
    assert fit.log_likelihood >= -deviance / 2 - 1e-9
    np.testing.assert_allclose(fit.visit_covariance, sigma, rtol=1e-3)
    np.testing.assert_allclose(fit.beta, beta, atol=1e-4)
    np.testing.assert_allclose(np.diag(fit.covariance), np.diag(covariance), rtol=1e-3)


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_the_dense_likelihood_is_flat_at_our_optimum(method):
    data = trial()
    fit = fit_mmrm(*data, method=method)
    lower = np.linalg.cholesky(fit.visit_covariance)[np.tril_indices(4)]
    deviance, beta, covariance, _ = dense_deviance(lower, data, method)
    np.testing.assert_allclose(fit.log_likelihood, -deviance / 2, rtol=1e-12)
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-8, atol=1e-12)
    for index in range(len(lower)):
        shift = 1e-4 * np.eye(len(lower))[index]
        ahead, behind = (dense_deviance(lower + s, data, method)[0] for s in (shift, -shift))
        # A central difference of a curvature of about 500 tells 1e-6 of a step.
        assert abs(ahead - behind) / 2e-4 < 1e-4


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_closed_form_of_complete_balanced_data(method):
    n = 50
    y = np.random.default_rng(3).multivariate_normal([4, 3, 2, 1], COVARIANCE, size=n)
    fit = fit_mmrm(
        y.ravel(),
        np.tile(np.eye(4), (n, 1)),
        np.repeat(np.arange(n), 4),
        np.tile([0, 6, 13, 39], n),
        method=method,
    )
    expected = np.cov(y.T, ddof=1 if method == "reml" else 0)
    np.testing.assert_allclose(fit.beta, y.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(fit.visit_covariance, expected, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, expected / n, rtol=1e-9)
    if method == "reml":
        # One mean: the degrees of freedom are those of the t-test.
        df = [satterthwaite_df(fit, weights) for weights in np.eye(4)]
        np.testing.assert_allclose(df, n - 1, rtol=1e-8)


def test_visits_of_one_covariance_are_a_random_intercept():
    """On complete data of two visits with equal sums of squares both models are the same."""
    rng = np.random.default_rng(4)
    y = rng.normal(size=(60, 1)) + rng.normal(size=(60, 2))
    y = np.concatenate([y, y[:, ::-1]])  # now exchangeable exactly
    X, who = np.ones((240, 1)), np.repeat(np.arange(120), 2)
    one = fit_mmrm(y.ravel(), X, who, np.tile([0, 1], 120))
    two = fit_random_intercept(y.ravel(), X, who, method="reml")
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-10)
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-9)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-7)


def test_satterthwaite_of_a_random_intercept_in_balanced_data():
    """Within-participant contrasts have the degrees of freedom of the analysis of variance."""
    n, m = 30, 3
    rng = np.random.default_rng(5)
    y = 2 * rng.normal(size=(n, 1)) + rng.normal(size=(n, m))
    who = np.repeat(np.arange(n), m)
    X = np.tile(np.eye(m), (n, 1))
    fit = fit_random_intercept(y.ravel(), X, who, method="reml")
    np.testing.assert_allclose(satterthwaite_df(fit, [1, -1, 0]), (n - 1) * (m - 1), rtol=1e-7)
    np.testing.assert_allclose(satterthwaite_df(fit, [1, 1, 1]), n - 1, rtol=1e-7)


def test_satterthwaite_at_no_between_variance_is_least_squares():
    y = np.random.default_rng(6).normal(size=(20, 3))
    y -= y.mean(axis=1, keepdims=True)
    fit = fit_random_intercept(
        y.ravel(), np.ones((60, 1)), np.repeat(np.arange(20), 3), method="reml"
    )
    np.testing.assert_allclose(satterthwaite_df(fit, [1]), 59)


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_and_codes_do_not_matter(seed):
    y, X, participant, visit = trial(n=60)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    codes = rng.permutation(60) - 20
    one = fit_mmrm(y, X, participant, visit)
    two = fit_mmrm(y[order], X[order], codes[participant][order], 7 * visit[order] - 3)
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-7)
    np.testing.assert_allclose(one.visit_covariance, two.visit_covariance, rtol=1e-7)
    np.testing.assert_allclose(one.parameter_covariance, two.parameter_covariance, rtol=1e-6)


def test_failures_have_reasons():
    y, X, participant, visit = trial()

    def reason(*data):
        with pytest.raises(FitError) as caught:
            fit_mmrm(*data)
        return caught.value.reason

    apart = ~((visit == 3) & np.isin(participant, participant[visit == 2]))
    assert (
        reason(y[apart], X[apart], participant[apart], visit[apart])
        == "visits 2 and 3 are never seen together"
    )
    again = np.column_stack([X, X[:, 7]])
    assert reason(y, again, participant, visit) == "rank deficient: columns 9"
    assert reason(np.where(y > 5, y, np.nan), X, participant, visit) == "values that are not finite"
    assert reason(X @ np.arange(9.0), X, participant, visit) == "no residual variation"
    twins = np.where(visit == 1, 0.0, y)
    twins[visit == 1] = (
        3 + y[visit == 0][np.searchsorted(participant[visit == 0], participant[visit == 1])]
    )
    assert (
        reason(twins, np.eye(4)[visit], participant, visit) == "singular covariance between visits"
    )
    with pytest.raises(ValueError, match="twice"):
        fit_mmrm(np.r_[y, 1], np.r_[X, X[:1]], np.r_[participant, participant[0]], np.r_[visit, 0])


def test_two_visits_without_gaps_agree_with_seemingly_unrelated_regressions():
    """With the same columns at each visit, generalized least squares is least squares by visit."""
    rng = np.random.default_rng(8)
    n = 70
    Z = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = rng.multivariate_normal([0, 0], COVARIANCE[:2, :2], size=n) + Z @ [[1, 2], [0.5, -1]]
    X = np.zeros((n, 2, 4))
    X[:, 0, :2], X[:, 1, 2:] = Z, Z
    fit = fit_mmrm(y.ravel(), X.reshape(-1, 4), np.repeat(np.arange(n), 2), np.tile([0, 1], n))
    for visit in range(2):
        reference = sm.OLS(y[:, visit], Z).fit()
        part = slice(2 * visit, 2 * visit + 2)
        np.testing.assert_allclose(fit.beta[part], reference.params, rtol=1e-8)
        np.testing.assert_allclose(
            fit.covariance[part, part], reference.cov_params(), rtol=1e-7, atol=1e-12
        )


def dense_adjustment(V, slopes, known, X, participant):
    """Kenward and Roger's covariance, written out participant by participant."""
    k, p = len(slopes(V)), X.shape[1]
    gram, P, Q = np.zeros((p, p)), np.zeros((k, p, p)), np.zeros((k, k, p, p))
    for person in np.unique(participant):
        rows = participant == person
        weight = np.linalg.inv(V[np.ix_(rows, rows)])
        x = weight @ X[rows]
        parts = [slope[np.ix_(rows, rows)] for slope in slopes(V)]
        gram += X[rows].T @ x
        for i, one in enumerate(parts):
            P[i] -= x.T @ one @ x
            for j, other in enumerate(parts):
                Q[i, j] += x.T @ one @ weight @ other @ x
    inverse = np.linalg.inv(gram)
    middle = sum(
        known[i, j] * (Q[i, j] - P[i] @ inverse @ P[j]) for i in range(k) for j in range(k)
    )
    return inverse + 2 * inverse @ middle @ inverse


def test_kenward_roger_is_what_dense_matrices_give():
    y, X, participant, visit = trial(n=30)
    fit = fit_mmrm(y, X, participant, visit, kenward_roger=True)
    together = participant[:, None] == participant
    V = fit.visit_covariance[np.ix_(visit, visit)] * together

    def slopes(_):
        found = []
        for row, column in zip(*np.tril_indices(4), strict=True):
            at = (visit[:, None] == row) & (visit == column)
            found.append(((at | at.T) & together).astype(float))
        return found

    expected = dense_adjustment(V, slopes, fit.parameter_covariance, X, participant)
    np.testing.assert_allclose(fit.adjusted, expected, rtol=1e-8, atol=1e-10)
    assert (np.diag(fit.adjusted) > np.diag(fit.covariance)).all()


def test_kenward_roger_of_a_random_intercept_is_what_dense_matrices_give():
    y, X, participant, _ = trial(n=30)
    fit = fit_random_intercept(y, X, participant, method="reml", kenward_roger=True)
    together = (participant[:, None] == participant).astype(float)
    between, scale = fit.between_variance, fit.residual_variance
    # The covariance of (lambda, sigma^2) turned into that of (tau^2, sigma^2).
    turn = np.array([[scale, between / scale], [0, 1]])
    known = turn @ fit.parameter_covariance @ turn.T
    V = between * together + scale * np.eye(len(y))
    expected = dense_adjustment(V, lambda _: [together, np.eye(len(y))], known, X, participant)
    np.testing.assert_allclose(fit.adjusted, expected, rtol=1e-8, atol=1e-10)


def test_means_of_complete_data_need_no_adjustment():
    y = np.random.default_rng(3).multivariate_normal([4, 3, 2, 1], COVARIANCE, size=12)
    rows = np.repeat(np.arange(12), 4), np.tile(np.arange(4), 12)
    fit = fit_mmrm(y.ravel(), np.tile(np.eye(4), (12, 1)), *rows, kenward_roger=True)
    np.testing.assert_allclose(fit.adjusted, fit.covariance, rtol=1e-9)
