import numpy as np
import pytest

from agents.activity import steps_towards_goal, usual_steps, weekday_factor
from agents.wristband import recording_factor, worn
from scenarios.load import load_scenario


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("selfback_2021")


def test_steps_have_the_persons_mean_and_fall_with_pain(scenario):
    normals = np.random.default_rng(0).standard_normal((2000, 60)).astype(np.float32)
    habitual = np.full((2000, 1), 5000.0)
    usual = usual_steps(scenario.activity, habitual, np.zeros((2000, 60)), normals)
    assert usual.mean() == pytest.approx(5000, rel=0.01)
    in_pain = usual_steps(scenario.activity, habitual, np.full((2000, 60), 3.0), normals)
    assert (in_pain < usual).all()


def test_sundays_are_lower_and_the_week_averages_1(scenario):
    factors = [weekday_factor(scenario.activity, day) for day in range(7)]
    assert min(factors) == factors[6]
    assert np.mean(factors) == pytest.approx(1.0)


def test_a_goal_raises_steps_below_it_and_leaves_those_above(scenario):
    steps = steps_towards_goal(scenario.activity, np.array([3000.0, 9000.0]), np.full(2, 6000.0))
    assert 3000 < steps[0] < 6000
    assert steps[1] == 9000


def test_the_band_is_unbiased_with_an_error_of_12_to_14_percent(scenario):
    factor = recording_factor(
        scenario.wristband, np.random.default_rng(1).standard_normal((500, 200)).astype(np.float32)
    )
    assert factor.mean() == pytest.approx(1.0, abs=0.005)
    assert 0.12 <= np.abs(factor - 1).mean() <= 0.14


def test_wear_starts_as_stated_and_declines(scenario):
    on = worn(scenario.wristband, np.random.default_rng(2).random((20_000, 260)))
    share = scenario.wristband.wear_probability
    assert on[:, 0].mean() == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / 20_000))
    assert on[:, -30:].mean() < on[:, :30].mean() - 0.05
