import math

import numpy as np
import pytest

from analysis.sequential.probability_ratio import ProbabilityRatioTest

ALPHA, BETA, FIRST = 0.05, 0.1, 5
RUNS = 1500
LOOKS = [*range(FIRST, 50, 5), *range(50, 600, 25)]
TEST = ProbabilityRatioTest(margin=1.0, alpha=ALPHA, beta=BETA, first=FIRST)


class WithWaldsBoundaries(ProbabilityRatioTest):
    """As if the estimated variance were the true one."""

    def _constant(self, rate):
        return math.log(1.0 / rate)


def verdicts(test, loss, sd, looks=LOOKS):
    """Return how often each verdict comes in sequences of normal losses, and how many intervals
    hold the truth when the test stops."""
    draws = np.random.default_rng(20261124)
    counts, held = {"pass": 0, "fail": 0, "inconclusive": 0}, 0
    for _ in range(RUNS):
        losses = draws.normal(loss, sd, looks[-1])
        for n in looks:
            found = test.decide(losses[:n])
            if found.verdict != "inconclusive":
                break
        counts[found.verdict] += 1
        held += found.lower <= loss <= found.upper
    return {verdict: count / RUNS for verdict, count in counts.items()}, held / RUNS


def error(rate):
    return math.sqrt(rate * (1.0 - rate) / RUNS)


@pytest.mark.parametrize("sd", [0.3, 1.0, 2.5])
def test_error_rates_hold_whatever_the_variance_with_many_looks(sd):
    unchanged, held = verdicts(TEST, 0.0, sd)
    assert unchanged["fail"] <= ALPHA + 3 * error(ALPHA)
    assert held >= TEST.confidence - 3 * error(TEST.confidence)
    worse, held = verdicts(TEST, 1.0, sd)
    assert worse["pass"] <= BETA + 3 * error(BETA)
    assert held >= TEST.confidence - 3 * error(TEST.confidence)


@pytest.mark.parametrize("sd", [0.3, 1.0])
def test_the_margin_is_noticed_with_the_power_stated(sd):
    worse, _ = verdicts(TEST, 1.0, sd)
    assert worse["fail"] >= 1.0 - BETA - 3 * error(BETA)
    assert worse["inconclusive"] == 0.0


def test_looking_after_every_observation_keeps_the_rate():
    """The limits worked out by hand, for 4 degrees of freedom: c = 2 (1 / sqrt(rate) - 1)."""
    sd, longest = 4.0, 3000
    losses = np.random.default_rng(3).normal(0.0, sd, (RUNS, longest))
    variance = losses[:, :FIRST].var(axis=1, ddof=1)[:, None]
    walk = (np.cumsum(losses, axis=1) - 0.5 * np.arange(1, longest + 1))[:, FIRST - 1 :]
    failed = walk >= 2.0 * (ALPHA**-0.5 - 1.0) * variance
    passed = walk <= -2.0 * (BETA**-0.5 - 1.0) * variance
    stop = (failed | passed).argmax(axis=1)
    fails = failed[np.arange(RUNS), stop]
    assert (failed | passed).any(axis=1).mean() > 0.98
    assert 0.0 < fails.mean() <= ALPHA + 3 * error(ALPHA)
    for run in range(0, RUNS, 10):
        n = FIRST + stop[run]
        if (failed | passed)[run].any():
            verdict = TEST.decide(losses[run, :n]).verdict
            assert verdict == ("fail" if fails[run] else "pass")
        if n > FIRST:
            assert TEST.decide(losses[run, : n - 1]).verdict == "inconclusive"


def test_boundaries_that_trust_the_estimated_variance_would_break_the_rate():
    unchanged, _ = verdicts(WithWaldsBoundaries(1.0, ALPHA, BETA, FIRST), 0.0, 2.5)
    assert unchanged["fail"] > ALPHA + 3 * error(ALPHA)


@pytest.mark.parametrize(
    ("loss", "verdict"), [(0.0, "pass"), (0.4, "pass"), (0.6, "fail"), (-3.0, "pass")]
)
def test_without_variance_the_nearer_of_the_two_is_right(loss, verdict):
    found = TEST.decide(np.full(FIRST, loss))
    assert (found.verdict, found.more) == (verdict, 0)
    assert found.lower == found.mean == found.upper == pytest.approx(loss)


def test_only_the_first_observations_estimate_the_variance():
    quiet = np.array([0.0, 0.1, 0.2, 0.1, 0.0])
    assert TEST.decide(np.append(quiet, [5.0, -5.0] * 5)).verdict == "pass"
    assert TEST.decide(np.append([5.0, -5.0] * 5, quiet)).verdict == "inconclusive"


def test_so_many_more_observations_with_the_same_mean_decide():
    losses = np.array([-1.0, 3.0, 1.2, 0.0, 2.2])
    found = TEST.decide(losses)
    assert found.verdict == "inconclusive"
    more = np.append(losses, np.full(found.more, found.mean))
    assert TEST.decide(more).verdict == "fail"
    assert TEST.decide(more[:-1]).verdict == "inconclusive"


def test_too_few_observations_are_refused():
    with pytest.raises(ValueError, match="4 observations, 5 are needed"):
        TEST.decide(np.zeros(4))
