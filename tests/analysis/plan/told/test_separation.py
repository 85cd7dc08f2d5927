"""Coefficients that are infinite are set aside, and the others are those of the other rows."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.plan.analyse import analyse
from analysis.plan.told.separation import separated_rows

BETWEEN = "log odds ratio"


def unimproved(data, members, visit):
    """Put the scores of some participants at a visit where they were at baseline."""
    column = data.visits.index(visit)
    seen = members & ~np.isnan(data.scores["rmdq"][:, column])
    data.scores["rmdq"][seen, column] = data.scores["rmdq"][seen, 0]
    return data


def test_only_the_odds_ratio_of_a_separated_visit_is_infinite(made):
    data = made.trial()
    data = unimproved(data, data.arm == 0, "6 weeks")
    found = made.estimates(data)
    others = made.estimates(made.without(data, data.arm == 0, "6 weeks"))
    for visit in ("3 months", "9 months"):
        mine, theirs = (each["gee logistic", visit, BETWEEN] for each in (found, others))
        assert mine.estimate == pytest.approx(theirs.estimate, rel=1e-6)
        assert mine.se == pytest.approx(theirs.se, rel=1e-6)
        risk = found["gee poisson, standardized", visit, "risk difference"]
        assert np.sign(risk.estimate) == np.sign(mine.estimate)
        assert risk.converged
    reason = "6 weeks: nobody in the control arm met it (separation)"
    assert found["gee logistic", "6 weeks", BETWEEN].failure == reason
    within = [row for (_, visit, c), row in found.items() if "first visit" in c]
    assert within
    assert all(row.failure == reason for row in within)


def test_with_answers_at_one_visit_each_odds_ratios_are_those_of_the_counts(made):
    data = made.trial(300)
    which = np.arange(300) % 3
    for column, visit in enumerate(data.visits[1:]):
        data = made.without(data, which != column, visit)
    data = unimproved(data, data.arm == 1, "6 weeks")
    found = made.estimates(data, covariates=())
    change = data.scores["rmdq"][:, :1] - data.scores["rmdq"]
    for visit in ("3 months", "9 months"):
        odds, variance = [], 0.0
        for arm in (0, 1):
            seen = change[data.arm == arm, data.visits.index(visit)]
            met, seen = (seen >= 4).sum(), (~np.isnan(seen)).sum()
            odds.append(np.log(met / (seen - met)))
            variance += 1 / met + 1 / (seen - met)
        row = found["gee logistic", visit, BETWEEN]
        assert row.estimate == pytest.approx(odds[1] - odds[0], rel=1e-8)
        assert row.se == pytest.approx(np.sqrt(variance), rel=1e-8)
    row = found["gee logistic", "6 weeks", BETWEEN]
    assert row.failure == "6 weeks: nobody in the intervention arm met it (separation)"


def test_a_level_in_which_nobody_improved_is_named_though_all_is_estimated(made):
    data = made.trial(200)
    members = data.traits["clinician"] == 1
    for visit in data.visits[1:]:
        data = unimproved(data, members, visit)
    plan = made.plan(covariates=("clinician",))
    found = analyse(data, plan, np.random.default_rng(1), ("gee logistic", "gee poisson"))
    others = analyse(data.take(~members), plan, np.random.default_rng(1), ("gee logistic",))
    between = [row for row in found.estimates if row.contrast == BETWEEN]
    assert [row.estimate for row in between] == pytest.approx(
        [row.estimate for row in others.estimates if row.contrast == BETWEEN], rel=1e-6
    )
    answers = int((~np.isnan(data.scores["rmdq"][members, 1:])).sum())
    (remark,) = found.remarks
    assert remark == (
        "rmdq improved by 4: nobody with clinician = b met it (separation); the model is of the "
        f"others, without {answers} answers"
    )
    assert others.remarks == ()


def test_firth_gives_every_odds_ratio(made):
    data = made.trial()
    data = unimproved(data, data.arm == 0, "6 weeks")
    found = {
        visit: row
        for (analysis, visit, contrast), row in made.estimates(data, penalty="firth").items()
        if (analysis, contrast) == ("gee logistic", BETWEEN)
    }
    assert all(row.converged for row in found.values())
    assert found["6 weeks"].estimate > 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(6, 40))
def test_what_is_left_has_a_maximum_and_what_is_set_aside_has_none(seed, n):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.integers(0, 2, (n, 3)), rng.normal(size=n)])
    y = (rng.random(n) < 0.3).astype(float)
    separated = separated_rows(y, X, "logit")
    left = ~separated
    if not left.any():
        return
    # A maximum exists: long after convergence the fitted means are off their bounds. The basis is
    # that of the columns which the rows that are left tell.
    basis, singular, _ = np.linalg.svd(X[left], full_matrices=False)
    basis = basis[:, singular > 1e-9]
    fit = sm.GLM(y[left], basis, family=sm.families.Binomial()).fit(maxiter=200, tol=1e-12)
    assert np.abs(basis @ fit.params).max() < 25
    assert not separated_rows(y[left], X[left], "logit").any()


def test_neither_units_nor_aliased_columns_change_what_is_separated():
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(40), rng.normal(50.0, 9.0, 40), np.arange(40) % 2])
    y = (rng.random(40) < 0.5).astype(float)
    y[X[:, 2] == 1] = 0
    found = separated_rows(y, X, "logit")
    np.testing.assert_array_equal(found, X[:, 2] == 1)
    np.testing.assert_array_equal(separated_rows(y, X * [1, 1e6, 1e-6], "logit"), found)
    twice = np.column_stack([X, X[:, 1] - X[:, 0]])
    np.testing.assert_array_equal(separated_rows(y, twice, "log"), found)
    np.testing.assert_array_equal(separated_rows(1 - y, twice, "logit"), found)
    assert not separated_rows(1 - y, twice, "log").any()
