import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.app.expectations import Expectations, beyond_usual


def fresh(prior: float = 1e-9) -> Expectations:
    settings = load_scenario("selfback_2021").recommender
    usual = settings.usual.model_copy(update={"prior": prior})
    return Expectations.of(settings.model_copy(update={"success": "expected", "usual": usual}))


def test_a_week_is_judged_by_the_mean_of_the_weeks_before_of_patients_like_that():
    expected = fresh()
    beyond_usual(expected, 1, 6.0, 1.0, 0.9)
    beyond_usual(expected, 2, 7.0, 2.0, 0.5)
    relief, share = beyond_usual(expected, 0, 6.5, 2.0, 0.7)
    assert relief == pytest.approx(0.5)
    assert share == pytest.approx(0.5)
    # Later weeks and less pain have a mean of their own: nothing is usual there yet.
    assert beyond_usual(expected, 6, 6.5, 2.0, 0.7) == pytest.approx((2.0, 0.7))
    assert beyond_usual(expected, 1, 1.0, 2.0, 0.7) == pytest.approx((2.0, 0.7))


def test_what_is_usual_is_not_a_success_on_average():
    expected = fresh(prior=5.0)
    generator = np.random.default_rng(1)
    weeks = [
        beyond_usual(expected, 1, 6.0, relief, share)
        for relief, share in generator.normal([1.0, 0.5], [1.0, 0.3], (2000, 2))
    ]
    relief, share = np.mean(weeks[200:], axis=0)
    # Four standard errors of a mean of 1,800, with the error of what is usual.
    assert relief == pytest.approx(0.0, abs=4.0 * 1.4 / np.sqrt(1800))
    assert share == pytest.approx(0.5, abs=4.0 * 0.4 / np.sqrt(1800))
