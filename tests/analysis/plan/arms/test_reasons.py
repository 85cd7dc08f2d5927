"""Where one arm lacks something, its contrasts alone have no estimate, and say why."""

from dataclasses import replace

import numpy as np
import pytest

ANALYSES = {
    "clda": {},
    "clda unadjusted": {},
    "clda reml": {"alternatives": ("clda reml",)},
    "clda robust": {"alternatives": ("clda robust",)},
    "mmrm": {"alternatives": ("mmrm",)},
    "mmrm constrained": {"alternatives": ("mmrm constrained",)},
    "clda multiple imputation": {"sensitivity": ("multiple imputation",)},
    "gee logistic": {
        "primary_outcome": "event", "binary": ("event",), "continuous": (),
        "primary_analysis": "gee logistic",
    },
    "gee poisson": {"responder_points": (4,)},
    "risk difference": {
        "primary_outcome": "event", "binary": ("event",), "continuous": (),
        "primary_analysis": "risk difference", "alternatives": ("risk difference",),
    },
    "gee rates": {
        "primary_outcome": "falls", "counts": ("falls",), "continuous": (),
        "primary_analysis": "gee rates",
    },
}  # fmt: skip
KINDS = {
    "gee logistic": "log odds ratio", "gee poisson": "risk difference",
    "gee rates": "log rate ratio",
}  # fmt: skip
PAIRS = {
    "app - usual": {"app": 1, "usual": -1},
    "band - usual": {"band": 1, "usual": -1},
    "band - app": {"band": 1, "app": -1},
}


@pytest.mark.parametrize("name", ANALYSES)
@pytest.mark.parametrize("lost", [0, 2])
def test_an_arm_that_never_answered_a_visit_costs_its_own_contrasts_there(many, name, lost):
    data = many.trial(3, n=300)
    gone = many.without(data, lost, "9 months")
    found = many.rows(gone, name, **ANALYSES[name], contrasts=PAIRS)
    rows = {key[1:]: row for key, row in found.items()
            if key[0].startswith(name) and "first visit" not in key[2]}  # fmt: skip
    assert len(rows) == 9
    told = "band - app" if lost == 0 else "band - usual"
    arm = ("usual", "band", "app")[lost]
    for (visit, label), row in rows.items():
        if visit != "9 months" or label.endswith(told):
            assert row.converged, row
        else:
            assert row.failure == f"9 months: nobody in the {arm} arm answered"
    alone = data.take(data.arm != lost)
    kind = KINDS.get(name, "difference")
    other = many.rows(alone, name, **ANALYSES[name], contrasts=PAIRS)
    mine = rows["9 months", f"{kind}: {told}"]
    theirs = next(row for key, row in other.items() if key[1:] == ("9 months", f"{kind}: {told}"))
    # The lost arm tells of covariates and variances alone.
    assert mine.estimate == pytest.approx(theirs.estimate, abs=0.5 * theirs.se)
    assert mine.se == pytest.approx(theirs.se, rel=0.2)


@pytest.mark.parametrize("name", ["ancova", "t-test on change"])
def test_a_comparison_at_one_visit_is_of_the_arms_that_have_it(many, name):
    data = many.without(many.trial(3), 0, "3 months")
    found = many.run(data, name, alternatives=(name,), contrasts=PAIRS)
    rows = {row.contrast.partition(": ")[2]: row for row in found.estimates}
    reason = "3 months: nobody in the usual arm has both scores and all covariates"
    assert rows["app - usual"].failure == rows["band - usual"].failure == reason
    assert rows["band - app"].converged
    (joint,) = found.joint
    assert np.isnan(joint.estimates).tolist() == [True, True, False]
    assert joint.covariance[2, 2] == pytest.approx(rows["band - app"].se ** 2)
    assert np.isnan(joint.covariance[0]).all()
    assert np.isnan(joint.covariance[:, 0]).all()


def test_a_covariate_that_only_one_arm_has_leaves_the_others_compared(many):
    data = many.trial(3)
    site = np.where(data.arm == 2, 2.0, data.traits["site"] % 2)
    alike = replace(data, traits={**data.traits, "site": site})
    found = many.rows(alike, alternatives=("ancova", "mmrm"), contrasts=PAIRS)
    for name in ("ancova", "mmrm"):
        assert found[name, "3 months", "difference: band - usual"].converged
        for label in ("app - usual", "band - app"):
            row = found[name, "3 months", f"difference: {label}"]
            assert row.failure == "3 months: the arms cannot be told from site = c"
    # Baselines, which all arms share, tell what the site does.
    assert found["clda", "3 months", "difference: app - usual"].converged


def test_nobody_adherent_in_an_arm_costs_its_own_contrasts(many):
    data = many.trial(3)
    idle = replace(data, plans_made=np.where(data.arm == 1, 0.0, data.plans_made))
    found = many.rows(
        idle, "clda per protocol", sensitivity=("per protocol",), adherence_plans=4,
        contrasts=PAIRS,
    )  # fmt: skip
    alone = many.rows(
        idle.take(idle.arm != 1), "clda per protocol", sensitivity=("per protocol",),
        adherence_plans=4, contrasts=PAIRS,
    )  # fmt: skip
    for (analysis, visit, label), row in found.items():
        if "band" in label:
            assert row.failure == "nobody in the band arm was adherent"
            continue
        same = alone[analysis, visit, label]
        assert row.estimate == pytest.approx(same.estimate, rel=1e-7)
        assert row.se == pytest.approx(same.se, rel=1e-7)
        assert row.n == ((idle.arm == 0) | ((idle.arm == 2) & (idle.plans_made >= 4))).sum()


def test_nobody_in_two_arms_is_said_of_both(many):
    data = many.trial(3)
    idle = replace(data, plans_made=np.zeros(len(data)))
    found = many.rows(
        idle, "clda per protocol", sensitivity=("per protocol",), adherence_plans=1,
        contrasts=PAIRS,
    )  # fmt: skip
    reasons = {key[2].partition(": ")[2]: row.failure for key, row in found.items()}
    assert reasons == {
        "app - usual": "nobody in the app arm was adherent",
        "band - usual": "nobody in the band arm was adherent",
        "band - app": "nobody in the band arm or in the app arm was adherent",
    }


def test_separation_in_one_arm_is_said_of_its_contrasts_alone(many):
    data = many.trial(3, n=300)
    event = data.scores["event"].copy()
    event[(data.arm == 2) & ~np.isnan(event[:, 3]), 3] = 0.0
    found = many.rows(
        replace(data, scores={**data.scores, "event": event}),
        **ANALYSES["risk difference"], contrasts=PAIRS,
    )  # fmt: skip
    kinds = (("gee logistic", "log odds ratio"), ("risk difference", "difference"))
    for name, kind in kinds:
        for label in PAIRS:
            row = found[name, "9 months", f"{kind}: {label}"]
            if "app" in label:
                assert row.failure == "9 months: nobody in the app arm met it (separation)"
            else:
                assert row.converged
        assert found[name, "3 months", f"{kind}: app - usual"].converged
    start = found["gee logistic", "9 months", "log odds ratio, app to usual at the first visit"]
    assert start.failure == "9 months: nobody in the app arm met it (separation)"
