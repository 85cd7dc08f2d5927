from itertools import pairwise

import numpy as np
import pytest

from agents.care.contacts import ContactDraws, ContactRules, Felt, first_column, had, make_contacts
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from scenarios.people.care import CONTACT_KINDS
from scenarios.schema import Scenario

PERSONS, WEEKS = 4000, 3
STEADY = ("care.lasting=1.0",)


def contacts(
    scenario: Scenario, *, rate: float, pain: float, uses_app: bool = False, weekday: int = 0
) -> np.ndarray:
    """Return the contacts of persons who are all in the same pain; draws are always the same."""
    mechanisms = scenario.mechanisms
    columns = first_column(WEEKS)
    rng, shape = np.random.default_rng(5), (len(CONTACT_KINDS), PERSONS, WEEKS)
    draws = ContactDraws(np.full(shape[:2], rate), *rng.random((2, *shape)).astype(np.float32))
    same = np.full((PERSONS, columns), pain, dtype=np.float32)
    felt = Felt(same, np.zeros_like(same), np.zeros_like(same))
    found = np.zeros((PERSONS, columns), dtype=np.uint8)
    rules = ContactRules.of(mechanisms.care, mechanisms.pathway, mechanisms.course)
    rows = np.arange(PERSONS)
    for week in range(WEEKS):
        make_contacts(
            rows, np.full(PERSONS, week), np.full(PERSONS, weekday), np.full(PERSONS, uses_app),
            rules, draws, felt, found,
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
    found = had(contacts(scenario, rate=1.0, pain=5.0), "referral")
    for week in range(WEEKS):
        rate = 0.25 + 0.75 * np.exp(-week)
        days = slice(first_column(week), first_column(week + 1))
        limit = 5.0 * np.sqrt(rate / PERSONS)
        assert found[:, days].sum() / PERSONS == pytest.approx(rate, abs=limit)


@pytest.mark.parametrize("weekday", [0, 3, 6])
def test_contacts_are_on_workdays_all_alike_and_none_before_the_day_after_randomization(weekday):
    found = contacts(load_scenario("selfback_2021", STEADY), rate=1.5, pain=5.0, weekday=weekday)
    assert not found[:, : LEAD_IN + 1].any()
    by_day = had(found, "advice")[:, LEAD_IN + 1 :].sum(axis=0)
    weekdays = (weekday + np.arange(len(by_day))) % 7
    assert not by_day[weekdays >= 5].any()
    mean = by_day[weekdays < 5].mean()
    assert np.abs(by_day[weekdays < 5] - mean).max() < 4.5 * np.sqrt(mean)
