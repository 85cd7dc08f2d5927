import numpy as np
import pytest

from agents.calendar import Calendar
from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from sim.simulate import simulate

SEASONAL = ["course.season.pain_amplitude=0.5", "course.season.worst_day=20"]


def calendar_of(*overrides: str) -> Calendar:
    scenario = load_scenario("selfback_2021", overrides)
    return Calendar(scenario.course, scenario.shock, scenario.trial.opens)


def test_pain_is_worst_on_its_day_and_best_half_a_year_later():
    calendar = calendar_of(*SEASONAL, "trial.opens=2019-01-01")
    year = np.arange(365)
    assert calendar.pain(year).argmax() == 19
    assert calendar.pain(year).max() == pytest.approx(0.5, abs=1e-3)
    assert calendar.pain(year).argmin() == pytest.approx(19 + 183, abs=1)
    assert calendar.steps(year).argmin() == 19


def test_disability_follows_the_season_as_an_exponential_lag_would():
    calendar = calendar_of(
        *SEASONAL, "course.disability_lag=10.0", "course.disability_from_swings=0.7",
        "shock.enabled=true", "shock.begins=2019-06-01", "shock.pain_shift=1.0",
    )  # fmt: skip
    step = 0.01
    days = np.arange(-200.0, 400.0, step)
    pain, followed = calendar.pain(days), np.zeros(len(days))
    for i in range(1, len(days)):
        followed[i] = followed[i - 1] + step / 10.0 * (pain[i - 1] - followed[i - 1])
    late = days > 0
    assert np.abs(calendar.disability(days[late]) - 0.7 * followed[late]).max() < 2e-3


def test_the_season_reaches_each_patient_by_the_day_of_randomization():
    size = ["trial.sample_size=80", "population.margins.pain.low=2.0", "course.flares.per_week=0.0"]
    # Relief by contacts is in proportion to the rest of the pain, and contacts follow pain.
    size += ["care.relieves=false"]
    with_season = simulate(load_scenario("selfback_2021", [*size, *SEASONAL]), 0)
    without = simulate(load_scenario("selfback_2021", [*size, "course.season.pain_amplitude=0"]), 0)
    calendar = calendar_of(*SEASONAL)
    columns = with_season.trajectories.natural.pain.shape[1]
    for row in with_season.cohort.randomized[:20]:
        days = with_season.cohort.entry[row] - LEAD_IN + np.arange(columns)
        before = without.trajectories.natural.pain[row]
        inside = (before > 0.6) & (before < 9.4)
        added = with_season.trajectories.natural.pain[row] - before
        assert np.abs(added - calendar.pain(days))[inside].max() < 1e-5


def test_a_shock_changes_pain_and_steps_from_its_day_on():
    shock = ["shock.enabled=true", "shock.begins=2020-03-11", "shock.pain_shift=0.5",
             "shock.steps_ratio=0.8"]  # fmt: skip
    plain, changed = calendar_of(), calendar_of(*shock)
    days = np.arange(350, 390)
    since = days >= 369  # 8 March 2019 is day 0
    assert np.allclose(changed.pain(days) - plain.pain(days), np.where(since, 0.5, 0.0))
    assert np.allclose(changed.steps(days) / plain.steps(days), np.where(since, 0.8, 1.0))
    assert (calendar_of(*shock[1:]).pain(days) == plain.pain(days)).all()
