"""Scenarios whose covariance is derived by a formula hold what the formula says."""

import numpy as np
import pytest

from scenarios.loading.load import load_scenario

DAYS = np.array([0, 42, 91, 182, 274])


def covariance(name):
    course = load_scenario(name).course
    return course.correlation_matrix() * np.outer(course.sd, course.sd)


@pytest.mark.parametrize("name", ["null_exchangeable", "null_ar1", "null_random_slopes"])
def test_nothing_has_an_effect_and_visits_are_the_trials(name):
    scenario = load_scenario(name)
    assert set(scenario.course.effect) == {0.0}
    assert [0, *(visit.day for visit in scenario.trial.visits)] == DAYS.tolist()
    assert {"mmrm", "mmrm constrained"} <= set(scenario.analysis.alternatives)


def test_exchangeable_visits_are_equally_correlated():
    found = covariance("null_exchangeable")
    sd = np.sqrt((4.4**2 + 5.06**2) / 2)
    correlation = (4.4**2 + 5.06**2 - 4.5**2) / (2 * 4.4 * 5.06)
    np.testing.assert_allclose(np.diag(found), sd**2, rtol=0.002)
    np.testing.assert_allclose(found[0, 1:] / found[0, 0], correlation, atol=0.01)
    assert len(np.unique(found[np.triu_indices(5, 1)])) == 1


def test_autoregressive_noise_on_a_persons_own_level():
    course = load_scenario("null_ar1").course
    apart = np.abs(DAYS[:, None] - DAYS)
    expected = 0.4 + 0.6 * 0.25 ** (apart / 91)
    np.testing.assert_allclose(course.correlation_matrix(), expected, atol=5e-5)
    assert set(course.sd) == {4.74}


def test_random_slopes_spread_out():
    at = DAYS / 274
    expected = 12.36 + 12.0 * np.outer(at, at) + 7.0 * np.eye(5)
    np.testing.assert_allclose(covariance("null_random_slopes"), expected, atol=3e-3)
