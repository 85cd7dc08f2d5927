import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.correlation import correlate


def matrix_of(size: int, seed: int) -> np.ndarray:
    roots = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return roots @ roots.T / (2 * size)


@settings(max_examples=30)
@given(size=st.integers(1, 30), seed=st.integers(0, 1000))
def test_it_is_the_cholesky_factor_times_the_normals(size, seed):
    matrix, normals = matrix_of(size, seed), np.random.default_rng(1).standard_normal((size, 9))
    expected = np.linalg.cholesky(matrix) @ normals
    assert correlate(matrix, normals) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=30)
@given(few=st.integers(1, 25), more=st.integers(1, 8), persons=st.integers(1, 40))
def test_what_comes_first_does_not_depend_on_what_follows(few, more, persons):
    whole = matrix_of(few + more, 2)
    normals = np.random.default_rng(1).standard_normal((few + more, persons + 7))
    first = correlate(whole[:few, :few], normals[:few, :persons])
    assert np.array_equal(first, correlate(whole, normals)[:few, :persons])


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(ValueError, match="not positive definite"):
        correlate(np.array([[1.0, 1.0], [1.0, 1.0]]), np.zeros((2, 1)))
