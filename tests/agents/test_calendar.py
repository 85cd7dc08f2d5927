from datetime import date

import numpy as np
import pytest

from agents.calendar import Calendar
from agents.symptoms import LEAD_IN
from scenarios.load import load_scenario
from sim.trial import simulate

SEASONAL = ["course.season.pain_amplitude=0.5", "course.season.worst_day=20"]


def test_pain_is_worst_on_its_day_and_best_half_a_year_later():
    course = load_scenario("selfback_2021", SEASONAL).course
    calendar = Calendar(course, date(2019, 1, 1))
    year = np.arange(365)
    assert calendar.pain(year).argmax() == 19
    assert calendar.pain(year).max() == pytest.approx(0.5, abs=1e-3)
    assert calendar.pain(year).argmin() == pytest.approx(19 + 183, abs=1)
    assert calendar.steps(year).argmin() == 19


def test_disability_follows_the_season_as_an_exponential_lag_would():
    course = load_scenario("selfback_2021", [*SEASONAL, "course.disability_lag=10.0"]).course
    calendar = Calendar(course, date(2019, 3, 8))
    step = 0.01
    days = np.arange(-200.0, 400.0, step)
    pain, followed = calendar.pain(days), np.zeros(len(days))
    for i in range(1, len(days)):
        followed[i] = followed[i - 1] + step / 10.0 * (pain[i - 1] - followed[i - 1])
    late = days > 0
    expected = course.disability_from_swings * followed[late]
    assert np.abs(calendar.disability(days[late]) - expected).max() < 1e-3


def test_the_season_reaches_each_patient_by_the_day_of_randomization():
    size = ["trial.sample_size=80", "population.margins.pain.low=2.0", "course.flares.per_week=0.0"]
    with_season = simulate(load_scenario("selfback_2021", [*size, *SEASONAL]), 0)
    without = simulate(load_scenario("selfback_2021", [*size, "course.season.pain_amplitude=0"]), 0)
    calendar = Calendar(with_season.scenario.course, with_season.scenario.trial.opens)
    for row in with_season.cohort.randomized[:20]:
        days = (
            with_season.cohort.entry[row] - LEAD_IN + np.arange(with_season.natural.pain.shape[1])
        )
        before = without.natural.pain[row]
        inside = (before > 0.6) & (before < 9.4)
        added = with_season.natural.pain[row] - before
        assert np.abs(added - calendar.pain(days))[inside].max() < 1e-5
