"""What holds of contrasts in any analysis: references, weights, joint covariances, baselines."""

from collections import defaultdict

import numpy as np
import pytest

from scenarios.arms.factorial import Factorial

MIXED = (
    "ancova", "t-test on change", "clda reml", "mmrm", "mmrm constrained", "clda robust",
    "mmrm robust",
)  # fmt: skip
MODELS = {
    "continuous": {"alternatives": MIXED, "sensitivity": ("complete case", "per protocol")},
    "imputed": {"sensitivity": ("multiple imputation",)},
    "small samples": {
        "alternatives": ("clda reml", "mmrm"), "small_sample": "kenward-roger",
        "covariate_effects": "by visit",
    },
    "clustered": {
        "cluster": "participant", "alternatives": ("ancova", "clda reml", "mmrm"),
        "sensitivity": ("multiple imputation",),
    },
    "response": {"responder_points": (2, 6)},
    "binary": {
        "continuous": (), "primary_outcome": "event", "binary": ("event",),
        "primary_analysis": "gee logistic", "alternatives": ("risk difference",),
    },
    "count": {
        "continuous": (), "primary_outcome": "falls", "counts": ("falls",),
        "primary_analysis": "gee rates", "alternatives": ("negative binomial",),
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_another_reference_gives_the_same_differences(many, kind):
    data, changed = many.trial(3, n=240), MODELS[kind]
    names = {"a": {"app": 1, "usual": -1}, "b": {"app": 1, "band": -1}}
    own = many.rows(data, **changed, contrasts=names)
    other = many.rows(many.reordered(data, (2, 1, 0)), **changed, contrasts=names)
    compared = 0
    for label, row in own.items():
        if "at the first visit" in label[2] or "imputation" in label[0]:
            continue  # another question, and other draws
        if label[0] == "clda per protocol":
            continue  # of whom the reference is, all are in it
        assert row.converged, row
        assert other[label].estimate == pytest.approx(row.estimate, rel=1e-5, abs=1e-6)
        assert other[label].se == pytest.approx(row.se, rel=1e-5)
        assert (other[label].df is None) == (row.df is None)
        assert row.df is None or other[label].df == pytest.approx(row.df, rel=1e-4)
        assert other[label].n == row.n
        compared += 1
    assert compared >= 8


@pytest.mark.parametrize("kind", MODELS)
def test_the_joint_covariance_is_that_of_the_contrasts(many, kind):
    """A contrast of two contrasts, and its error, follow from their estimates and covariance."""
    data, changed = many.trial(3, n=240), MODELS[kind]
    pairs = {"a": {"band": 1, "usual": -1}, "b": {"app": 1, "usual": -1}}
    together = many.run(data, **changed, contrasts=pairs)
    third = many.rows(
        data, **changed, contrasts={**pairs, "c": {"app": 3, "band": -1, "usual": -2}}
    )
    errors, at = defaultdict(dict), set()
    for each in together.estimates:
        errors[each.analysis, each.outcome, each.visit][each.contrast] = each
    for joint in together.joint:
        rows = errors[joint.analysis, joint.outcome, joint.visit]
        mine = [rows[label] for label in joint.labels]
        assert joint.estimates.tolist() == [row.estimate for row in mine]
        assert np.sqrt(np.diag(joint.covariance)) == pytest.approx([row.se for row in mine])
        assert joint.df.tolist() == [np.inf if row.df is None else row.df for row in mine]
        if joint.outcome in {"score", "event", "falls"}:
            label = joint.labels[0].replace(": a", ": c")
            combined, weights = third[joint.analysis, joint.visit, label], np.array([-1.0, 3.0])
            error = np.sqrt(weights @ joint.covariance @ weights)
            assert combined.estimate == pytest.approx(weights @ joint.estimates)
            assert combined.se == pytest.approx(error)
        at.add((joint.analysis, joint.outcome, joint.visit))
    labelled = {e.label[:3] for e in together.estimates if ": " in e.contrast}
    assert at == labelled
    assert len(at) == len(together.joint)


def test_two_arms_have_one_difference_without_a_name_or_a_joint_covariance(many):
    data = many.trial(2)
    found = many.run(data, alternatives=("ancova",), sensitivity=("multiple imputation",))
    assert {row.contrast for row in found.estimates} == {"difference"}
    assert found.joint == ()


def test_two_arms_with_a_declared_contrast_are_named(many):
    data = many.trial(2)
    plain = many.rows(data)
    named = many.rows(data, contrasts={"usual - band": {"usual": 2, "band": -2}})
    for (analysis, visit, _), row in plain.items():
        mine = named[analysis, visit, "difference: usual - band"]
        assert mine.estimate == pytest.approx(-2 * row.estimate)
        assert mine.se == pytest.approx(2 * row.se)
        assert mine.p == pytest.approx(row.p)


def test_all_arms_share_the_mean_at_baseline_and_differ_by_their_contrasts_after_it(many):
    data = many.trial(4)
    found = many.run(data)
    means = {(mean.visit, mean.arm): mean.mean for mean in found.arm_means}
    assert len(means) == 4 * 4
    assert len({means["baseline", arm] for arm in range(4)}) == 1
    crude = {(e.visit, e.contrast): e.estimate for e in found.estimates
             if e.analysis == "clda unadjusted"}  # fmt: skip
    for visit in many.visits[1:]:
        for arm, name in ((1, "band"), (2, "app"), (3, "both")):
            difference = means[visit, arm] - means[visit, 0]
            assert difference == pytest.approx(crude[visit, f"difference: {name} - usual"])


def test_effects_of_components_are_contrasts_of_the_arms_that_have_them(many):
    """The interaction of a 2 x 2 factorial is half the difference between two differences."""
    data = many.trial(4)
    design = Factorial(components=("app", "band"))
    # The arms without any, with the wristband, with the app, and with both, in this order.
    names = dict(zip(design.arm_names, ("usual", "band", "app", "both"), strict=True))
    contrasts = {
        name: {names[arm]: weight for arm, weight in weights.items()}
        for name, weights in design.contrasts()
    }
    effects = many.run(data, "clda", contrasts=contrasts)
    pairs = many.run(data, "clda")
    for joint, three in zip(effects.joint, pairs.joint, strict=True):
        band, app, both = three.estimates
        assert joint.labels == tuple(
            f"difference: {name}" for name in ("app", "band", "app x band")
        )
        assert joint.estimates == pytest.approx(
            [(app + both - band) / 2, (band + both - app) / 2, (both - app - band) / 2]
        )
        turn = np.array([[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [-0.5, -0.5, 0.5]])
        assert joint.covariance == pytest.approx(turn @ three.covariance @ turn.T)


def test_imputation_of_complete_data_is_the_complete_analysis_of_four_arms(many):
    data = many.trial(4, missing=0.0)
    found = many.rows(data, sensitivity=("multiple imputation",))
    mine = {key[1:]: row for key, row in found.items() if key[0] == "clda multiple imputation"}
    assert len(mine) == 9
    for key, row in mine.items():
        whole = found["clda", *key]
        assert row.estimate == pytest.approx(whole.estimate, rel=1e-9)
        assert row.se == pytest.approx(whole.se, rel=1e-9)


def test_decisions_go_by_the_direction_of_the_outcome_for_each_contrast(many):
    data = many.trial(3, n=600)
    found = many.rows(data, "clda")
    row = found["clda", "9 months", "difference: app - usual"]
    assert row.estimate < 0
    assert row.decision == "in favour"
    turned = many.rows(data, "clda", contrasts={"usual - app": {"usual": 1, "app": -1}})
    assert turned["clda", "9 months", "difference: usual - app"].decision == "against"
