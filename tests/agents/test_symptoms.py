import numpy as np
import pytest

from agents.symptoms import LEAD_IN, belief_swings
from scenarios.load import load_scenario
from sim.trial import simulate

QUIET = [
    "course.daily_pain_sd=0.0", "course.flares_per_week=0.0", "course.disability_swing_sd=0.0",
    *(f"course.{kind}.fluctuation=0.0" for kind in ("recovering", "fluctuating", "persistent")),
]  # fmt: skip
NO_BACKGROUND = [
    f"course.recovery_per_{trait}=0.0" for trait in ("depression", "stress", "comorbidity")
]


def course(*overrides: str):
    trial = simulate(load_scenario("selfback_2021", ["trial.sample_size=60", *overrides]), 0)
    return trial.natural, trial.cohort.patients


def test_without_recovery_and_noise_nothing_changes():
    still = [f"course.{kind}.{key}=0.0" for kind in ("recovering", "fluctuating", "persistent")
             for key in ("recovery", "recovery_sd")]  # fmt: skip
    natural, patients = course(*QUIET, *still, *NO_BACKGROUND)
    start = patients.values["pain"].astype(np.float32)[:, None]
    assert np.abs(natural.pain - start).max() < 1e-5
    disability = patients.values["disability"].astype(np.float32)[:, None]
    assert np.abs(natural.disability - disability).max() < 1e-5


def test_full_recovery_ends_near_no_pain_and_the_stated_disability():
    whole = []
    for kind in ("recovering", "fluctuating", "persistent"):
        whole += [f"course.{kind}.recovery=1.0", f"course.{kind}.recovery_sd=0.0",
                  f"course.{kind}.time_constant=5.0"]  # fmt: skip
    natural, patients = course(
        *QUIET, *whole, *NO_BACKGROUND, "course.pain_recovery=1.0",
        "course.time_constant_spread=0.0", "course.disability_from_pain=0.5",
        "course.disability_from_beliefs=0.2", "course.disability_own=0.3",
    )  # fmt: skip
    assert natural.pain[:, -1].max() < 1e-4
    left = natural.disability[:, -1] / patients.values["disability"]
    assert np.abs(left).max() < 0.01


def test_disability_follows_pain_with_its_lag():
    one_class = [
        f"course.{kind}.recovery=0.5" for kind in ("recovering", "fluctuating", "persistent")
    ]
    fast, _ = course(*QUIET, *one_class, "course.disability_lag=2.0")
    slow, _ = course(*QUIET, *one_class, "course.disability_lag=40.0")
    week_three = LEAD_IN + 21
    assert fast.disability[:, week_three].mean() < slow.disability[:, week_three].mean() - 0.3


def test_classes_have_their_shares_by_duration_of_the_episode():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=3000"])
    trial = simulate(scenario, 0)
    long = trial.cohort.patients.values["duration"] == 3
    for members, key in ((long, "share_long"), (~long, "share_short")):
        for code, name in enumerate(("recovering", "fluctuating", "persistent")):
            stated = getattr(getattr(scenario.course, name), key)
            found = (trial.natural.kind[members] == code).mean()
            assert abs(found - stated) < 4.5 * np.sqrt(stated * (1 - stated) / members.sum())


def test_pain_stays_on_its_scale_and_the_worst_is_never_below_the_mean():
    natural, _ = course()
    assert natural.pain.min() >= 0
    assert natural.worst_pain.max() <= 10
    assert (natural.worst_pain >= natural.pain - 1e-6).all()


def test_belief_swings_have_the_variance_and_covariance_of_their_process():
    days, memory, n = np.array([0.0, 20.0, 50.0]), 30.0, 40_000
    swings = belief_swings(np.random.default_rng(0).standard_normal((n, 3)), days, memory)
    assert (swings[:, 0] == 0).all()
    for column, day in enumerate(days):
        exact = 1 - np.exp(-2 * day / memory)
        assert swings[:, column].var() == pytest.approx(exact, abs=5 * np.sqrt(2 / n))
    between = np.exp(-30 / memory) * (1 - np.exp(-2 * 20 / memory))
    assert np.cov(swings[:, 1], swings[:, 2])[0, 1] == pytest.approx(between, abs=0.03)
