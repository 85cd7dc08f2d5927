import numpy as np
import pytest
from scipy import stats

from analysis.sequential.spread import largest_apart, later_variance

RUNS = 4000


@pytest.mark.parametrize("rate", [0.01, 0.1])
def test_normal_observations_of_one_variance_are_taken_for_others_at_the_rate(rate):
    draws = np.random.default_rng(5).normal(0.3, 2.0, (RUNS, 15))
    error = np.sqrt(rate * (1.0 - rate) / RUNS)
    by_variance = np.mean([later_variance(each, 5) <= rate for each in draws])
    assert by_variance == pytest.approx(rate, abs=3.5 * error)
    # The sum over the observations is an upper bound, close where the rate is small.
    by_largest = np.mean([largest_apart(each) <= rate for each in draws])
    assert 0.7 * rate - 3.5 * error <= by_largest <= rate + 3.5 * error


def test_the_ratio_of_variances_is_scipys():
    draws = np.random.default_rng(6).normal(size=12)
    ratio = draws[5:].var(ddof=1) / draws[:5].var(ddof=1)
    assert later_variance(draws, 5) == pytest.approx(stats.f.sf(ratio, 6, 4))


def test_the_largest_apart_is_grubbs_statistic():
    """G and the t of the deleted residual are one-to-one: Grubbs's G by hand, critical value."""
    draws = np.random.default_rng(7).normal(size=12)
    n = len(draws)
    g = (draws.max() - draws.mean()) / draws.std(ddof=1)
    t = np.sqrt(n * (n - 2) * g**2 / ((n - 1) ** 2 - n * g**2))
    assert largest_apart(draws) == pytest.approx(min(1.0, n * stats.t.sf(t, n - 2)))


def test_observations_without_spread():
    alike = np.zeros(8)
    assert later_variance(alike, 5) == largest_apart(alike) == 1.0
    odd = np.append(alike, 1.0)
    assert later_variance(odd, 5) == largest_apart(odd) == 0.0
    assert largest_apart(-odd) == 1.0
    assert later_variance(odd[:6], 5) == 1.0
