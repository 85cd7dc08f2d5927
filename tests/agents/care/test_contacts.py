from itertools import pairwise

import numpy as np
import pytest

from agents.care.contacts import WEEK, ContactDraws, ContactRules, Felt, had, make_contacts
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from scenarios.people.care import CONTACT_KINDS
from scenarios.schema import Scenario

PERSONS, WEEKS = 4000, 3
STEADY = ("care.lasting=1.0",)


def contacts(
    scenario: Scenario,
    *,
    rate: float,
    pain: float,
    uses_app: bool = False,
    monday: int = 1,
    ratio: float = 1.0,
) -> np.ndarray:
    """Return the contacts of persons who are all in the same pain; draws are always the same."""
    mechanisms = scenario.mechanisms
    columns = LEAD_IN + monday + WEEK * WEEKS
    rng, kinds = np.random.default_rng(5), len(CONTACT_KINDS)
    draws = ContactDraws(
        np.full((PERSONS, kinds), rate),
        *rng.random((2, PERSONS, WEEKS, kinds)).astype(np.float32),
        np.full(PERSONS, monday),
    )
    same = np.full((PERSONS, columns), pain, dtype=np.float32)
    felt = Felt(same, np.zeros_like(same), np.zeros_like(same))
    found = np.zeros((PERSONS, columns), dtype=np.uint8)
    rules = ContactRules.of(mechanisms.care, mechanisms.pathway, mechanisms.course)
    for week in range(WEEKS):
        make_contacts(
            np.arange(PERSONS), np.full(PERSONS, week), np.full(PERSONS, uses_app),
            np.full(PERSONS, ratio), rules, draws, felt, found,
        )  # fmt: skip
    return found


def per_week(found: np.ndarray, kind: str) -> float:
    return had(found, kind).sum() / (PERSONS * WEEKS)


def bound(rate: float) -> float:
    """Return five standard errors of a mean number of contacts a week."""
    return 5.0 * np.sqrt(rate / (PERSONS * WEEKS))


def test_contacts_come_at_their_rate_at_the_usual_pain():
    scenario = load_scenario("selfback_2021", STEADY)
    found = contacts(scenario, rate=0.4, pain=scenario.care.usual_pain)
    for kind in CONTACT_KINDS:
        assert per_week(found, kind) == pytest.approx(0.4, abs=bound(0.4))


def test_who_is_disappointed_has_more_contacts_and_keeps_all_others():
    scenario = load_scenario("selfback_2021", STEADY)
    usual = scenario.care.usual_pain
    found = contacts(scenario, rate=0.2, pain=usual, ratio=1.55)
    for kind in CONTACT_KINDS:
        assert per_week(found, kind) == pytest.approx(0.31, abs=bound(0.31))


def test_a_rate_rises_by_its_factor_for_each_point_of_pain():
    scenario = load_scenario("selfback_2021", [*STEADY, "care.imaging.per_pain=0.5"])
    for pain in (2.0, 7.0):
        rate = 0.4 * np.exp(0.5 * (pain - scenario.care.usual_pain))
        found = contacts(scenario, rate=0.4, pain=pain)
        assert per_week(found, "imaging") == pytest.approx(rate, abs=bound(rate))


def test_nobody_has_fewer_contacts_with_more_pain():
    scenario = load_scenario("selfback_2021", STEADY)
    numbers = []
    for pain in (1.0, 4.0, 6.0, 9.0):
        found = contacts(scenario, rate=0.5, pain=pain)
        numbers.append(np.stack([had(found, kind).sum(axis=1) for kind in CONTACT_KINDS]))
    for less, more in pairwise(numbers):
        assert (less <= more).all()
        assert less.sum() < more.sum()


def test_the_ratio_of_the_app_is_of_its_users_and_of_its_kind():
    scenario = load_scenario("selfback_2021", [*STEADY, "care.advice.app_ratio=0.5"])
    without = contacts(scenario, rate=0.8, pain=5.0)
    with_app = contacts(scenario, rate=0.8, pain=5.0, uses_app=True)
    assert per_week(without, "advice") == pytest.approx(0.8, abs=bound(0.8))
    assert per_week(with_app, "advice") == pytest.approx(0.4, abs=bound(0.4))
    assert np.array_equal(had(without, "imaging"), had(with_app, "imaging"))


def test_rates_fall_to_the_share_that_lasts():
    scenario = load_scenario("selfback_2021", ["care.fading=7.0", "care.lasting=0.25"])
    found = had(contacts(scenario, rate=1.0, pain=5.0, monday=3), "referral")
    for week in range(WEEKS):
        rate = 0.25 + 0.75 * np.exp(-(3 + WEEK * week) / 7.0)
        first = LEAD_IN + 3 + WEEK * week
        limit = 5.0 * np.sqrt(rate / PERSONS)
        mean = found[:, first : first + WEEK].sum() / PERSONS
        assert mean == pytest.approx(rate, abs=limit)


@pytest.mark.parametrize("monday", [1, 4, 7])
def test_contacts_are_from_monday_to_friday_all_alike_and_after_randomization(monday):
    found = contacts(load_scenario("selfback_2021", STEADY), rate=1.5, pain=5.0, monday=monday)
    assert not found[:, : LEAD_IN + monday].any()
    by_day = had(found, "advice")[:, LEAD_IN + monday :].sum(axis=0).reshape(WEEKS, WEEK)
    assert not by_day[:, 5:].any()
    mean = by_day[:, :5].mean()
    assert np.abs(by_day[:, :5] - mean).max() < 4.5 * np.sqrt(mean)
