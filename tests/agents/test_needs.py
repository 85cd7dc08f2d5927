import numpy as np
import pytest

from agents.needs import (
    LOAD,
    PROGRESSION,
    REASSURANCE,
    STRENGTH,
    NeedRules,
    PresentNeeds,
    move_needs,
    suits,
)

START = np.array([0.2, 0.4, 0.9, 0.3])


def moved(
    move: float, recovered: float = 0.0, gained: float = 0.0, believed: float = 0.0,
    pain_rise: float = 0.0,
) -> np.ndarray:  # fmt: skip
    present = np.empty(4)
    move_needs(present, START, NeedRules(move, 0.0), recovered, gained, believed, pain_rise)
    return present


def test_needs_that_do_not_move_stay_as_they_were_to_the_last_bit():
    assert np.array_equal(moved(0.0, 0.7, 0.3, 0.5, 4.0), START)
    assert np.array_equal(moved(1.0), START)


def test_full_recovery_makes_a_healthy_persons_needs():
    present = moved(1.0, recovered=1.0, believed=1.0)
    assert present[[LOAD, STRENGTH, PROGRESSION]] == pytest.approx(1.0)
    assert present[REASSURANCE] == 0.0
    half = moved(0.5, recovered=1.0)
    assert half[LOAD] == pytest.approx(0.6)


def test_recovery_by_itself_and_by_exercise_add_up_to_no_more_than_all():
    both = moved(1.0, recovered=0.5, gained=0.5)
    assert both[LOAD] == pytest.approx(0.2 + 0.8 * 0.75)
    assert np.array_equal(moved(1.0, recovered=-0.4), START)


def test_a_flare_takes_load_back_and_less_pain_does_not_add_any():
    assert moved(1.0, pain_rise=5.0)[LOAD] == pytest.approx(0.1)
    assert np.array_equal(moved(1.0, pain_rise=-5.0), START)
    assert moved(1.0, pain_rise=50.0)[LOAD] == 0.0


def test_what_suits_has_a_load_a_little_above_what_can_be_done():
    plan = np.empty(4)
    suits(START, NeedRules(0.0, 0.1), plan)
    assert plan == pytest.approx(np.add(START, [0.1, 0.0, 0.0, 0.0]))
    high = np.array([[0.95, 0.5, 0.5, 0.5]])
    needs = PresentNeeds.at_enrolment(high, NeedRules(0.0, 0.1))
    assert needs.plan[0, LOAD] == 1.0
    assert np.array_equal(needs.present, high)
