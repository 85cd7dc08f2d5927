import numpy as np
import pytest

from agents.response import answers, withdrawal_day, withdrawal_reason
from scenarios.load import load_scenario

N = 40_000


@pytest.fixture(scope="module")
def follow():
    return load_scenario("selfback_2021").followup


@pytest.mark.parametrize(("frailty", "slope"), [(0.0, 0.0), (0.7, 0.0), (0.5, 0.4)])
def test_the_stated_share_answers_whatever_the_dependence(follow, frailty, slope):
    follow = follow.model_copy(update={"frailty": frailty, "age_slope": slope})
    normals = np.random.default_rng(1).standard_normal((N, 6))
    found = answers(follow, follow.control, normals[:, 0], normals[:, 1], normals[:, 2:])
    for share, stated in zip(found.mean(axis=0), follow.control.response, strict=True):
        assert abs(share - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)


def test_frailty_makes_the_same_persons_silent(follow):
    normals = np.random.default_rng(1).standard_normal((N, 6))

    def both_silent(frailty: float) -> float:
        changed = follow.model_copy(update={"frailty": frailty})
        found = answers(changed, follow.control, normals[:, 0], normals[:, 1], normals[:, 2:])
        return float((~found[:, 0] & ~found[:, 1]).mean())

    assert both_silent(0.7) > both_silent(0.0) + 0.02


def test_withdrawals_fall_into_their_periods(follow):
    days = np.array([42.0, 91.0, 182.0, 274.0])
    uniforms = np.random.default_rng(2).random((N, 2))
    left = withdrawal_day(follow, follow.intervention, days, uniforms)
    start = 0.0
    for end, stated in zip(days, follow.intervention.withdrawal, strict=True):
        share = ((left > start) & (left <= end)).mean()
        assert abs(share - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)
        start = end


def test_dropout_is_spread_evenly_over_follow_up():
    follow = load_scenario("planned_2018").followup
    days = np.array([42.0, 91.0, 182.0, 274.0])
    left = withdrawal_day(follow, follow.control, days, np.random.default_rng(3).random((N, 2)))
    for day in days:
        stated = 0.3 * day / 274.0
        assert abs((left <= day).mean() - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)


def test_reasons_come_with_their_frequency(follow):
    reasons = withdrawal_reason(follow.control, np.random.default_rng(4).random(N))
    assert abs((reasons == "unknown").mean() - 0.5) < 4.5 * 0.5 / np.sqrt(N)
    assert set(reasons) == set(follow.control.withdrawal_reasons)
