import numpy as np
import pytest

from agents.care.contacts import WEEK
from agents.care.relief import Eased, ReliefRules, Relieved, relieve
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from scenarios.people.care import CONTACT_KINDS

WEEKS = 30
RELIEF = ("care.relieves=true", "care.advice.relief=0.1", "care.imaging.relief=0.0")
MONDAY = 3
FIRST = LEAD_IN + MONDAY
LAST = FIRST + WEEK * WEEKS - 1


def after_two_contacts(
    *overrides: str, kind: str = "advice", uses_app: bool = False
) -> tuple[Eased, Relieved]:
    """Return a course that is the same every day but for two contacts in the first week."""
    scenario = load_scenario("selfback_2021", [*RELIEF, *overrides])
    columns = LAST + 1
    contacts = np.zeros((1, columns), dtype=np.uint8)
    contacts[0, FIRST + np.array([0, 2])] = 1 << CONTACT_KINDS.index(kind)

    def always(value: float) -> np.ndarray:
        return np.full((1, columns), value, dtype=np.float32)

    recovery = scenario.course.pain_recovery
    course = Eased(
        always(0.2), always(4.0), always(6.0), always(0.2 * recovery), always(12.0), always(0.2)
    )
    relieved = Relieved.nothing(1)
    rules = ReliefRules.of(scenario.care, scenario.course)
    for week in range(WEEKS):
        relieve(
            np.array([0]), np.array([week]), np.array([uses_app]), np.array([MONDAY]),
            rules, contacts, relieved, np.array([10.0], dtype=np.float32), course,
        )  # fmt: skip
    return course, relieved


def test_each_contact_relieves_its_share_of_what_is_left():
    course, relieved = after_two_contacts()
    assert relieved.symptoms[0] == pytest.approx(1.0 - 0.9**2, rel=1e-6)
    assert course.resolved[0, LAST] == pytest.approx(1.0 - 0.8 * 0.9**2, rel=1e-6)


def test_pain_follows_at_once_and_disability_and_beliefs_with_their_lag():
    scenario = load_scenario("selfback_2021")
    course, _ = after_two_contacts()
    first, c = FIRST, scenario.course
    resolved, before = 1.0 - 0.8 * 0.9**2, 0.2
    expected = 4.0 * (1.0 - c.pain_recovery * resolved) / (1.0 - c.pain_recovery * before)
    assert course.pain[0, first] == 4.0  # from the day after
    assert course.pain[0, first + 1] < 4.0
    assert course.pain[0, LAST] == pytest.approx(expected, rel=1e-5)
    assert course.worst_pain[0, LAST] == pytest.approx(1.5 * expected, rel=1e-5)
    gained = resolved - before
    assert course.belief_progress[0, LAST] == pytest.approx(before + gained, rel=1e-2)
    share = c.disability_from_pain * c.pain_recovery + c.disability_from_beliefs + c.disability_own
    assert course.disability[0, LAST] == pytest.approx(12.0 - 10.0 * share * gained, rel=1e-2)
    assert 0.0 < 12.0 - course.disability[0, first + 1] < 12.0 - course.disability[0, LAST]


def test_synergy_is_of_users_of_the_app_alone():
    _, without = after_two_contacts("care.synergy=0.5")
    _, with_app = after_two_contacts("care.synergy=0.5", uses_app=True)
    assert without.symptoms[0] == pytest.approx(1.0 - 0.9**2, rel=1e-6)
    assert with_app.symptoms[0] == pytest.approx(1.0 - 0.85**2, rel=1e-6)


def test_a_contact_that_relieves_nothing_changes_nothing():
    course, relieved = after_two_contacts(kind="imaging")
    assert relieved.symptoms[0] == 0.0
    assert (course.pain == np.float32(4.0)).all()
    assert (course.disability == np.float32(12.0)).all()
