import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from analysis.sequential.group_sequential import (
    alpha_spent,
    classical_bounds,
    conditional_power,
    crossing_probabilities,
    efficacy_bounds,
    futility_bound,
)

# Jennison and Turnbull (2000), tables 2.1 and 2.3: K from 2 on.
POCOCK = {
    0.10: [1.875, 1.992, 2.067, 2.122, 2.164, 2.197, 2.225, 2.249, 2.270],
    0.05: [2.178, 2.289, 2.361, 2.413, 2.453, 2.485, 2.512, 2.535, 2.555],
    0.01: [2.772, 2.873, 2.939, 2.986, 3.023, 3.053, 3.078, 3.099, 3.117],
}
OBRIEN_FLEMING = {
    0.10: [1.678, 1.710, 1.733, 1.751, 1.765, 1.776, 1.786, 1.794, 1.801],
    0.05: [1.977, 2.004, 2.024, 2.040, 2.053, 2.063, 2.072, 2.080, 2.087],
    0.01: [2.580, 2.595, 2.609, 2.621, 2.631, 2.640, 2.648, 2.654, 2.660],
}
# Widely published 2-sided boundaries of Lan and DeMets's spending functions at alpha .05.
SPENDING = {
    ("obrien_fleming_spending", 2): [2.963, 1.969],
    ("obrien_fleming_spending", 3): [3.710, 2.511, 1.993],
    ("obrien_fleming_spending", 4): [4.333, 2.963, 2.359, 2.014],
    ("obrien_fleming_spending", 5): [4.877, 3.357, 2.680, 2.290, 2.031],
    ("pocock_spending", 2): [2.157, 2.201],
    ("pocock_spending", 5): [2.438, 2.427, 2.410, 2.397, 2.386],
}
BOUNDARIES = ("obrien_fleming", "pocock", "obrien_fleming_spending", "pocock_spending")


def equally_spaced(looks: int) -> np.ndarray:
    return np.arange(1, looks + 1) / looks


@pytest.mark.parametrize(
    ("boundary", "published"), [("pocock", POCOCK), ("obrien_fleming", OBRIEN_FLEMING)]
)
@pytest.mark.parametrize("alpha", [0.10, 0.05, 0.01])
def test_classical_constants_are_the_published_ones(boundary, published, alpha):
    found = [classical_bounds(boundary, equally_spaced(k), alpha)[-1] for k in range(2, 11)]
    assert found == pytest.approx(published[alpha], abs=0.00051)


@pytest.mark.parametrize(("boundary", "looks"), SPENDING)
def test_spending_boundaries_are_the_published_ones(boundary, looks):
    t = equally_spaced(looks)
    found = efficacy_bounds(t, alpha_spent(boundary, t, 0.05))
    assert found == pytest.approx(SPENDING[boundary, looks], abs=0.00051)


@pytest.mark.parametrize(
    ("boundary", "factors"),
    # Tables 2.2 and 2.4, power .9: by how much the largest sample exceeds the fixed one, K 2 to 4.
    [("pocock", [1.100, 1.151, 1.183]), ("obrien_fleming", [1.007, 1.016, 1.022])],
)
def test_the_largest_sample_for_a_power_is_the_published_one(boundary, factors):
    fixed = special.ndtri(0.975) + special.ndtri(0.9)
    for looks, factor in zip((2, 3, 4), factors, strict=True):
        t = equally_spaced(looks)
        bounds = classical_bounds(boundary, t, 0.05)
        drift = optimize.brentq(
            lambda d, t=t, b=bounds: crossing_probabilities(t, b, d).rejected - 0.9, 2.0, 6.0
        )
        assert (drift / fixed) ** 2 == pytest.approx(factor, abs=0.00051)


