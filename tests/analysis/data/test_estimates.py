"""No row has an estimate that cannot stand in a table."""

import numpy as np
import pytest
from scipy import stats

from analysis.data.estimates import normal_estimate, student_estimate

LABEL = ("clda", "rmdq", "3 months", "difference")


def test_limits_and_p_value_are_those_of_the_reference_distribution():
    row = normal_estimate(LABEL, -1.0, 0.4, 50, 0.9)
    assert (row.lower, row.upper) == pytest.approx(stats.norm.interval(0.9, -1.0, 0.4))
    assert row.p == pytest.approx(2 * stats.norm.sf(2.5))
    row = student_estimate(LABEL, -1.0, 0.4, 7.0, 50, 0.9)
    assert (row.lower, row.upper) == pytest.approx(stats.t.interval(0.9, 7, -1.0, 0.4))
    assert row.p == pytest.approx(2 * stats.t.sf(2.5, 7))


@pytest.mark.parametrize(
    ("estimate", "se", "df", "unit", "reason"),
    [
        (np.nan, 1.0, 9.0, 0.0, "not finite"),
        (1.0, np.inf, 9.0, 0.0, "not finite"),
        (0.0, 0.0, 9.0, 0.0, "no variation"),
        (1e-17, 1e-18, 9.0, 5.0, "no variation"),
        (3.0, 1e-12, 9.0, 0.0, "no variation"),
        (1.0, 1.0, 0.0, 0.0, "no degrees of freedom"),
        (1.0, 1.0, np.nan, 0.0, "no degrees of freedom"),
        (1.0, 1.0, 1e-4, 0.0, "too few degrees of freedom"),
    ],
)
def test_what_cannot_be_is_a_row_with_its_reason(estimate, se, df, unit, reason):
    row = student_estimate(LABEL, estimate, se, df, 50, 0.95, unit)
    assert not row.converged
    assert reason in row.failure
    assert (row.estimate, row.se, row.df, row.lower, row.upper, row.p) == (None,) * 6
