"""What recorded covariates explain of a sum of their scores, against regression on persons."""

import numpy as np
import pytest

from scenarios.people.patients import Bounded, Categories, LogNormal, Population, StandardNormal
from scenarios.people.prognosis import prognosis_of
from scenarios.people.quantiles import values_from_scores

MARGINS = {
    "age": Bounded(kind="bounded", mean=62.0, sd=9.0, low=40.0, high=90.0),
    "sex": Categories(kind="categories", levels=("female", "male"), shares=(0.6, 0.4)),
    "education": Categories(kind="categories", levels=("a", "b", "c"), shares=(0.3, 0.5, 0.2)),
    "steps": LogNormal(kind="lognormal", mean=10.0, sd=8.0),
    "stress": StandardNormal(kind="standard"),
}


def population(**correlations):
    """Return a population of these margins; what else a population needs does not matter."""
    return Population.model_construct(margins=MARGINS, correlations=correlations)


def test_a_normal_covariate_explains_all_of_its_own_score():
    found = prognosis_of(population(), {"stress": -2.0})
    assert found.recorded == pytest.approx(1.0)
    assert found.spread == 2.0
    assert found.weights == {"stress": -1.0}


def test_two_equal_halves_explain_two_over_pi_of_a_score():
    halves = Categories(kind="categories", levels=("a", "b"), shares=(0.5, 0.5))
    people = Population.model_construct(margins={"sex": halves}, correlations={})
    assert prognosis_of(people, {"sex": 1.0}).recorded == pytest.approx(2.0 / np.pi)


def test_a_log_normal_covariate_has_its_closed_form():
    variance = np.log1p((8.0 / 10.0) ** 2)
    found = prognosis_of(population(), {"steps": 1.0})
    assert found.recorded == pytest.approx(variance / np.expm1(variance), rel=1e-9)


def test_correlated_covariates_explain_what_regression_on_many_persons_finds():
    people = population(age={"sex": 0.3, "education": -0.5, "steps": 0.4}, sex={"steps": 0.6})
    stated = {"age": 1.0, "sex": -0.7, "education": 0.5, "steps": 0.6}
    found = prognosis_of(people, stated)
    n = 200_000
    normals = np.random.default_rng(1).standard_normal((len(MARGINS), n))
    scores = np.linalg.cholesky(people.correlation_matrix()) @ normals
    total = found.total(dict(zip(MARGINS, scores, strict=True)))
    columns = [np.ones(n)]
    for (name, margin), score in zip(MARGINS.items(), scores, strict=True):
        values = values_from_scores(margin, score)
        if name in stated and isinstance(margin, Categories):
            columns += [values == code for code in range(1, len(margin.levels))]
        elif name in stated:
            columns.append(values)
    X = np.column_stack(columns).astype(float)
    rest = total - X @ np.linalg.lstsq(X, total)[0]
    assert total.var() == pytest.approx(1.0, abs=4 * np.sqrt(2 / n))
    # The error of an R2 near 0.8 is about sqrt(4 R2 (1 - R2)^2 / n).
    error = np.sqrt(4 * 0.8 * 0.2**2 / n)
    assert 1 - rest.var() / total.var() == pytest.approx(found.recorded, abs=4 * error)