def test_one_look_is_the_fixed_test():
    assert classical_bounds("pocock", np.ones(1), 0.05)[0] == pytest.approx(special.ndtri(0.975))
    found = crossing_probabilities(np.ones(1), np.array([1.96]), 3.0)
    assert found.upper[0] == pytest.approx(stats.norm.sf(1.96 - 3.0), rel=1e-12)
    assert found.lower[0] == pytest.approx(stats.norm.cdf(-1.96 - 3.0), rel=1e-9)


def within(t: np.ndarray, bounds: np.ndarray, drift: float) -> float:
    """Return the probability that no Z of some looks reaches its boundary."""
    correlation = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    return stats.multivariate_normal.cdf(
        bounds, drift * np.sqrt(t), correlation, lower_limit=-bounds, abseps=1e-8, maxpts=10**6,
        rng=np.random.default_rng(1),
    )  # fmt: skip


@pytest.mark.parametrize("drift", [0.0, 1.5, -3.2])
def test_crossing_agrees_with_the_multivariate_normal(drift):
    t, bounds = np.array([0.2, 0.55, 1.0]), np.array([2.9, 2.2, 2.05])
    found = crossing_probabilities(t, bounds, drift)
    inside = [within(t[:k], bounds[:k], drift) for k in (1, 2, 3)]
    stops = -np.diff([1.0, *inside])
    assert found.upper + found.lower == pytest.approx(stops, abs=1e-6)


def test_crossing_agrees_with_simulated_scores():
    t, drift, n = np.array([0.3, 0.7, 1.0]), 2.0, 200_000
    bounds, futile = np.array([2.7, 2.4, 2.0]), np.array([-0.2, 0.6, -np.inf])
    steps = np.random.default_rng(7).standard_normal((n, 3)) * np.sqrt(np.diff(t, prepend=0.0))
    z = (np.cumsum(steps, axis=1) + drift * t) / np.sqrt(t)
    ends = np.stack([z >= bounds, z <= -bounds, (z > -bounds) & (z < futile)])
    first = np.cumsum(ends.any(axis=0), axis=1) == 1
    first &= ends.any(axis=0)
    share = (ends & first).mean(axis=1)
    found = crossing_probabilities(t, bounds, drift, futile=futile)
    expected = np.stack([found.upper, found.lower, found.futile])
    error = np.sqrt(expected * (1.0 - expected) / n)
    assert (np.abs(share - expected) <= 4.0 * error + 1e-12).all()


fractions = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(
    lambda cuts: [*(cut / 100 for cut in sorted(cuts)), 1.0]
)


@settings(max_examples=40)
@given(
    planned=fractions,
    boundary=st.sampled_from(BOUNDARIES),
    seed=st.integers(0, 2**32 - 1),
    alpha=st.sampled_from([0.01, 0.05, 0.2]),
    sides=st.sampled_from([1, 2]),
)
def test_the_type_i_error_is_alpha_whatever_the_information_turns_out_to_be(
    planned, boundary, seed, alpha, sides
):
    spent = alpha_spent(boundary, planned, alpha, sides)
    assert (np.diff(spent, prepend=0.0) >= 0.0).all()
    assert spent[-1] == pytest.approx(alpha, rel=1e-9)
    turned_out = np.cumsum(np.random.default_rng(seed).uniform(0.05, 1.0, len(planned)))
    bounds = efficacy_bounds(turned_out, spent, sides)
    lower = -bounds if sides == 2 else np.full(len(bounds), -np.inf)
    found = crossing_probabilities(turned_out, bounds, lower=lower)
    assert np.cumsum(found.upper + found.lower) == pytest.approx(spent, abs=1e-8)
    assert found.lower == pytest.approx(found.upper if sides == 2 else 0.0, abs=1e-9)


def test_boundaries_of_one_side_are_those_of_rpact():
    """Row GS8 of the reference values: 3 equal looks, 1-sided .025."""
    t = equally_spaced(3)
    bounds = classical_bounds("obrien_fleming", t, 0.025, sides=1)
    assert bounds == pytest.approx([3.4710914, 2.4544323, 2.0040356], abs=1e-7)
    spent = alpha_spent("obrien_fleming", t, 0.025, sides=1)
    assert spent == pytest.approx([0.00025917372, 0.0071600594, 0.025], abs=1e-9)


