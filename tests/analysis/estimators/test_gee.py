"""Estimating equations against statsmodels, closed forms and themselves."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimators.clustered_design import ClusteredDesign, ClusterLayout
from analysis.estimators.errors import FitError
from analysis.estimators.estimating_equations import (
    equations_at,
    firth_penalty,
    jacobian,
    make_rows,
)
from analysis.estimators.gee import fit_gee
from analysis.estimators.marginal_mean import mean_at

quickly = settings(max_examples=10)


def trial(n=461, seed=1, missing=0.2):
    """A binary outcome, 20 columns and participant of every answered visit: 4 follow-up visits."""
    rng = np.random.default_rng(seed)
    participant, visit = np.repeat(np.arange(n), 4), np.tile(np.arange(4), n)
    arm = rng.integers(0, 2, n)[participant]
    visits = [(visit == v).astype(float) for v in range(4)]
    country = rng.integers(0, 3, n)[participant]
    columns = [
        *visits,
        *(v * arm for v in visits),
        *((country == level).astype(float) for level in (1, 2)),
        rng.normal(50, 12, n)[participant],
        *rng.normal(size=(9, n))[:, participant],
    ]
    X = np.column_stack(columns)
    latent = -0.5 + 0.3 * arm + 0.2 * X[:, 11] + rng.logistic(size=n)[participant]
    y = (latent + rng.logistic(size=4 * n) > 0).astype(float)
    seen = rng.random(4 * n) > missing
    return y[seen], X[seen], participant[seen]


LINKS = {
    ("binomial", "logit"): sm.families.Binomial,
    ("poisson", "log"): sm.families.Poisson,
    ("poisson", "identity"): lambda: sm.families.Poisson(sm.families.links.Identity()),
    ("binomial", "identity"): lambda: sm.families.Binomial(sm.families.links.Identity()),
    ("binomial", "log"): lambda: sm.families.Binomial(sm.families.links.Log()),
}


@pytest.mark.parametrize("moments", ["n", "n_minus_p"])
@pytest.mark.parametrize(("family", "link"), LINKS)
@pytest.mark.filterwarnings("ignore:.*link function does not respect the domain")
def test_same_solution_as_statsmodels(family, link, moments):
    y, X, cluster = trial()
    if (family, link) not in {("binomial", "logit"), ("poisson", "log")}:
        X = X[:, :8]
    model = sm.GEE(
        y,
        X,
        groups=cluster,
        family=LINKS[family, link](),
        cov_struct=sm.cov_struct.Exchangeable(),
    )
    ddof = 0 if moments == "n" else X.shape[1]
    start = None if link != "identity" else np.r_[np.full(4, y.mean()), np.zeros(X.shape[1] - 4)]
    start = start if (family, link) != ("binomial", "log") else np.r_[np.full(4, -1.0), np.zeros(4)]
    reference = model.fit(ctol=1e-10, maxiter=200, ddof_scale=ddof, start_params=start)
    ours = fit_gee(y, ClusteredDesign(X, cluster), family=family, link=link, moments=moments)
    np.testing.assert_allclose(ours.beta, reference.params, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.covariance, reference.cov_params(), rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(ours.correlation, model.cov_struct.dep_params, rtol=1e-8)


@quickly
@given(st.integers(0, 2**32 - 1), st.integers(80, 200), st.integers(1, 4), st.booleans())
def test_same_solution_as_statsmodels_on_random_designs(seed, n, p, counts):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n), rng.integers(1, 5, n))
    X = np.column_stack([np.ones(len(cluster)), rng.normal(size=(len(cluster), p))])
    linear = X @ np.r_[0.2, rng.uniform(-0.5, 0.5, p)] + 0.7 * rng.normal(size=n)[cluster]
    if counts:
        family, y = ("poisson", "log"), rng.poisson(np.exp(linear)).astype(float)
    else:
        family, y = ("binomial", "logit"), (linear + rng.logistic(size=len(X)) > 0).astype(float)
    model = sm.GEE(
        y, X, groups=cluster, family=LINKS[family](), cov_struct=sm.cov_struct.Exchangeable()
    )
    reference = model.fit(ctol=1e-10, maxiter=200, ddof_scale=0)
    ours = fit_gee(y, ClusteredDesign(X, cluster), family=family[0], link=family[1])
    np.testing.assert_allclose(ours.beta, reference.params, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.covariance, reference.cov_params(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.correlation, model.cov_struct.dep_params, rtol=1e-6, atol=1e-9)


def test_the_choice_of_moments_shows_in_the_fourth_digit():
    y, X, cluster = trial()
    one, two = (
        fit_gee(y, ClusteredDesign(X, cluster)),
        fit_gee(y, ClusteredDesign(X, cluster), moments="n_minus_p"),
    )
    np.testing.assert_allclose(two.scale, one.scale * len(y) / (len(y) - 20), rtol=1e-3)
    assert 1e-6 < np.abs(one.beta - two.beta).max() < 1e-2


def test_closed_form_of_complete_data_and_one_mean():
    table = np.array([[0, 0], [0, 1], [1, 1], [1, 1], [0, 0], [1, 0], [1, 1], [0, 0]], float)
    n, m = table.shape
    fit = fit_gee(table.ravel(), ClusteredDesign(np.ones((n * m, 1)), np.repeat(np.arange(n), m)))
    p = table.mean()
    variance = np.mean((table.mean(axis=1) - p) ** 2) / n  # robust, of the mean
    np.testing.assert_allclose(fit.beta, [np.log(p / (1 - p))], atol=1e-12)
    np.testing.assert_allclose(fit.covariance, [[variance / (p * (1 - p)) ** 2]], rtol=1e-10)
    standard = (table - p) / np.sqrt(p * (1 - p))
    np.testing.assert_allclose(fit.scale, np.mean(standard**2), rtol=1e-12)
    np.testing.assert_allclose(
        fit.correlation, np.mean(standard.prod(axis=1)) / fit.scale, rtol=1e-10
    )


def test_participants_with_one_visit_each_make_a_robust_logistic_regression():
    y, X, _ = trial()
    fit = fit_gee(y, ClusteredDesign(X, np.arange(len(y))))
    reference = sm.GLM(y, X, family=sm.families.Binomial()).fit(cov_type="HC0", tol=1e-12)
    assert fit.correlation == 0
    np.testing.assert_allclose(fit.beta, reference.params, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, reference.cov_params(), rtol=1e-7, atol=1e-12)


@quickly
@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_and_codes_of_participants_do_not_matter(seed):
    y, X, cluster = trial(n=120)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    codes = rng.permutation(120) - 50
    one = fit_gee(y, ClusteredDesign(X, cluster))
    two = fit_gee(y[order], ClusteredDesign(X[order], codes[cluster][order]))
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(one.correlation, two.correlation, rtol=1e-8)


@quickly
@given(st.integers(0, 2**16))
def test_the_other_arm_or_the_other_answer_flips_the_signs(seed):
    y, X, cluster = trial(n=200, seed=seed)
    X = X[:, :8]
    one = fit_gee(y, ClusteredDesign(X, cluster))
    flipped = X.copy()
    flipped[:, 4:8] = X[:, :4] - X[:, 4:8]
    two = fit_gee(y, ClusteredDesign(flipped, cluster))
    np.testing.assert_allclose(two.beta[4:8], -one.beta[4:8], atol=1e-8)
    three = fit_gee(1 - y, ClusteredDesign(X, cluster))
    np.testing.assert_allclose(three.beta, -one.beta, atol=1e-8)
    np.testing.assert_allclose(three.covariance, one.covariance, rtol=1e-6, atol=1e-10)


def test_outcomes_that_share_a_design_are_fitted_as_if_alone():
    y, X, cluster = trial()
    shared = ClusteredDesign(X, cluster)
    for outcome in (y, 1 - y):
        together, alone = fit_gee(outcome, shared), fit_gee(outcome, ClusteredDesign(X, cluster))
        np.testing.assert_array_equal(together.beta, alone.beta)
        np.testing.assert_array_equal(together.covariance, alone.covariance)


@quickly
@given(st.lists(st.integers(-3, 5), min_size=1, max_size=40), st.integers(1, 3))
def test_sums_of_slices_are_sums_by_cluster(codes, columns):
    codes = np.array(codes)
    layout = ClusterLayout(codes)
    values = np.arange(len(codes) * columns, dtype=float).reshape(-1, columns)
    largest_first = sorted(np.unique(codes), key=lambda code: (-np.sum(codes == code), code))
    expected = np.array([values[codes == code].sum(axis=0) for code in largest_first])
    np.testing.assert_array_equal(layout.sums(values[layout.order]), expected)
    np.testing.assert_array_equal(layout.sizes, [np.sum(codes == code) for code in largest_first])
    back = layout.spread(np.array(largest_first, dtype=float))
    np.testing.assert_array_equal(back, codes[layout.order])


@pytest.mark.parametrize("moments", ["n", "n_minus_p"])
@pytest.mark.parametrize(("family", "link"), LINKS)
def test_the_slope_of_the_equations_is_their_derivative(family, link, moments):
    y, X, cluster = trial(n=100)
    design = ClusteredDesign(X[:, :8], cluster)
    basis, _ = design.conditioned
    rows = make_rows(y[design.layout.order], basis, design.layout, moments)
    rng = np.random.default_rng(4)
    start = {"logit": -0.4, "log": -0.9, "identity": 0.4}[link] + 0.05 * rng.normal(size=len(y))
    beta = basis.T @ start

    def score(coefficients):
        return equations_at(rows, mean_at(basis @ coefficients, family, link)).score

    mean = mean_at(basis @ beta, family, link)
    slope = jacobian(rows, mean, equations_at(rows, mean))
    step = 1e-5
    shifts = step * np.eye(len(beta))
    numeric = [(score(beta - shift) - score(beta + shift)) / (2 * step) for shift in shifts]
    np.testing.assert_allclose(slope, np.transpose(numeric), rtol=1e-5, atol=1e-5)


def test_newton_steps_are_few():
    y, X, cluster = trial()
    assert fit_gee(y, ClusteredDesign(X, cluster)).iterations <= 8
    few = ClusteredDesign(X[:, :8], cluster)
    assert fit_gee(y, few, family="poisson", link="identity").iterations <= 8


def test_where_newton_steps_do_not_suffice_scoring_steps_find_the_same(monkeypatch):
    y, X, cluster = trial()
    design = ClusteredDesign(X, cluster)
    by_newton = fit_gee(y, design)
    monkeypatch.setattr("analysis.estimators.gee._NEWTON_STEPS", 1)
    by_scoring = fit_gee(y, design)
    assert by_scoring.iterations > by_newton.iterations
    np.testing.assert_allclose(by_scoring.beta, by_newton.beta, rtol=1e-8, atol=1e-9)


def test_failures_have_reasons():
    y, X, cluster = trial(n=100)

    def reason(outcome, design, **options):
        with pytest.raises(FitError) as caught:
            fit_gee(outcome, ClusteredDesign(design, cluster), **options)
        return caught.value.reason

    nobody = np.where(X[:, 2] > 0, 0.0, y)
    counts = {"family": "poisson", "link": "log"}
    assert reason(nobody, X) == "separation: a fitted mean of 0 or 1"
    assert reason(nobody, X, **counts) == "separation: a fitted mean of 0"
    assert reason((X[:, 10] > 50).astype(float), X) == "separation: a fitted mean of 0 or 1"
    for family in ("poisson", "binomial"):
        line = {"family": family, "link": "identity"}
        assert reason(nobody, X[:, :8], **line) == "fitted means out of range"
    assert reason(np.zeros(len(y)), X) == "outcome does not vary"
    assert reason(y + 1, X) == "outcome is not 0 or 1"
    assert reason(-y, X, **counts) == "outcome is negative"
    assert reason(np.where(y > 0, np.nan, y), X) == "values that are not finite"
    assert reason(y, np.column_stack([X, X[:, 3]])) == "rank deficient: columns 20"
    assert reason(y, X, max_iterations=2) == "not converged"
    with pytest.raises(ValueError, match="binomial"):
        fit_gee(y, ClusteredDesign(X, cluster), family="poisson", link="logit")


def test_few_participants():
    y = np.array([1, 0, 1, 1, 0, 0, 1, 0], float)
    fit = fit_gee(y, ClusteredDesign(np.ones((8, 1)), np.array([1, 1, 2, 2, 3, 3, 4, 4])))
    np.testing.assert_allclose(fit.beta, [0], atol=1e-12)
    assert fit.n_clusters == 4
    with pytest.raises(FitError, match="too few"):
        fit_gee(y[:3], ClusteredDesign(np.vander([1.0, 2.0, 3.0]), np.array([1, 1, 2])))


def test_firth_adds_half_to_each_cell_of_a_two_by_two_table():
    """Firth (1993) section 3.1; its log odds ratio is finite where a cell is empty."""
    arm = np.repeat([0.0, 1.0], [9, 12])
    y = np.concatenate([np.zeros(9), np.repeat([0.0, 1.0], [5, 7])])
    design = ClusteredDesign(np.column_stack([np.ones(21), arm]), np.arange(21))
    fit = fit_gee(y, design, penalty="firth")
    np.testing.assert_allclose(fit.beta[0], np.log(0.5 / 9.5), rtol=1e-8)
    np.testing.assert_allclose(fit.beta.sum(), np.log(7.5 / 5.5), rtol=1e-8)


def test_the_penalty_is_half_the_slope_of_the_log_determinant_of_the_information():
    y, X, cluster = trial(30)
    X = X[:, :9]
    layout = ClusterLayout(cluster)
    rows = make_rows(y[layout.order], X[layout.order], layout, "n")
    beta = np.random.default_rng(1).normal(0.0, 0.3, 9)
    beta[8] = 0.1
    mean = mean_at(rows.basis @ beta, "binomial", "logit")
    at = equations_at(rows, mean)

    def half_log_determinant(beta):
        slope = 1 / (1 + np.exp(-X @ beta))
        weighted = X * np.sqrt(slope * (1 - slope))[:, None]
        information = np.zeros((9, 9))
        for member in np.unique(cluster):
            part = weighted[cluster == member]
            R = np.full((len(part), len(part)), at.correlation)
            np.fill_diagonal(R, 1.0)
            information += part.T @ np.linalg.solve(R, part)
        return np.linalg.slogdet(information)[1] / 2

    steps = 1e-6 * np.eye(9)
    slopes = [half_log_determinant(beta + s) - half_log_determinant(beta - s) for s in steps]
    expected = np.array(slopes) / 2e-6 * (1 - at.correlation)
    np.testing.assert_allclose(firth_penalty(rows, mean, at), expected, rtol=1e-4, atol=1e-6)
