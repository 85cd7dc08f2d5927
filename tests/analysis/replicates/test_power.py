import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.replicates.power import fit_power_curve, power_of


def fits(decisions):
    decision = pd.Series(decisions)
    return pd.DataFrame({"decision": decision, "converged": decision != "", "failure": ""})


def test_a_failed_fit_and_a_replicate_without_a_row_are_no_rejection():
    power = power_of(fits(["in favour", "neither", ""]), replicates=4)
    assert (power.power, power.power_converged) == (0.25, 0.5)
    assert (power.converged, power.rejected) == (2, 1)


def test_what_is_against_the_intervention_is_no_power():
    found = fits(["in favour"] * 3 + ["against"] * 2 + ["neither"])
    power, either = power_of(found, 6), power_of(found, 6, either=True)
    assert (power.rejected, power.against, power.power_against) == (3, 2, 2 / 6)
    assert (either.rejected, either.power) == (5, 5 / 6)


def test_the_interval_is_wilsons():
    power = power_of(fits(["in favour"] * 8 + ["neither"] * 2), replicates=10)
    interval = stats.binomtest(8, 10).proportion_ci(method="wilson")
    assert (power.lower, power.upper) == pytest.approx((interval.low, interval.high))


def trials(replicates, common):
    """Z tests whose score is 0.2 sqrt(n) - 1.96, with draws in common or of their own."""
    rng = np.random.default_rng(5)
    x = np.repeat([50.0, 100.0, 150.0, 200.0], replicates)
    shared = rng.normal(size=replicates)
    z = np.tile(shared, 4) if common else rng.normal(size=len(x))
    replicate = np.tile(np.arange(replicates), 4) if common else np.arange(len(x))
    return x, 0.2 * np.sqrt(x) + z > 1.96, replicate


def test_the_curve_recovers_the_line_it_was_made_from():
    curve = fit_power_curve(*trials(5000, common=False), root=True)
    errors = np.sqrt(np.diag(curve.covariance))
    assert np.abs(curve.coefficients - [-1.96, 0.2]).max() < 4.0 * errors.max()
    power, lower, upper = curve.band(np.array([100.0]))[:, 0]
    assert lower < stats.norm.cdf(0.04) < upper
    assert power == pytest.approx(stats.norm.cdf(0.04), abs=0.02)


def test_common_random_numbers_make_the_level_of_the_curve_less_sure_than_it_looks():
    apart = fit_power_curve(*trials(400, common=False), root=True)
    common = fit_power_curve(*trials(400, common=True), root=True)
    at = np.array([110.0])
    assert common.line(at)[1] > 1.3 * apart.line(at)[1]


def test_where_the_curve_reaches_a_power():
    curve = fit_power_curve(*trials(2000, common=False), root=True)
    at, error = curve.solve(0.8)
    assert curve.band(np.array([at**2]))[0, 0] == pytest.approx(0.8)
    assert error == pytest.approx(curve.line(np.array([at**2]))[1][0])


def test_trials_that_determine_no_curve_give_none():
    replicate = np.arange(6)
    low_high = np.repeat([10.0, 20.0], 3)
    one = np.full(6, 10.0)
    mixed = np.array([True, False] * 3)
    assert fit_power_curve(one, mixed, replicate, root=False) is None
    assert fit_power_curve(low_high, np.ones(6, bool), replicate, root=False) is None
    assert fit_power_curve(low_high, low_high > 15.0, replicate, root=False) is None
    some_at_the_higher = (low_high > 15.0) & mixed
    assert fit_power_curve(low_high, some_at_the_higher, replicate, root=False) is None


def test_failures_are_counted_by_their_reasons():
    reasons = ["", "not converged", "no variation", "not converged"]
    power = power_of(fits(["in favour", "", "", ""]).assign(failure=reasons), 6)
    assert power.failures == {
        "not converged": 2, "the trial or its analysis gave no row": 2, "no variation": 1,
    }  # fmt: skip
    assert power.power == pytest.approx(1 / 6)
    assert sum(power.failures.values()) == power.replicates - power.converged
