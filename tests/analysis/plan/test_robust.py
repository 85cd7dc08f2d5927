"""Errors robust to participants, effects of covariates by visit, Kenward and Roger in the plan."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario

VISITS = ("6 weeks", "3 months", "9 months")
ROBUST = ("clda robust", "mmrm robust", "mmrm constrained robust")


@pytest.fixture(scope="module")
def complete(made):
    """A trial in which nobody missed a visit."""
    data = made.trial(90, seed=4)
    scores = data.scores["rmdq"]
    gaps = np.isnan(scores)
    scores[gaps] = np.random.default_rng(5).normal(9.0, 4.0, gaps.sum())
    return data


def test_a_robust_analysis_has_the_estimates_of_its_model_with_errors_of_its_own(made):
    found = made.estimates(made.trial(), alternatives=(*ROBUST, "mmrm", "mmrm constrained"))
    for name in ROBUST:
        for visit in VISITS:
            robust = found[name, visit, "difference"]
            model = found[name.removesuffix(" robust"), visit, "difference"]
            assert robust.estimate == pytest.approx(model.estimate, rel=1e-9)
            assert robust.se != pytest.approx(model.se, rel=1e-4)
            assert model.df is None
            assert 20 < robust.df < 80


def test_a_plan_robust_to_participants_has_these_errors_in_every_analysis(made):
    data = made.trial()
    named = made.estimates(data, alternatives=ROBUST)
    planned = made.estimates(data, cluster="participant", alternatives=("mmrm", "clda reml"))
    for visit in VISITS:
        for name in ("clda", "mmrm"):
            one, other = (
                named[f"{name} robust", visit, "difference"],
                (planned[name, visit, "difference"]),
            )
            assert (one.se, one.df) == pytest.approx((other.se, other.df), rel=1e-9)
    assert all(row.df is not None for row in planned.values() if row.converged)


def test_changes_are_then_compared_with_the_error_of_welch(made, complete):
    found = made.estimates(complete, cluster="participant", alternatives=("t-test on change",))
    row = found["t-test on change", "3 months", "difference"]
    change = complete.scores["rmdq"][:, 2] - complete.scores["rmdq"][:, 0]
    welch = stats.ttest_ind(change[complete.arm == 1], change[complete.arm == 0], equal_var=False)
    assert row.estimate / row.se == pytest.approx(welch.statistic, rel=1e-10)


def test_with_nothing_missing_imputation_is_the_robust_analysis(made, complete):
    found = made.estimates(complete, cluster="participant")
    for visit in VISITS:
        one, other = (
            found[name, visit, "difference"] for name in ("clda multiple imputation", "clda")
        )
        assert one.se == pytest.approx(other.se, rel=1e-7)
        # Barnard and Rubin's complete-data degrees of freedom, nothing missing.
        assert one.df == pytest.approx((other.df + 1) / (other.df + 3) * other.df, rel=1e-6)


@pytest.mark.parametrize("small_sample", ["satterthwaite", "kenward-roger"])
def test_mmrm_with_effects_by_visit_is_least_squares_by_visit(made, complete, small_sample):
    """With nothing missing and the same columns at each visit, they tell nothing of each other."""
    found = made.estimates(
        complete, covariate_effects="by visit", alternatives=("mmrm",), small_sample=small_sample
    )
    traits = complete.traits
    for column, visit in enumerate(VISITS, start=1):
        X = np.column_stack(
            [np.ones(90), complete.arm, complete.scores["rmdq"][:, 0], traits["age"]]
            + [traits["clinician"] == code for code in (1, 2)]
        )
        expected = sm.OLS(complete.scores["rmdq"][:, column], X).fit()
        row = found["mmrm", visit, "difference"]
        assert row.estimate == pytest.approx(expected.params[1], rel=1e-7)
        assert row.se == pytest.approx(expected.bse[1], rel=1e-7)
        assert row.df == pytest.approx(expected.df_resid, rel=1e-6)


def test_a_common_effect_is_another_model_only_where_effects_differ(made):
    common = made.estimates(made.trial(), covariates=("age",))
    apart = made.estimates(made.trial(), covariates=("age",), covariate_effects="by visit")
    for visit in VISITS:
        one, other = (each["clda", visit, "difference"] for each in (common, apart))
        assert one.estimate != pytest.approx(other.estimate, rel=1e-6)
        crude = [each["clda unadjusted", visit, "difference"] for each in (common, apart)]
        assert crude[0] == crude[1]


def test_an_effect_of_a_visit_that_cannot_be_told_is_named_with_its_visit(made):
    data = made.trial()
    data = replace(data, traits={**data.traits, "clinician": data.arm.astype(float)})
    found = made.estimates(data, covariates=("clinician",), covariate_effects="by visit")
    reason = found["clda", "3 months", "difference"].failure
    assert reason == "3 months: the arms cannot be told from clinician = b at 3 months"


def refusal(*changes):
    with pytest.raises(InputError) as caught:
        load_scenario("planned_2018", [*changes])
    return str(caught.value)


def test_what_does_not_go_together_is_refused():
    robust = 'analysis.cluster="participant"'
    assert "use 'clda'" in refusal(robust, 'analysis.alternatives=["clda robust"]')
    assert "degrees of freedom of their own: must be 'none'" in refusal(
        robust, 'analysis.small_sample="kenward-roger"'
    )
    deciding = 'analysis.primary_analysis="mmrm robust"'
    assert load_scenario("planned_2018", [deciding, 'analysis.alternatives=["mmrm robust"]'])
