import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from agents.answering import (
    Circumstances,
    contact_shares,
    inclination,
    reluctance,
    thresholds,
    withdrawal_day,
)
from scenarios.loading.load import load_scenario

N = 40_000


@pytest.fixture(scope="module")
def follow():
    return load_scenario("selfback_2021").followup


def circumstances(n: int, seed: int = 5) -> Circumstances:
    rng = np.random.default_rng(seed)
    return Circumstances(
        age=rng.standard_normal(n),
        baseline=rng.integers(6, 24, n).astype(float),
        last=rng.gamma(2.0, 4.0, n).round(),
        pain=rng.uniform(0.0, 10.0, n),
        disability=rng.gamma(2.0, 4.0, n),
        quit_app=rng.random(n) < 0.4,
    )


@pytest.mark.parametrize("kind", ["mcar", "mar", "mnar"])
@pytest.mark.parametrize("frailty", [0.0, 0.5, 0.9])
def test_the_stated_share_answers_whatever_it_depends_on(follow, kind, frailty):
    follow = follow.model_copy(update={"missingness": kind, "frailty": frailty})
    inclined = inclination(follow, circumstances(N))
    rng = np.random.default_rng(1)
    shares = contact_shares(follow, follow.arms["control"])[1]
    even = special.ndtri((rng.permutation(N) + 0.5) / N)
    limits = thresholds(shares, inclined, even, frailty)
    latent = reluctance(frailty, even, rng.standard_normal((N, 1)))[:, 0]
    for share, limit in zip(shares, limits, strict=True):
        found = (latent < limit + inclined).mean()
        assert abs(found - share) < 4.5 * np.sqrt(share * (1 - share) / N)


@given(
    shares=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4),
    inclined=st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=30),
    frailty=st.floats(0.0, 0.95),
)
def test_thresholds_give_the_requested_mean_probability(shares, inclined, frailty):
    person = np.linspace(-2.0, 2.0, len(inclined))
    limits = thresholds(np.array(shares), np.array(inclined), person, frailty)
    centre = np.array(inclined) - np.sqrt(frailty) * person
    for share, limit in zip(shares, limits, strict=True):
        probability = special.ndtr((limit + centre) / np.sqrt(1.0 - frailty))
        assert probability.mean() == pytest.approx(share, abs=1e-8)
    assert (np.diff(limits[np.argsort(shares)]) >= -1e-9).all()


def test_shares_of_none_and_all_are_met_for_certain():
    limits = thresholds(np.array([0.0, 1.0]), np.array([3.0, -3.0]), np.zeros(2), 0.5)
    assert limits.tolist() == [-np.inf, np.inf]


def test_what_non_response_depends_on(follow):
    here = circumstances(50)
    there = Circumstances(
        here.age, here.baseline, here.last, here.pain + 2.0, here.disability + 5.0, ~here.quit_app
    )
    other = Circumstances(
        here.age, here.baseline, here.last + 4.0, here.pain, here.disability, here.quit_app
    )

    def of(kind: str, given: Circumstances) -> np.ndarray:
        return inclination(follow.model_copy(update={"missingness": kind}), given)

    assert not of("mcar", here).any()
    assert np.array_equal(of("mar", here), of("mar", there))
    assert (of("mar", here) > of("mar", other)).all()
    assert (of("mnar", here) != of("mnar", there)).all()


def test_each_reminder_brings_answers_and_the_stated_share_holds_with_the_stated_number(follow):
    for arm in (follow.arms["control"], follow.arms["intervention"]):
        shares = contact_shares(follow, arm)
        assert shares.shape == (4, 1 + len(follow.reminder_days))
        assert (np.diff(shares, axis=1) > 0).all()
        assert shares[:, follow.response_reminders] == pytest.approx(arm.response)


@given(days=st.lists(st.integers(1, 60), unique=True, max_size=6).map(sorted))
def test_fewer_reminders_bring_the_same_answers_up_to_the_last_of_them(follow, days):
    fewer = follow.model_copy(update={"reminder_days": tuple(days)})
    common = 1 + min(len(days), len(follow.reminder_days))
    assert np.array_equal(
        contact_shares(fewer, follow.arms["control"])[:, :common],
        contact_shares(follow, follow.arms["control"])[:, :common],
    )


def test_frailty_makes_the_same_persons_non_responders():
    normals = np.random.default_rng(1).standard_normal((N, 3))

    def both_silent(frailty: float) -> float:
        latent = reluctance(frailty, normals[:, 0], normals[:, 1:])
        return float((latent > special.ndtri(0.8)).all(axis=1).mean())

    assert both_silent(0.7) > both_silent(0.0) + 0.02


def test_withdrawals_fall_into_their_periods(follow):
    days = np.array([42.0, 91.0, 182.0, 274.0])
    uniforms = np.random.default_rng(2).random((N, 2))
    left = withdrawal_day(follow, follow.arms["intervention"], days, uniforms)
    start = 0.0
    for end, stated in zip(days, follow.arms["intervention"].withdrawal, strict=True):
        share = ((left > start) & (left <= end)).mean()
        assert abs(share - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)
        start = end


def test_dropout_is_spread_evenly_over_follow_up():
    follow = load_scenario("planned_2018").followup
    days = np.array([42.0, 91.0, 182.0, 274.0])
    left = withdrawal_day(
        follow, follow.arms["control"], days, np.random.default_rng(3).random((N, 2))
    )
    for day in days:
        stated = 0.3 * day / 274.0
        assert abs((left <= day).mean() - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)


def keeping(follow, **changes):
    return follow.model_copy(update={"retention": follow.retention.model_copy(update=changes)})


def test_calls_and_incentives_add_to_the_hazard_of_an_answer(follow):
    def hazard(given):
        return -np.log1p(-contact_shares(given, follow.arms["control"]))

    plain = hazard(follow)
    called = hazard(keeping(follow, call_days=(21, 25), call_strength=2.0))
    assert np.array_equal(called[:, :4], plain)
    invitation = plain[:, :1]
    assert np.diff(called[:, 3:], axis=1) == pytest.approx(np.tile(2.0 * invitation, 2))
    assert hazard(keeping(follow, incentive=1.25)) == pytest.approx(1.25 * plain)


def test_retention_measures_prevent_a_share_of_withdrawals(follow):
    days = np.array([42.0, 91.0, 182.0, 274.0])
    uniforms = np.random.default_rng(2).random((N, 2))
    follow = follow.model_copy(update={"dropout": 0.2})
    before, after, never = (
        withdrawal_day(keeping(follow, withdrawal=ratio), follow.arms["control"], days, uniforms)
        for ratio in (1.0, 0.5, 0.0)
    )
    left = np.isfinite(after)
    assert np.isfinite(before[left]).all()
    assert (after[left] >= before[left]).all()
    stated = 1 - (1 - 0.5 * sum(follow.arms["control"].withdrawal)) * (1 - 0.5 * 0.2)
    assert abs(left.mean() - stated) < 4.5 * np.sqrt(stated * (1 - stated) / N)
    assert np.isinf(never).all()
