"""Levels, visits and arms at visits that nobody has leave the rest of a model as it is."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.plan.analyse import analyse

RANDOM = "clda multiple imputation"


def same(one, two, *, rel=1e-6):
    """Estimates that both have, apart from imputed ones, are equal."""
    assert one.keys() == two.keys()
    for key, mine in one.items():
        theirs = two[key]
        assert mine.converged == theirs.converged, key
        if mine.converged and mine.analysis != RANDOM:
            assert mine.estimate == pytest.approx(theirs.estimate, rel=rel, abs=1e-6), key
            assert mine.se == pytest.approx(theirs.se, rel=rel), key
            assert mine.n == theirs.n, key


def everybody(data):
    return np.ones(len(data), bool)


@pytest.mark.filterwarnings("error")
def test_a_visit_that_nobody_has_reached_is_named_and_the_rest_is_as_without_it(made):
    data = made.trial()
    found = made.estimates(made.without(data, everybody(data), "9 months"))
    shorter = replace(data, visits=data.visits[:3], scores={"rmdq": data.scores["rmdq"][:, :3]})
    at_end = {key: row for key, row in found.items() if key[1] == "9 months"}
    assert {row.failure for row in at_end.values()} == {"9 months: nobody answered"}
    same({key: row for key, row in found.items() if key not in at_end}, made.estimates(shorter))


@pytest.mark.filterwarnings("error")
def test_an_arm_that_nobody_of_answered_has_no_difference_there(made):
    data = made.trial()
    found = made.estimates(made.without(data, data.arm == 0, "9 months"))
    for (analysis, visit, contrast), row in found.items():
        if visit != "9 months" or "intervention to control" in contrast:
            assert row.converged, row
        else:
            assert row.failure == "9 months: nobody in the control arm answered", analysis


def test_the_mean_of_an_arm_is_told_where_the_other_has_none(made):
    data = made.trial()
    gone = made.without(data, data.arm == 0, "9 months")
    means = analyse(gone, made.plan(), np.random.default_rng(1), ("clda unadjusted",)).arm_means
    at = {(mean.visit, mean.arm) for mean in means}
    assert ("9 months", 1) in at
    assert ("9 months", 0) not in at


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("level", [0, 2])
def test_a_level_whose_only_participant_never_answers_changes_nothing(made, level):
    data = made.trial()
    codes = np.where(data.traits["clinician"] == level, 1, data.traits["clinician"])
    codes[7] = level
    data = replace(data, traits={**data.traits, "clinician": codes})
    alone = made.without(data, np.arange(len(data)) == 7, *data.visits[1:])
    found = made.estimates(alone)
    assert all(row.converged for row in found.values())
    others = made.estimates(alone.take(np.arange(len(data)) != 7))
    # The baseline of that participant tells of the mixed models' common mean and variance.
    seen_only = ("ancova", "mmrm", "t-test on change", "clda complete case")
    kept = {key for key in found if key[0] in seen_only or key[0].startswith("gee")}
    same({key: found[key] for key in kept}, {key: others[key] for key in kept})
    mixed = next(row for row in found.values() if row.analysis == RANDOM)
    assert mixed.n == len(data) - 1


def test_the_order_of_rows_changes_nothing(made):
    data = made.trial()
    gone = made.without(data, data.arm == 1, "6 weeks")
    order = np.random.default_rng(3).permutation(len(data))
    same(made.estimates(gone), made.estimates(gone.take(order)))


def test_arms_that_a_covariate_repeats_cannot_be_told_from_it(made):
    data = made.trial()
    data = replace(data, traits={**data.traits, "clinician": data.arm})
    found = made.estimates(data)
    reasons = {a: row.failure for (a, visit, _), row in found.items() if visit == "3 months"}
    for analysis in ("mmrm", "ancova", "gee logistic"):
        assert reasons[analysis] == "3 months: the arms cannot be told from clinician = b"
    # Where baseline is an outcome, it tells the covariate from the arms, whose means it shares.
    for analysis in ("clda", "mmrm constrained", "t-test on change"):
        assert found[analysis, "3 months", "difference"].converged


def test_a_visit_without_variance_is_a_reason_and_the_rest_as_without_it(made):
    data = made.trial()
    scores = data.scores["rmdq"].copy()
    scores[~np.isnan(scores[:, 1]), 1] = 6.0
    found = made.estimates(replace(data, scores={"rmdq": scores}))
    shorter = replace(
        data, visits=(VISITS := data.visits)[:1] + VISITS[2:],
        scores={"rmdq": np.delete(scores, 1, axis=1)},
    )  # fmt: skip
    rest = made.estimates(shorter)
    for analysis in ("mmrm", "mmrm constrained"):
        row = found[analysis, "6 weeks", "difference"]
        assert row.failure == "6 weeks: everybody has the same score, which has no variance"
        for visit in ("3 months", "9 months"):
            mine, theirs = (each[analysis, visit, "difference"] for each in (found, rest))
            assert mine.estimate == pytest.approx(theirs.estimate, rel=1e-6)
            assert mine.se == pytest.approx(theirs.se, rel=1e-6)


def test_of_two_visits_that_nobody_has_both_of_the_primary_one_stays(made):
    data = made.trial()
    odd = np.arange(len(data)) % 2 == 1
    found = made.estimates(made.without(made.without(data, odd, "3 months"), ~odd, "9 months"))
    reason = "9 months: nobody answered both then and at 3 months"
    for analysis in ("mmrm", "mmrm constrained", RANDOM):
        assert found[analysis, "9 months", "difference"].failure == reason
        assert found[analysis, "3 months", "difference"].converged
    row = found["clda complete case", "3 months", "difference"]
    assert row.failure == "nobody answered at every visit"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [0, 1, 2, 4, 8, 12])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"penalty": "firth", "cluster": "participant"},
        {
            "small_sample": "kenward-roger", "covariate_effects": "by visit",
            "alternatives": ("clda robust", "mmrm robust", "mmrm", "mmrm constrained", "clda reml"),
        },
    ],
)  # fmt: skip
def test_small_trials_have_estimates_that_can_be_or_reasons(made, n, changed):
    for row in made.estimates(made.trial().take(np.arange(n)), **changed).values():
        if row.converged:
            numbers = (row.estimate, row.se, row.lower, row.upper, row.p)
            assert np.isfinite(numbers).all()
            assert row.se > 1e-8
            assert row.lower <= row.estimate <= row.upper
            assert row.df is None or row.df > 0
        else:
            assert row.failure
            assert "column" not in row.failure or "too few rows" in row.failure
