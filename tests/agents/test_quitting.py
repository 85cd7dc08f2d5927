import numpy as np
import pytest

from agents.population import Patients
from agents.quitting import paused_weeks, quitting_day
from scenarios.loading.load import load_scenario

N = 50_000


def patients(n: int = N, **scores: float) -> Patients:
    names = ("depression", "stress", "age")
    return Patients(
        {}, {name: np.full(n, scores.get(name, 0.0)) for name in names}, np.zeros((n, 4))
    )


@pytest.fixture(scope="module")
def app():
    return load_scenario("selfback_2021").app


def test_quitting_without_spread_is_exponential_at_the_stated_weekly_share(app):
    same = app.model_copy(update={"quit_spread": 0.0, "quit_hazard": 0.1})
    draws = np.random.default_rng(5).standard_exponential(N)
    share = (quitting_day(same, patients(), draws, np.zeros(N)) < 7).mean()
    assert share == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / N))


def test_depressed_and_stressed_patients_quit_sooner_and_older_ones_later(app):
    draws = np.ones(3)
    usual = quitting_day(app, patients(3), draws, np.zeros(3))
    assert (quitting_day(app, patients(3, depression=1.0), draws, np.zeros(3)) < usual).all()
    assert (quitting_day(app, patients(3, stress=1.0), draws, np.zeros(3)) < usual).all()
    assert (quitting_day(app, patients(3, age=1.0), draws, np.zeros(3)) > usual).all()


def test_a_hazard_of_0_means_nobody_quits(app):
    never = app.model_copy(update={"quit_hazard": 0.0})
    assert np.isinf(quitting_day(never, patients(3), np.ones(3), np.zeros(3))).all()


def test_pauses_end_after_their_mean_length(app):
    often = app.model_copy(update={"pause_hazard": 0.02, "pause_weeks": 3.0})
    generator = np.random.default_rng(6)
    n, weeks = 20_000, 60
    paused = paused_weeks(often, generator.random((n, weeks)), generator.random((n, weeks)))
    assert not paused[:, 0].any()
    starts = (np.diff(paused.astype(int), axis=1) == 1).sum()
    ends = (np.diff(paused.astype(int), axis=1) == -1).sum()
    assert 0.85 * starts < ends <= starts
    # A renewal of pauses: each week a pause is under way with probability 1 - exp(-rate * mean).
    lengths_overlap = 1.0 - np.prod([1.0 - 0.02 * (1.0 - 1.0 / 3.0) ** age for age in range(200)])
    share = paused[:, -1].mean()
    error = np.sqrt(lengths_overlap * (1 - lengths_overlap) / n)
    assert share == pytest.approx(lengths_overlap, abs=4.5 * error)


def test_a_pause_of_mean_length_1_lasts_one_week(app):
    once = app.model_copy(update={"pause_hazard": 0.5, "pause_weeks": 1.0})
    starts = np.array([[0.9, 0.1, 0.9, 0.9, 0.1, 0.1, 0.9]])
    paused = paused_weeks(once, starts, np.full((1, 7), 0.99))
    assert paused.tolist() == [[False, True, False, False, True, True, False]]


def test_a_hazard_of_0_means_no_pause(app):
    never = app.model_copy(update={"pause_hazard": 0.0})
    assert not paused_weeks(never, np.zeros((3, 9)), np.zeros((3, 9))).any()
