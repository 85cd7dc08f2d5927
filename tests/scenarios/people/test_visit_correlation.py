"""Correlations between questionnaires: each pattern against its formula."""

import numpy as np
import pytest

from scenarios.people.visit_correlation import PatternError, correlation_between


def test_one_number_is_the_same_correlation_everywhere():
    matrix = correlation_between("matrix", [[0.4]], 3)
    assert matrix.tolist() == [[1.0, 0.4, 0.4], [0.4, 1.0, 0.4], [0.4, 0.4, 1.0]]


def test_autoregression_and_distances():
    assert correlation_between("ar1", [[0.8]], 4)[0].tolist() == pytest.approx(
        [1.0, 0.8, 0.64, 0.512]
    )
    matrix = correlation_between("toeplitz", [[0.7, 0.6, 0.5]], 4)
    assert matrix[1].tolist() == [0.7, 1.0, 0.7, 0.6]


def test_random_slopes_are_the_covariance_of_a_line_and_noise():
    time = np.array([0.0, 0.25, 1.0])
    intercept, slope, together = 0.6, 0.3, -0.2
    covariance = np.array(
        [
            [
                intercept + together * np.sqrt(intercept * slope) * (t + u) + slope * t * u
                + (1 - intercept) * (t == u)
                for u in time
            ]
            for t in time
        ]
    )  # fmt: skip
    sd = np.sqrt(np.diag(covariance))
    found = correlation_between("random_slopes", [[0.6, 0.3, -0.2], time.tolist()], 3)
    np.testing.assert_allclose(found, covariance / np.outer(sd, sd), rtol=1e-14)


@pytest.mark.parametrize(
    ("pattern", "given", "said"),
    [
        ("matrix", [[0.5, 0.5]], "a 3 x 3 matrix or [[r]] is needed"),
        ("matrix", [[-0.6]], "not positive definite"),
        ("matrix", [[1.0, 0.2, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 1.0]], "must be symmetric"),
        ("ar1", [[0.5, 0.4]], "'ar1' needs [[r]]"),
        ("ar1", [[1.0]], "not positive definite"),
        ("toeplitz", [[0.5]], "needs one row of 2 numbers"),
        ("random_slopes", [[0.5, 0.2, 0.0]], "the times of all 3 questionnaires"),
        ("random_slopes", [[1.5, 0.2, 0.0], [0, 1, 2]], "share of intercepts is from 0 to 1"),
        ("random_slopes", [[0.5, 0.2, 0.0], [0, 2, 1]], "the times must increase"),
    ],
)
def test_numbers_that_make_no_matrix_are_told(pattern, given, said):
    with pytest.raises(PatternError) as error:
        correlation_between(pattern, given, 3)
    assert said in str(error.value)