@pytest.mark.parametrize(
    ("boundary", "fractions", "rpact"),
    [
        ("obrien_fleming_spending", [0.33, 0.67, 1.0], [3.730665293, 2.503871359, 1.993709855]),
        ("pocock_spending", [0.33, 0.67, 1.0], [2.282510789, 2.291232161, 2.297090791]),
        ("obrien_fleming", [0.4, 0.75, 1.0], [3.191926893, 2.331053815, 2.018751822]),
    ],
)
def test_boundaries_of_two_sides_are_those_of_rpact(boundary, fractions, rpact):
    """Row GS13 of the reference values."""
    found = efficacy_bounds(fractions, alpha_spent(boundary, fractions, 0.05))
    assert found == pytest.approx(rpact, abs=1e-8)


def test_the_power_is_that_of_rpact():
    """Row GS13 of the reference values: O'Brien and Fleming, 3 looks, drift 3."""
    t = equally_spaced(3)
    found = crossing_probabilities(t, classical_bounds("obrien_fleming", t, 0.05), 3.0)
    assert found.rejected == pytest.approx(0.8449595329, abs=1e-8)


@pytest.mark.parametrize("boundary", ["obrien_fleming", "pocock"])
def test_information_as_planned_gives_the_classical_boundary(boundary):
    t = np.array([0.25, 0.6, 1.0])
    found = efficacy_bounds(300.0 * t, alpha_spent(boundary, t, 0.05))
    assert found == pytest.approx(classical_bounds(boundary, t, 0.05), abs=1e-7)


def test_a_look_that_spends_nothing_cannot_reject():
    bounds = efficacy_bounds([0.01, 1.0], alpha_spent("obrien_fleming_spending", [0.01, 1.0], 0.05))
    assert bounds[0] == np.inf
    assert bounds[1] == pytest.approx(special.ndtri(0.975))


@settings(max_examples=50)
@given(z=st.floats(0.0, 4.0), t=st.floats(0.05, 0.95), critical=st.floats(1.7, 3.0))
def test_conditional_power_is_that_of_the_rest_of_the_score(z, t, critical):
    rest = stats.norm(z * np.sqrt(t) + z / np.sqrt(t) * (1.0 - t), np.sqrt(1.0 - t))
    assert conditional_power(z, t, critical) == pytest.approx(rest.sf(critical), abs=1e-12)
    # A trend towards harm is no power.
    assert conditional_power(-z, t, critical) <= conditional_power(z, t, critical)
    assert conditional_power(-3.0, t, critical) < 1e-5


@settings(max_examples=50)
@given(t=st.floats(0.05, 0.95), least=st.floats(0.01, 0.5))
def test_below_the_futility_bound_conditional_power_is_too_low(t, least):
    bound = futility_bound(t, 2.0, least)
    assert conditional_power(bound, t, 2.0) == pytest.approx(least, abs=1e-9)
    assert conditional_power(bound - 0.01, t, 2.0) < least


@pytest.mark.parametrize("information", [[1.0, 1.0], [0.0, 1.0], [2.0, 1.0], [1.0, np.nan]])
def test_information_must_grow(information):
    with pytest.raises(ValueError, match="information must increase"):
        efficacy_bounds(information, [0.01, 0.05])
    with pytest.raises(ValueError, match="information must increase"):
        crossing_probabilities(np.array(information), np.array([2.0, 2.0]))


def test_without_futility_no_bound():
    assert futility_bound(0.5, 2.0, 0.0) == -np.inf


def test_a_large_drift_stops_at_the_first_look():
    found = crossing_probabilities(np.array([0.5, 1.0]), np.array([2.8, 1.98]), 40.0)
    assert found.upper == pytest.approx([1.0, 0.0], abs=1e-12)
