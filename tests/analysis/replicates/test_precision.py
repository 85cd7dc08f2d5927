import numpy as np
import pandas as pd
import pytest
from scipy import signal, stats

from analysis.replicates.precision import FIRST, is_reached, share_error, sizes, standard_errors


def ended(share, error, most):
    """Return the exact distribution of hits at each size where a study of a share may end."""
    hits, before = np.array([1.0]), 0
    for size in sizes(most):
        more = stats.binom.pmf(np.arange(size - before + 1), size - before, share)
        hits, before = np.clip(signal.fftconvolve(hits, more), 0.0, None), size
        stops = share_error(np.arange(size + 1), size) <= error
        stops |= size == most
        yield size, hits * stops
        hits = hits * ~stops


@pytest.mark.parametrize("share", [0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.8, 0.9, 0.95])
def test_stopping_biases_a_share_by_little_and_keeps_its_whole_error_as_small_as_asked(share):
    error = 0.005
    chance = bias = square = 0.0
    for size, weights in ended(share, error, 12_000):
        gap = np.arange(size + 1) / size - share
        chance += weights.sum()
        bias += weights @ gap
        square += weights @ gap**2
    assert chance == pytest.approx(1.0, abs=1e-6)
    assert abs(bias) < 0.12 * error
    assert np.sqrt(square) < error


def test_sizes_are_fixed_beforehand_and_few():
    assert list(sizes(50)) == [50]
    assert list(sizes(FIRST)) == [FIRST]
    assert len(list(sizes(100_000))) < 25


def trials(p, estimate):
    n = len(p)
    frame = {"estimate": estimate, "se": 1.0, "lower": estimate - 1.96, "upper": estimate + 1.96}
    labels = {"analysis": "a", "outcome": "o", "visit": "v", "contrast": "difference"}
    decision = np.where(p < 0.05, "in favour", "neither")
    return pd.DataFrame({**labels, **frame, "decision": decision, "converged": np.ones(n, bool)})


def test_errors_are_those_of_the_measures_and_a_share_of_one_is_not_sure():
    estimate = np.random.default_rng(1).standard_normal(400)
    asked = ("power", "bias", "empirical_se")
    found = standard_errors(trials(np.zeros(400), estimate), 0.0, asked)
    assert found["power"] == pytest.approx(np.sqrt(402 / 404 * 2 / 404 / 404))
    assert found["bias"] == pytest.approx(estimate.std(ddof=1) / 20.0)
    assert found["empirical_se"] == pytest.approx(estimate.std(ddof=1) / np.sqrt(2 * 399))
    assert is_reached(found, {"power": 0.01})
    assert not is_reached(found, {"power": 0.01, "bias": 0.01})


def test_what_is_not_determined_is_not_reached():
    none = standard_errors(trials(np.zeros(0), np.zeros(0)), np.nan, ("power", "coverage"))
    assert none == {"power": np.inf, "coverage": np.inf}
