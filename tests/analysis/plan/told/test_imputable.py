"""What is imputed is what the data tell."""

from dataclasses import replace

import numpy as np
import pytest

MIXED = "clda multiple imputation"


def imputed(made, data, **changed):
    found = made.estimates(data, alternatives=(), **changed)
    return {visit: row for (analysis, visit, _), row in found.items() if analysis == MIXED}


def test_with_nothing_missing_it_is_the_analysis_that_it_stands_for(made):
    data = made.trial(24)
    scores = np.where(np.isnan(data.scores["rmdq"]), 8.0, data.scores["rmdq"])
    found = made.estimates(replace(data, scores={"rmdq": scores}), alternatives=())
    for visit in data.visits[1:]:
        mine, theirs = (found[name, visit, "difference"] for name in (MIXED, "clda"))
        assert mine.df is None
        for name in ("estimate", "se", "lower", "upper", "p"):
            assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=1e-7)


def test_what_no_data_tell_is_refused_and_the_rest_does_not_depend_on_the_burn_in(made):
    """Estimates of a hundred imputations differ by their Monte Carlo error."""
    data = made.trial()
    gone = made.without(data, data.arm == 0, "9 months")
    by_length = {
        length: imputed(made, gone, imputations=100, imputation_burn_in=length)
        for length in (50, 500, 5000)
    }
    complete = imputed(made, gone.take(np.arange(len(data))), imputations=100)
    for rows in by_length.values():
        assert rows["9 months"].failure == "9 months: nobody in the control arm answered"
        for visit in ("6 weeks", "3 months"):
            # The between-imputation SD is below the standard error, and 100 are averaged.
            difference = rows[visit].estimate - complete[visit].estimate
            assert abs(difference) < 4 * np.sqrt(2 / 100) * complete[visit].se
            assert rows[visit].se == pytest.approx(complete[visit].se, rel=0.2)


def test_a_visit_with_few_answers_is_left_out_by_name(made):
    data = made.trial()
    rows = imputed(made, made.without(data, np.arange(len(data)) >= 8, "9 months"))
    assert "answers are too few to impute the others from" in rows["9 months"].failure
    assert rows["3 months"].converged


def test_the_reason_is_that_of_the_visit_itself(made):
    data = made.trial()
    rows = imputed(made, made.without(data, np.ones(len(data), bool), "3 months"))
    assert rows["3 months"].failure == "3 months: nobody answered"
    assert rows["6 weeks"].converged
    assert rows["9 months"].converged
