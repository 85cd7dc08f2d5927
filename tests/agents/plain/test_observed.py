"""What is recorded of latent deviations: exact expectations, and distributions of SciPy."""

import numpy as np
import pytest
from scipy import integrate, stats

from agents.plain.observed import (
    counts,
    events,
    realised_count,
    realised_risk,
    realised_score,
)
from scenarios.design.outcomes import Outcome

# The midpoints of a million slices of the normal distribution: expectations without noise.
SLICES = stats.norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)


def outcome(**keys):
    return Outcome(name="x", label="x", direction="lower is better", **keys)


@pytest.mark.parametrize(
    ("keys", "mean", "sd"),
    [
        ({}, 5.0, 2.0),
        ({"low": 0.0, "high": 100.0}, 85.0, 22.0),
        ({"low": 0.0}, 1.0, 2.0),
        ({"low": 0.0, "high": 27.0, "step": 1.0}, 6.0, 6.0),
        ({"low": 10.0, "high": 50.0, "step": 20.0}, 30.0, 20.0),
        ({"step": 0.5}, 5.0, 2.0),
    ],
)
def test_what_bounds_and_steps_make_of_normal_scores(keys, mean, sd):
    scale = outcome(**keys)
    recorded = scale.on_scale(mean + sd * SLICES)
    found = realised_score(scale, mean, sd)
    assert found.mean == pytest.approx(recorded.mean(), abs=1e-4 * sd)
    assert found.sd == pytest.approx(recorded.std(), abs=1e-4 * sd)
    assert found.at_lowest == pytest.approx((recorded == scale.lowest).mean(), abs=2e-6)
    assert found.at_highest == pytest.approx((recorded == scale.highest).mean(), abs=2e-6)


def test_a_censored_normal_against_numerical_integration():
    scale = outcome(low=0.0, high=100.0)
    density = stats.norm(60.0, 25.0)
    inside = integrate.quad(lambda x: x * density.pdf(x), 0.0, 100.0)[0]
    mean = inside + 100.0 * density.sf(100.0)
    assert realised_score(scale, 60.0, 25.0).mean == pytest.approx(mean, rel=1e-9)


def test_events_have_exactly_their_risk():
    risks = np.array([0.02, 0.3, 0.5, 0.91])
    shares = events(SLICES[:, None], risks).mean(axis=0)
    np.testing.assert_allclose(shares, risks, atol=1e-6)
    assert realised_risk(0.3).mean == 0.3


@pytest.mark.parametrize(("rate", "dispersion"), [(2.0, 0.0), (2.5, 1.5), (0.05, 5.0), (40.0, 0.3)])
def test_counts_are_those_of_scipy(rate, dispersion):
    deviation = np.linspace(-5.0, 5.0, 401)
    if dispersion:
        size = 1.0 / dispersion
        expected = stats.nbinom.ppf(stats.norm.cdf(deviation), size, size / (size + rate))
    else:
        expected = stats.poisson.ppf(stats.norm.cdf(deviation), rate)
    np.testing.assert_array_equal(counts(deviation, rate, dispersion), expected)
    found = realised_count(outcome(kind="count"), rate, dispersion)
    assert found.mean == pytest.approx(rate, rel=1e-12)
    assert found.sd**2 == pytest.approx(rate + dispersion * rate**2, rel=1e-10)


def test_a_highest_value_lowers_the_rate_that_is_recorded():
    scale = outcome(kind="count", high=28.0)
    found = realised_count(scale, 14.0, 0.8)
    recorded = scale.on_scale(counts(SLICES, 14.0, 0.8))
    assert recorded.max() == 28.0
    assert found.mean == pytest.approx(recorded.mean(), abs=1e-4)
    assert found.mean < 14.0
