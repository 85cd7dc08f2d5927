import numpy as np
import pytest

from analysis.sequential.joint import JointTest

ALPHA, BETA, FIRST, MOST, RARE, WITHHELD = 0.05, 0.1, 5, 30, 0.2, 0.01
RUNS = 400
NAMES = ("a", "b", "c", "d", "e", "f")


def joint(tests=6):
    margins = dict.fromkeys(NAMES[:tests], 1.0)
    return JointTest(margins, ALPHA, BETA, FIRST, 5, MOST, RARE, WITHHELD)


def verdicts(test, draw, sd):
    """Return how often each verdict comes where the first measure is as drawn and the others are
    without loss, and how often a spread withholds a pass."""
    draws = np.random.default_rng(20261129)
    counts, withheld = {"pass": 0, "fail": 0, "inconclusive": 0}, 0
    for _ in range(RUNS):
        losses = {name: draws.normal(0.0, sd, test.most) for name in test.margins}
        losses["a"] = draw(draws)
        for n in test.looks:
            found = test.decide({name: of[:n] for name, of in losses.items()})
            if found.verdict != "inconclusive":
                break
        counts[found.verdict] += 1
        withheld += bool(found.strays)
    return {verdict: count / RUNS for verdict, count in counts.items()}, withheld / RUNS


def error(rate):
    return np.sqrt(rate * (1.0 - rate) / RUNS)


def normal(loss, sd):
    return lambda draws: draws.normal(loss, sd, MOST)


def rare(share, loss, sd):
    return lambda draws: draws.normal(0.0, sd, MOST) + loss * (draws.random(MOST) < share)


@pytest.mark.parametrize("sd", [0.3, 1.5])
def test_all_tests_together_keep_the_rate_of_false_alarms(sd):
    found, withheld = verdicts(joint(), normal(0.0, sd), sd)
    assert found["fail"] <= ALPHA + 3 * error(ALPHA)
    assert withheld <= WITHHELD + 3 * error(WITHHELD)


def ever_fails(rate, runs=1500, longest=1500, sd=4.0):
    """Return in which runs a test without loss ever fails, looked at after every observation; by
    hand, for 4 degrees of freedom: c = 2 (1 / sqrt(rate) - 1)."""
    found = np.zeros(runs, dtype=bool)
    for test in range(len(NAMES)):
        losses = np.random.default_rng([7, test]).normal(0.0, sd, (runs, longest))
        variance = losses[:, :FIRST].var(axis=1, ddof=1)[:, None]
        walk = np.cumsum(losses - 0.5, axis=1)[:, FIRST - 1 :]
        found |= (walk >= 2.0 * (rate**-0.5 - 1.0) * variance).any(axis=1)
    return found


def test_the_parts_add_up_to_the_rate_where_one_looks_all_the_time():
    """Near the bound, so that there is nothing to spare; undivided they would break it."""
    divided = ever_fails(ALPHA / len(NAMES))
    spread = np.sqrt(ALPHA * (1.0 - ALPHA) / len(divided))
    assert 0.5 * ALPHA <= divided.mean() <= ALPHA + 3 * spread
    assert ever_fails(ALPHA).mean() > ALPHA + 3 * spread


def test_the_limit_is_the_one_worked_out_by_hand():
    losses = np.random.default_rng(7).normal(0.0, 1.0, 10)
    limit = 2.0 * ((ALPHA / 6) ** -0.5 - 1.0) * losses[:FIRST].var(ddof=1)
    shift = (limit - np.sum(losses - 0.5)) / 10
    zeros = dict.fromkeys(NAMES, np.zeros(10))
    above, below = losses + shift + 1e-9, losses + shift - 1e-9
    assert joint().decide({**zeros, "a": above}).verdict == "fail"
    assert joint().decide({**zeros, "a": below}).verdict == "inconclusive"


@pytest.mark.parametrize("sd", [0.1, 0.5])
def test_a_margin_lost_in_one_measure_fails(sd):
    found, _ = verdicts(joint(), normal(1.0, sd), sd)
    assert found["fail"] >= 1.0 - BETA - 3 * error(BETA)
    assert found["pass"] <= 3 * error(BETA)


@pytest.mark.parametrize("sd", [0.1, 0.5])
@pytest.mark.parametrize("tests", [1, 6])
def test_rare_failures_pass_no_more_often_than_a_margin_lost_in_each_replicate(tests, sd):
    found, _ = verdicts(joint(tests), rare(0.2, 5.0, sd), sd)
    assert found["pass"] <= BETA + 3 * error(BETA)


def test_without_a_minimum_and_a_look_at_the_spread_a_third_of_rare_failures_would_pass():
    """None of the first five has it, with probability 0.8^5; the first look then is a pass."""
    alone, draws = joint(1).test("a"), np.random.default_rng(1)
    passed = 0
    for _ in range(RUNS):
        losses = rare(0.2, 5.0, 0.1)(draws)
        passed += alone.decide(losses[:FIRST]).verdict == "pass"
    assert passed / RUNS == pytest.approx(0.8**5, abs=3 * error(0.8**5))


def test_no_pass_before_rare_failures_could_show():
    test = joint(1)
    assert test.fewest == 11
    assert 0.8**11 <= BETA < 0.8**10
    small = np.random.default_rng(2).normal(0.0, 0.01, 30)
    assert test.decide({"a": small[:10]}).verdict == "inconclusive"
    assert test.decide({"a": small[:10]}).more == 1
    assert test.decide({"a": small[:15]}).verdict == "pass"
    assert test.decide({"a": small[:5] + 1.0}).verdict == "fail"


def test_one_observation_far_off_withholds_a_pass_then_and_later():
    small = np.random.default_rng(2).normal(0.0, 0.1, 30)
    odd = small + 5.0 * (np.arange(30) == 12)
    for n in (15, 20, 30):
        found = joint(2).decide({"a": odd[:n], "b": small[:n]})
        assert (found.verdict, found.strays) == ("inconclusive", ("a",))
        assert found.decisions["a"].verdict == "pass"
    # It must matter: a loss below the margin in one replicate is none on average.
    mild = small + 0.8 * (np.arange(30) == 12)
    assert joint(2).decide({"a": mild[:15], "b": small[:15]}).verdict == "pass"
    # Gains are no failures.
    assert joint(2).decide({"a": -odd[:15], "b": small[:15]}).verdict == "pass"


def test_one_undecided_measure_is_enough_to_go_on():
    small = np.random.default_rng(2).normal(0.0, 0.1, 15)
    wide = np.random.default_rng(3).normal(0.5, 2.0, 15)
    found = joint(2).decide({"a": small, "b": wide})
    assert found.verdict == "inconclusive"
    assert found.more == found.decisions["b"].more > 0
