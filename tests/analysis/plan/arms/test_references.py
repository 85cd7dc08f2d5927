"""Trials of three and four arms against statsmodels and closed forms."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.regression.mixed_linear_model import MixedLM

CONTRASTS = {
    "app - band": {"app": 1, "band": -1},
    "any": {"usual": -1, "band": 0.5, "app": 0.5},
    "band - usual": {"band": 1, "usual": -1},
}


def test_ancova_of_three_unequal_arms_is_least_squares(many):
    data = many.trial(3)
    found = many.rows(data, "ancova", alternatives=("ancova",), contrasts=CONTRASTS)
    seen = ~np.isnan(data.scores["score"][:, 2])
    X = np.column_stack(
        [np.ones(len(data)), data.arm == 1, data.arm == 2, data.scores["score"][:, 0],
         many.columns(data)]
    )[seen].astype(float)  # fmt: skip
    reference = sm.OLS(data.scores["score"][seen, 2], X).fit()
    for name, weights in (("app - band", [-1, 1]), ("any", [0.5, 0.5]), ("band - usual", [1, 0])):
        theirs = reference.t_test([0, *weights, 0, 0, 0, 0])
        mine = found["ancova", "3 months", f"difference: {name}"]
        assert mine.estimate == pytest.approx(theirs.effect.item(), rel=1e-9)
        assert mine.se == pytest.approx(theirs.sd.item(), rel=1e-9)
        assert mine.p == pytest.approx(theirs.pvalue.item(), rel=1e-7)
        assert (mine.df, mine.n) == (reference.df_resid, seen.sum())


def test_changes_are_compared_with_a_variance_that_all_arms_have(many):
    data = many.trial(4)
    name = "t-test on change"
    found = many.rows(data, name, alternatives=(name,))
    change = data.scores["score"][:, 2] - data.scores["score"][:, 0]
    groups = [change[(data.arm == arm) & ~np.isnan(change)] for arm in range(4)]
    n = np.array([len(each) for each in groups])
    variance = sum(((each - each.mean()) ** 2).sum() for each in groups) / (n.sum() - 4)
    for arm, label in ((1, "band - usual"), (2, "app - usual"), (3, "both - usual")):
        mine = found[name, "3 months", f"difference: {label}"]
        assert mine.estimate == pytest.approx(groups[arm].mean() - groups[0].mean())
        assert mine.se == pytest.approx(np.sqrt(variance * (1 / n[arm] + 1 / n[0])))
        assert mine.df == n.sum() - 4


@pytest.mark.parametrize("engine", ["profiled", "statsmodels"])
def test_the_constrained_model_of_three_arms_is_that_of_statsmodels(many, engine):
    data = many.trial(3)
    found = many.rows(data, "clda", contrasts=CONTRASTS, engine=engine)
    y, X, who, place = many.stacked(data, "score", (0, 1, 2, 3), arms=True)
    reference = MixedLM(y, X, who).fit(reml=False, method="powell", ftol=1e-14)
    ratio = float(np.asarray(reference.cov_re)[0, 0]) / reference.scale
    information = np.zeros((X.shape[1], X.shape[1]))
    for person in np.unique(who):
        mine = X[who == person]
        information += mine.T @ np.linalg.solve(np.eye(len(mine)) + ratio, mine)
    covariance = reference.scale * np.linalg.inv(information)
    for visit, name in enumerate(many.visits):
        if visit == 0:
            continue
        band, app = place[visit, 1], place[visit, 2]
        for label, weights in (
            ("app - band", {app: 1, band: -1}), ("any", {app: 0.5, band: 0.5}),
            ("band - usual", {band: 1}),
        ):  # fmt: skip
            w = np.zeros(X.shape[1])
            w[list(weights)] = list(weights.values())
            row = found["clda", name, f"difference: {label}"]
            assert row.estimate == pytest.approx(w @ reference.fe_params, rel=1e-5, abs=1e-6)
            assert row.se == pytest.approx(np.sqrt(w @ covariance @ w), rel=1e-5)


@pytest.mark.parametrize("engine", ["profiled", "statsmodels"])
def test_odds_ratios_of_three_arms_are_those_of_statsmodels(many, engine):
    data = many.trial(3, n=240)
    changed = {"primary_outcome": "event", "binary": ("event",), "continuous": ()}
    decided = {"primary_analysis": "gee logistic", "engine": engine}
    found = many.rows(data, "gee logistic", **changed, **decided)
    y, X, who, _ = many.stacked(data, "event", (1, 2, 3), arms=True)
    exchangeable = sm.cov_struct.Exchangeable()
    model = sm.GEE(y, X, who, family=sm.families.Binomial(), cov_struct=exchangeable)
    reference = model.fit(ddof_scale=0, ctol=1e-12, maxiter=200)
    # Columns: three visits, then band and app at each.
    for visit, name in enumerate(many.visits[1:]):
        for arm, label in ((0, "band - usual"), (1, "app - usual")):
            row = found["gee logistic", name, f"log odds ratio: {label}"]
            column = 3 + 2 * visit + arm
            assert row.estimate == pytest.approx(reference.params[column], rel=1e-5, abs=1e-6)
            assert row.se == pytest.approx(reference.bse[column], rel=1e-5)
    start = found["gee logistic", "9 months", "log odds ratio, app to usual at the first visit"]
    weights = np.zeros(X.shape[1])
    weights[[2, 0, 8]] = 1, -1, 1
    theirs = reference.t_test(weights)
    assert start.estimate == pytest.approx(theirs.effect.item(), rel=1e-5, abs=1e-6)
    assert start.se == pytest.approx(theirs.sd.item(), rel=1e-5)


def test_rate_ratios_of_three_arms_are_those_of_statsmodels(many):
    data = many.trial(3, n=240)
    changed = {"primary_outcome": "falls", "counts": ("falls",), "continuous": ()}
    found = many.rows(
        data, **changed, primary_analysis="gee rates", alternatives=("negative binomial",)
    )
    y, X, who, _ = many.stacked(data, "falls", (1, 2, 3), arms=True)
    exchangeable = sm.cov_struct.Exchangeable()
    model = sm.GEE(y, X, who, family=sm.families.Poisson(), cov_struct=exchangeable)
    reference = model.fit(ddof_scale=0, ctol=1e-12, maxiter=200)
    for visit, name in enumerate(many.visits[1:]):
        for arm, label in ((0, "band - usual"), (1, "app - usual")):
            row = found["gee rates", name, f"log rate ratio: {label}"]
            column = 3 + 2 * visit + arm
            assert row.estimate == pytest.approx(reference.params[column], rel=1e-4, abs=1e-5)
            assert row.se == pytest.approx(reference.bse[column], rel=1e-4)
    y, X, _, _ = many.stacked(data, "falls", (2,), arms=True)
    theirs = sm.NegativeBinomial(y, X).fit(disp=False, method="newton", maxiter=200)
    for arm, label in ((0, "band - usual"), (1, "app - usual")):
        row = found["negative binomial", "3 months", f"log rate ratio: {label}"]
        assert row.estimate == pytest.approx(theirs.params[1 + arm], rel=1e-4, abs=1e-6)
        assert row.se == pytest.approx(theirs.bse[1 + arm], rel=1e-3)


def test_standardized_risks_without_covariates_are_those_of_the_arms(many):
    """With nothing missing and no covariates a difference of risks is one of shares."""
    data = many.trial(3, missing=0.0)
    changed = {"primary_outcome": "event", "binary": ("event",), "continuous": ()}
    picked = {"primary_analysis": "risk difference", "alternatives": ("risk difference",)}
    found = many.run(data, "risk difference", **changed, **picked, covariates=())
    events = data.scores["event"]
    shares = np.stack([events[data.arm == arm].mean(axis=0) for arm in range(3)])
    n = np.bincount(data.arm)
    errors = shares * (1 - shares) / n[:, None]
    for joint, visit in zip(found.joint, (1, 2, 3), strict=True):
        risks, own = shares[:, visit], errors[:, visit]
        assert joint.labels == ("difference: band - usual", "difference: app - usual")
        assert joint.estimates == pytest.approx(risks[1:] - risks[0])
        assert joint.covariance == pytest.approx(np.diag(own[1:]) + own[0])


def test_mixed_models_of_complete_data_have_the_contrasts_of_ancova(many):
    """With everybody seen and slopes for each visit the visits separate (REML, unstructured)."""
    data = many.trial(4, missing=0.0)
    name = "mmrm"
    found = many.rows(
        data, alternatives=(name, "ancova"), covariate_effects="by visit", contrasts={
            "interaction": {"usual": 0.5, "band": -0.5, "app": -0.5, "both": 0.5},
            "both - app": {"both": 1, "app": -1},
        },
    )  # fmt: skip
    for label in ("interaction", "both - app"):
        mine, reference = (
            found[each, "3 months", f"difference: {label}"] for each in (name, "ancova")
        )
        assert mine.estimate == pytest.approx(reference.estimate, rel=1e-6)
        assert mine.se == pytest.approx(reference.se, rel=1e-6)
