"""Negative binomial regression, against statsmodels and closed forms."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.discrete.discrete_model import NegativeBinomial

from analysis.estimators.errors import FitError, SeparationError
from analysis.estimators.negative_binomial import fit_negative_binomial


def drawn(seed, dispersion, n=200):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.normal(size=n)])
    rate = np.exp(X @ [0.8, -0.3, 0.4])
    return rng.negative_binomial(1 / dispersion, 1 / (1 + dispersion * rate)), X


@pytest.mark.parametrize(("seed", "dispersion"), [(1, 0.3), (2, 1.0), (3, 2.5), (4, 0.05)])
def test_as_statsmodels(seed, dispersion):
    y, X = drawn(seed, dispersion)
    found = fit_negative_binomial(y, X)
    reference = NegativeBinomial(y, X).fit(disp=0, method="newton", maxiter=200)
    np.testing.assert_allclose(found.beta, reference.params[:3], rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), reference.bse[:3], rtol=1e-8)
    assert found.dispersion == pytest.approx(reference.params[3], rel=1e-8)
    assert found.log_likelihood == pytest.approx(reference.llf, rel=1e-10)


def test_two_arms_have_the_ratio_of_their_means_and_its_closed_error():
    y, X = drawn(5, 0.8)
    found = fit_negative_binomial(y, X[:, :2])
    groups = [y[X[:, 1] == arm] for arm in (0, 1)]
    assert found.beta[1] == pytest.approx(np.log(groups[1].mean() / groups[0].mean()), rel=1e-10)
    # Each log mean has variance (1 / mean + dispersion) / n.
    variance = sum((1 / g.mean() + found.dispersion) / len(g) for g in groups)
    assert found.covariance[1, 1] == pytest.approx(variance, rel=1e-9)


def test_counts_that_vary_less_are_poisson_regression():
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(150), rng.integers(0, 2, 150)])
    y = rng.binomial(6, 0.5, 150)  # variance half the mean
    found = fit_negative_binomial(y, X)
    reference = sm.GLM(y, X, family=sm.families.Poisson()).fit(tol=1e-12)
    assert found.dispersion == 0.0
    np.testing.assert_allclose(found.beta, reference.params, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, reference.cov_params(), rtol=1e-6)
    assert found.log_likelihood == pytest.approx(reference.llf, rel=1e-10)


def test_units_and_order_of_rows_do_not_matter():
    y, X = drawn(6, 1.0)
    found = fit_negative_binomial(y, X)
    order = np.random.default_rng(1).permutation(len(y))
    other = fit_negative_binomial(y[order], X[order] * [1.0, 1.0, 1000.0])
    np.testing.assert_allclose(other.beta * [1.0, 1.0, 1000.0], found.beta, rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda y, X: (y * (X[:, 1] == 0), X), "separation: a fitted mean of 0"),
        (lambda y, X: (y * 0, X), "outcome does not vary"),
        (lambda y, X: (y + 0.5, X), "counts are not whole numbers"),
        (lambda y, X: (-y, X), "outcome is negative"),
        (lambda y, X: (y, X[:, [0, 1, 1]]), "rank deficient"),
        (lambda y, X: (y[:3], X[:3]), "too few rows for the columns"),
    ],
)
def test_what_has_no_answer_is_told(change, reason):
    with pytest.raises(FitError, match=reason):
        fit_negative_binomial(*change(*drawn(7, 1.0)))


def test_separation_is_an_error_of_its_own():
    y, X = drawn(8, 1.0)
    with pytest.raises(SeparationError):
        fit_negative_binomial(np.where(X[:, 1] == 1, 0, y), X)
