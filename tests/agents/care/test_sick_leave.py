import numpy as np
import pytest

from agents.care.sick_leave import SickLeaveDraws, Spells, spells_of_sick_leave
from scenarios.loading.load import load_scenario

PERSONS, WEEKS = 4000, 40
DAYS = 7 * WEEKS + 1


def spells(*overrides: str, disability: float = 10.0, employed: bool = True) -> Spells:
    """Return the spells of persons who are all as disabled, with the same draws each time."""
    care = load_scenario("selfback_2021", overrides).care
    rng = np.random.default_rng(8)
    draws = SickLeaveDraws(rng.random(PERSONS), *rng.random((2, PERSONS, WEEKS)))
    same = np.ones((PERSONS, WEEKS))
    return spells_of_sick_leave(
        care, np.full(PERSONS, employed), draws, care.usual_pain * same, disability * same,
        DAYS,
    )  # fmt: skip


def test_the_stated_share_is_on_sick_leave_at_baseline():
    found = spells("care.sick_leave.at_baseline.probability=0.25")
    share = (found.day == 0).mean() * len(found.day) / PERSONS
    assert share == pytest.approx(0.25, abs=4.5 * np.sqrt(0.25 * 0.75 / PERSONS))


def test_spells_begin_and_end_at_their_rates():
    never = "care.sick_leave.at_baseline.probability=0.000001"
    begins = spells(
        never, "care.sick_leave.begins.per_week=0.05", "care.sick_leave.ends.per_week=0.0"
    )
    # Nobody comes back, so that everybody has one spell at most: its first day is exponential.
    for week in (4, 20):
        expected = 1.0 - np.exp(-0.05 * week)
        share = (begins.day <= 7 * week).sum() / PERSONS
        assert share == pytest.approx(expected, abs=4.5 * 0.5 / np.sqrt(PERSONS))
    ends = spells(
        "care.sick_leave.at_baseline.probability=0.999999",
        "care.sick_leave.begins.per_week=0.0", "care.sick_leave.ends.per_week=0.1",
    )  # fmt: skip
    for week in (4, 20):
        share = (ends.days > 7 * week).sum() / PERSONS
        assert share == pytest.approx(np.exp(-0.1 * week), abs=4.5 * 0.5 / np.sqrt(PERSONS))


def test_nobody_who_is_not_employed_is_on_sick_leave():
    assert len(spells().day) > 0
    assert len(spells(employed=False).day) == 0


def test_the_more_disabled_are_away_sooner_and_longer():
    days = [spells(disability=each).days.sum() for each in (4.0, 10.0, 16.0)]
    assert days[0] < days[1] < days[2]


def test_spells_lie_within_follow_up_and_do_not_overlap():
    found = spells("care.sick_leave.begins.per_week=0.5", "care.sick_leave.ends.per_week=1.0")
    assert (found.days >= 1).all()
    assert (found.day + found.days <= DAYS).all()
    same = np.diff(found.person) == 0
    assert (found.day[1:] > (found.day + found.days)[:-1])[same].all()
