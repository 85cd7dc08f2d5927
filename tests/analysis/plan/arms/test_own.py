"""Analyses that users bring, in trials of three arms."""

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from analysis.data.estimates import Estimate, failed_estimate, student_estimate
from analysis.data.joint import Joint, joint_of

OF_PRIMARY = "of the primary outcome at the primary visit"
NAME = "of_three_arms:analysis"


def welch(inputs):
    """Return each arm against the reference, with the joint covariance of their means."""
    change = inputs.data.scores["score"][:, 2] - inputs.data.scores["score"][:, 0]
    groups = [change[(inputs.data.arm == arm) & ~np.isnan(change)] for arm in range(3)]
    means = np.array([each.mean() for each in groups])
    errors = np.diag([each.var(ddof=1) / len(each) for each in groups])
    weights = np.array([each.weights for each in inputs.contrasts])
    covariance = weights @ errors @ weights.T
    labels = inputs.labels("score", "3 months", "difference")
    se = np.sqrt(np.diag(covariance))
    rows = [
        student_estimate(label, float(value), float(error), 50.0, 100, 0.95)
        for label, value, error in zip(labels, weights @ means, se, strict=True)
    ]
    inputs.joint.append(joint_of(rows, covariance))
    return rows


def partly(inputs):
    first, second = inputs.labels("score", "3 months", "difference")
    return [student_estimate(first, 1.0, 0.5, 9.0, 20, 0.95), failed_estimate(second, 20, "no")]


def one_only(inputs):
    return partly(inputs)[:1]


def of_two_arms(inputs):
    label = (inputs.name, "score", "3 months", "difference")
    return [student_estimate(label, 1.0, 0.5, 9.0, 20, 0.95)]


def joined(found, **changed):
    def analysis(inputs):
        rows = [
            student_estimate(label, 1.0, 0.5, 9.0, 20, 0.95)
            for label in inputs.labels("score", "3 months", "difference")
        ]
        inputs.joint.append(replace(joint_of(rows, np.array(found)), **changed))
        return rows

    return analysis


def no_joint(inputs):
    inputs.joint.append(np.eye(2))
    return partly(inputs)


@pytest.fixture
def brought(monkeypatch):
    def bring(function):
        module = ModuleType("of_three_arms")
        module.analysis = function
        monkeypatch.setitem(sys.modules, "of_three_arms", module)
        return {"alternatives": (NAME,)}

    return bring


def test_it_gets_contrasts_and_may_give_their_joint_covariance(many, brought):
    data = many.trial(3)
    found = many.run(data, NAME, **brought(welch))
    change = data.scores["score"][:, 2] - data.scores["score"][:, 0]
    groups = [change[(data.arm == arm) & ~np.isnan(change)] for arm in range(3)]
    for row, arm, name in zip(found.estimates, (1, 2), ("band", "app"), strict=True):
        theirs = stats.ttest_ind(groups[arm], groups[0], equal_var=False)
        assert row.contrast == f"difference: {name} - usual"
        assert row.estimate / row.se == pytest.approx(theirs.statistic)
    (joint,) = found.joint
    assert joint.labels == tuple(row.contrast for row in found.estimates)
    assert joint.covariance[0, 1] == pytest.approx(groups[0].var(ddof=1) / len(groups[0]))


def test_a_contrast_may_have_no_answer(many, brought):
    first, second = many.run(many.trial(3), NAME, **brought(partly)).estimates
    assert (first.converged, second.failure) == (True, "no")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (one_only, f"it returns no 'difference: app - usual' {OF_PRIMARY}"),
        (of_two_arms, f"it returns no 'difference: band - usual' {OF_PRIMARY}"),
        (no_joint, "it puts ndarray into joint, a Joint is needed"),
        (joined([[0.25, 0.1], [0.1, 0.3]]),
         "its joint covariance at 3 months is not that of its errors"),
        (joined([[0.25, 0.1], [0.1, 0.25]], labels=("difference: band - usual", "difference: x")),
         "its joint covariance at 3 months is not of its estimates"),
        (joined([[0.25, 0.1], [0.1, 0.25]], covariance=np.eye(3)),
         "its joint covariance at 3 months is not of its estimates"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_failure_of_every_contrast(many, brought, function, reason):
    found = many.run(many.trial(3), NAME, **brought(function))
    assert [row.contrast for row in found.estimates] == [
        "difference: band - usual", "difference: app - usual",
    ]  # fmt: skip
    assert [row.failure for row in found.estimates] == [reason, reason]
    assert found.joint == ()


def test_nothing_is_known_of_contrasts_without_an_estimate():
    label = ("a", "score", "3 months")
    rows: list[Estimate] = [
        student_estimate((*label, "x"), 1.0, 0.5, np.inf, 20, 0.95),
        failed_estimate((*label, "y"), 20, "no"),
    ]
    joint = joint_of(rows, np.array([[0.25, 0.1], [0.1, 0.3]]))
    assert isinstance(joint, Joint)
    assert np.isnan(joint.covariance).tolist() == [[False, True], [True, True]]
    assert joint.df.tolist() == [np.inf, np.inf]
    assert joint_of(rows[1:], np.eye(1)) is None
