"""Errors robust to clinics: against dense matrices, other implementations and closed forms."""

from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.estimators.cluster_robust import cluster_robust, whiten_exchangeable, whiten_visits
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.errors import FitError
from analysis.estimators.least_squares import least_squares as fit_least_squares
from analysis.plan.engines import ProfiledEngine, StatsmodelsEngine
from analysis.plan.inference import linear_inference, marginal_inference


def clustered(seed, clinics=9, columns=3, largest=12):
    """Rows of some clinics of different sizes: design, outcome, clinic, arm in column 1."""
    rng = np.random.default_rng(seed)
    clinic = np.repeat(np.arange(clinics), rng.integers(2, largest, clinics))
    n = len(clinic)
    X = np.column_stack([np.ones(n), clinic % 2, rng.normal(size=(n, columns))])
    y = rng.normal(size=n) + rng.normal(size=clinics)[clinic]
    return X, y, clinic


def least_squares(X, y):
    return y - X @ np.linalg.lstsq(X, y, rcond=None)[0]


def dense(X, residual, clinic, contrast):
    """Bell and McCaffrey's variance and degrees of freedom, written out with N x N matrices."""
    inverse = np.linalg.inv(X.T @ X)
    annihilator = np.eye(len(X)) - X @ inverse @ X.T
    meat, columns = np.zeros_like(inverse), []
    for code in np.unique(clinic):
        own = clinic == code
        values, vectors = np.linalg.eigh(annihilator[np.ix_(own, own)])
        stretch = (vectors / np.sqrt(values)) @ vectors.T
        score = X[own].T @ stretch @ residual[own]
        meat += np.outer(score, score)
        columns.append(annihilator[:, own] @ stretch @ X[own] @ inverse @ contrast)
    products = np.stack(columns) @ np.stack(columns).T
    return inverse @ meat @ inverse, np.trace(products) ** 2 / (products**2).sum()


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_dense_matrices_give(seed):
    X, y, clinic = clustered(seed)
    residual = least_squares(X, y)
    robust = cluster_robust(X, residual, clinic)
    for contrast in (np.eye(5)[1], np.array([1.0, 0.5, 0.0, -1.0, 0.2])):
        covariance, df = dense(X, residual, clinic, contrast)
        assert robust.covariance == pytest.approx(covariance, rel=1e-9, abs=1e-12)
        assert robust.df(contrast) == pytest.approx(df, rel=1e-9)


def compared(y, arm, clinic):
    fit = fit_least_squares(y, np.column_stack([np.ones(len(y)), arm]), clinic)
    weights = np.array([0.0, 1.0])
    return SimpleNamespace(
        estimate=fit.beta[1], se=np.sqrt(fit.covariance[1, 1]), df=fit.df(weights)
    )


def test_equal_clinics_are_compared_as_by_a_t_test_of_their_means():
    rng = np.random.default_rng(3)
    clinic = np.repeat(np.arange(12), 7)
    arm = np.repeat(np.arange(12) % 2, 7)
    y = rng.normal(size=84) + rng.normal(size=12)[clinic] + 0.4 * arm
    found = compared(y, arm, clinic)
    means = y.reshape(12, 7).mean(axis=1)
    test = stats.ttest_ind(means[1::2], means[::2])
    assert found.df == pytest.approx(10.0, rel=1e-10)
    assert found.estimate / found.se == pytest.approx(test.statistic, rel=1e-10)


def test_arms_of_unequal_numbers_of_equal_clinics_are_compared_as_by_welch():
    rng = np.random.default_rng(4)
    clinic, arm = np.repeat(np.arange(11), 5), np.repeat(np.arange(11) < 4, 5).astype(int)
    y = rng.normal(size=55) + rng.normal(size=11)[clinic]
    means = y.reshape(11, 5).mean(axis=1)
    welch = stats.ttest_ind(means[:4], means[4:], equal_var=False)
    found = compared(y, arm, clinic)
    assert found.estimate / found.se == pytest.approx(welch.statistic, rel=1e-10)
    # Satterthwaite's formula at equal variances, which is the working model.
    assert found.df == pytest.approx((1 / 4 + 1 / 7) ** 2 / (1 / (16 * 3) + 1 / (49 * 6)))


def test_clinics_of_one_participant_give_statsmodels_hc2():
    X, y, _ = clustered(6)
    robust = cluster_robust(X, least_squares(X, y), np.arange(len(y)))
    assert robust.covariance == pytest.approx(sm.OLS(y, X).fit().cov_HC2, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_it_lies_between_statsmodels_sandwich_and_its_bias_reduced_one(family):
    """The latter is of Mancl and DeRouen, which stretches residuals by the whole leverage."""
    X, y, clinic = clustered(7, clinics=16)
    y = y if family == "gaussian" else (y > 0).astype(float)
    kind = sm.families.Gaussian() if family == "gaussian" else sm.families.Binomial()
    fit = sm.GEE(y, X, clinic, family=kind, cov_struct=sm.cov_struct.Independence()).fit(
        cov_type="bias_reduced"
    )
    slope = np.sqrt(fit.fittedvalues * (1 - fit.fittedvalues)) if family == "binomial" else 1.0
    columns = X * np.broadcast_to(slope, len(y))[:, None]
    ours = np.diag(cluster_robust(columns, (y - fit.fittedvalues) / slope, clinic).covariance)
    assert (ours > np.diag(fit.cov_robust)).all()
    assert (ours < np.diag(fit.cov_robust_bc)).all()


def test_neither_order_of_rows_nor_names_of_clinics_matter():
    X, y, clinic = clustered(8)
    residual = least_squares(X, y)
    one = cluster_robust(X, residual, clinic)
    order = np.random.default_rng(1).permutation(len(y))
    names = np.random.default_rng(2).permutation(100)
    other = cluster_robust(X[order], residual[order], names[clinic[order]])
    assert other.covariance == pytest.approx(one.covariance, rel=1e-9)
    assert other.df(np.eye(5)[1]) == pytest.approx(one.df(np.eye(5)[1]), rel=1e-9)


def test_whitening_takes_the_correlation_off():
    size, r = 5, 0.4
    correlation = np.full((size, size), r) + (1 - r) * np.eye(size)
    for white in (
        whiten_exchangeable(np.eye(size), np.zeros(size, int), r),
        whiten_visits(np.eye(size), np.zeros(size, int), np.arange(size), correlation),
    ):
        left = white @ correlation @ white.T
        assert left == pytest.approx(left[0, 0] * np.eye(size), abs=1e-12)


def test_every_square_root_of_the_covariance_gives_the_same():
    rng = np.random.default_rng(9)
    seen = rng.random((60, 4)) < 0.8
    who, visit = np.nonzero(seen)
    clinic = (who * 7) % 10
    X = np.column_stack([visit == v for v in range(4)] + [clinic % 2]).astype(float)
    rows = np.column_stack([X, rng.normal(size=len(who))])
    compound = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    one = whiten_exchangeable(rows, who, 0.3)
    other = whiten_visits(rows, who, visit, 1.7 * compound)
    found = [cluster_robust(w[:, :-1], w[:, -1], clinic) for w in (one, other)]
    assert found[0].covariance == pytest.approx(found[1].covariance, rel=1e-9)
    weights = np.eye(5)[4]
    assert found[0].df(weights) == pytest.approx(found[1].df(weights), rel=1e-9)


def test_what_rests_on_one_clinic_has_no_error():
    X, y, clinic = clustered(10)
    X[:, 1] = clinic == 0
    robust = cluster_robust(X, least_squares(X, y), clinic)
    with pytest.raises(FitError, match="rests on one of them alone"):
        robust.df(np.eye(5)[1])
    assert robust.df(np.eye(5)[2]) > 1
    with pytest.raises(FitError, match="fewer than two clusters"):
        cluster_robust(X[:, 2:], y, np.zeros(len(y), int))


def test_a_clinic_with_a_mean_of_its_own_says_nothing_about_the_arms():
    X, y, clinic = clustered(11)
    arms, kept = X[:, :2], clinic != 4
    more = np.column_stack([arms, clinic == 4])
    with_it = cluster_robust(more, least_squares(more, y), clinic)
    without = cluster_robust(arms[kept], least_squares(arms[kept], y[kept]), clinic[kept])
    assert with_it.covariance[:2, :2] == pytest.approx(without.covariance, rel=1e-9)
    assert with_it.df(np.eye(3)[1]) == pytest.approx(without.df(np.eye(2)[1]), rel=1e-9)


def trial(rng, clinics=24, size=12, icc=0.1):
    """Two visits of participants without an effect: y, X, participant, clinic of each."""
    clinic = np.repeat(np.arange(clinics), size)
    n = len(clinic)
    person = rng.normal(size=n) * np.sqrt(0.5) + rng.normal(size=clinics)[clinic] * np.sqrt(
        icc / (1 - icc)
    )
    y = (person[:, None] + rng.normal(size=(n, 2)) * np.sqrt(0.5)).ravel()
    visit = np.tile(np.eye(2), (n, 1))
    arm = rng.permutation(np.arange(clinics) % 2)[clinic]
    X = np.column_stack([visit, visit * np.repeat(arm, 2)[:, None]])
    return y, X, np.repeat(np.arange(n), 2), clinic


def test_type_one_error_is_nominal_where_independence_inflates_it():
    trials, rng = 400, np.random.default_rng(20)
    rejected = np.zeros(2)
    covered = 0
    for _ in range(trials):
        y, X, participant, clinic = trial(rng)
        (fit,) = ProfiledEngine().mixed(y[:, None], X, participant)
        for kind, known in enumerate((None, clinic)):
            inference = linear_inference(fit, y, X, participant, known)
            row = inference.estimate(("", "", "", ""), np.eye(len(fit.beta))[3], 288, 0.95)
            rejected[kind] += row.p < 0.05
        covered += row.lower < 0.0 < row.upper
    error = np.sqrt(0.05 * 0.95 / trials)
    assert rejected[0] / trials > 0.05 + 6 * error
    assert abs(rejected[1] / trials - 0.05) < 3.5 * error
    assert covered == trials - rejected[1]


def test_both_engines_say_how_alike_the_rows_of_a_participant_are():
    y, X, participant, clinic = trial(np.random.default_rng(21))
    ours, theirs = (
        engine.mixed(y[:, None], X, participant)[0]
        for engine in (ProfiledEngine(), StatsmodelsEngine())
    )
    one = linear_inference(ours, y, X, participant, clinic)
    other = linear_inference(theirs, y, X, participant, clinic)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-5)
    binary = (y > 0).astype(float)
    found = [
        marginal_inference(
            engine.logistic(binary, ClusteredDesign(X, participant)),
            X, binary, participant, clinic, family="binomial", link="logit",
        )
        for engine in (ProfiledEngine(), StatsmodelsEngine())
    ]  # fmt: skip
    assert found[0].covariance == pytest.approx(found[1].covariance, rel=1e-5)
    assert found[0].df(np.eye(4)[3]) == pytest.approx(found[1].df(np.eye(4)[3]), rel=1e-5)
