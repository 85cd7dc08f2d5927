import numpy as np
import pytest

from agents.symptoms import LEAD_IN, belief_swings
from scenarios.loading.load import load_scenario
from sim.simulate import simulate

CLASSES = ("recovering", "fluctuating", "persistent")
CONTACTS = "care.relieves=false"
"""A number of contacts without content relieves; :mod:`tests.agents.care` is about contacts."""
QUIET = [
    CONTACTS, "course.remission.pain_left=1.0", "course.remission.recurrence=0.0",
    "course.worst_above_mean=0.0",
    "course.daily_pain_sd=0.0", "course.flares.per_week=0.0", "course.disability_swing_sd=0.0",
    "course.season.pain_amplitude=0.0", "course.usual_care.relief_per_contact=0.0",
    *(f"course.{kind}.fluctuation=0.0" for kind in CLASSES),
]  # fmt: skip
NO_PROGNOSIS = [
    f"course.prognosis.{trait}=0.0" for trait in load_scenario("selfback_2021").course.prognosis
]


def course(*overrides: str):
    trial = simulate(load_scenario("selfback_2021", ["trial.sample_size=60", *overrides]), 0)
    return trial.trajectories.natural, trial.cohort.patients


def test_without_recovery_and_noise_nothing_changes():
    still = [f"course.{kind}.{key}=0.0" for kind in CLASSES
             for key in ("recovery", "recovery_sd")]  # fmt: skip
    natural, patients = course(*QUIET, *still, *NO_PROGNOSIS)
    start = patients.values["pain"].astype(np.float32)[:, None]
    assert np.abs(natural.pain - start).max() < 1e-5
    disability = patients.values["disability"].astype(np.float32)[:, None]
    assert np.abs(natural.disability - disability).max() < 1e-5


def test_full_recovery_ends_near_no_pain_and_the_stated_disability():
    whole = []
    for kind in CLASSES:
        whole += [f"course.{kind}.recovery=1.0", f"course.{kind}.recovery_sd=0.0",
                  f"course.{kind}.time_constant=5.0"]  # fmt: skip
    natural, patients = course(
        *QUIET, *whole, *NO_PROGNOSIS, "course.pain_recovery=1.0",
        "course.time_constant_spread=0.0", "course.disability_from_pain=0.5",
        "course.disability_from_beliefs=0.2", "course.disability_own=0.3",
    )  # fmt: skip
    assert natural.pain[:, -1].max() < 1e-4
    left = natural.disability[:, -1] / patients.values["disability"]
    assert np.abs(left).max() < 0.01


def test_disability_follows_pain_with_its_lag():
    one_class = [f"course.{kind}.recovery=0.5" for kind in CLASSES]
    fast, _ = course(*QUIET, *one_class, "course.disability_lag=2.0")
    slow, _ = course(*QUIET, *one_class, "course.disability_lag=40.0")
    week_three = LEAD_IN + 21
    assert fast.disability[:, week_three].mean() < slow.disability[:, week_three].mean() - 0.3


def test_classes_have_their_shares_by_duration_of_the_episode():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=3000"])
    trial = simulate(scenario, 0)
    duration = trial.cohort.patients.values["duration"]
    for level in range(4):
        members = duration == level
        for code, name in enumerate(CLASSES):
            stated = getattr(scenario.course, name).shares[level]
            found = (trial.trajectories.natural.kind[members] == code).mean()
            assert abs(found - stated) < 4.5 * np.sqrt(stated * (1 - stated) / members.sum())


def test_a_worse_prognosis_leaves_more_disability():
    natural, patients = course(*QUIET, *NO_PROGNOSIS, "trial.sample_size=500")
    gloomy, _ = course(
        *QUIET, *NO_PROGNOSIS, "trial.sample_size=500", "course.prognosis.depression=-0.1"
    )
    worse = gloomy.disability[:, -1] - natural.disability[:, -1]
    depressed = patients.scores["depression"]
    assert (worse[depressed > 0.1] >= -1e-4).all()
    assert (worse[depressed < -0.1] <= 1e-4).all()
    assert worse[depressed > 1.0].mean() > 0.5


def test_usual_care_relieves_by_contacts_with_the_clinician():
    still = [f"course.{kind}.{key}=0.0" for kind in CLASSES for key in ("recovery", "recovery_sd")]
    quiet = [item for item in QUIET if "usual_care" not in item]
    scenario = load_scenario(
        "selfback_2021",
        ["trial.sample_size=1500", *quiet, *still, *NO_PROGNOSIS,
         "course.usual_care.relief_per_contact=0.05", "course.pain_recovery=1.0"],
    )  # fmt: skip
    trial = simulate(scenario, 0)
    contacts = np.round(np.log1p(-trial.trajectories.natural.pain_relief[:, -1]) / np.log1p(-0.05))
    clinician = np.array([s.levels["clinician"] for s in scenario.trial.strata])[
        trial.cohort.stratum
    ]
    for kind, mean in scenario.course.usual_care.contacts.items():
        mine = contacts[clinician == kind]
        assert abs(mine.mean() - mean) < 4.5 * np.sqrt(mean / len(mine))
        assert mine.var() == pytest.approx(mean, rel=0.35)
    halfway = LEAD_IN + 42
    done = np.log1p(-trial.trajectories.natural.pain_relief[:, halfway]) / np.log1p(-0.05)
    assert np.abs(done - contacts / 2.0).max() < 1e-3


def test_flares_begin_at_their_rate_and_the_long_ones_last():
    quiet = [item for item in QUIET if "flares" not in item]
    still = [f"course.{kind}.{key}=0.0" for kind in CLASSES for key in ("recovery", "recovery_sd")]
    base = [*quiet, *still, *NO_PROGNOSIS, "course.flares.per_week=0.7", "course.flares.height=1.0",
            "population.margins.pain.high=8.9", "course.flares.short_duration=0.5"]  # fmt: skip
    for share, days in ((0.0, 0.5), (1.0, 1.0 / (1.0 - np.exp(-0.5)))):
        natural, patients = course(
            *base, f"course.flares.long_share={share}", "course.flares.long_duration=2.0"
        )
        rise = natural.pain - patients.values["pain"].astype(np.float32)[:, None]
        settled = rise[:, 30:].mean()
        onsets = rise[:, 30:].size * 0.1
        assert settled == pytest.approx(0.1 * days, abs=5 * days * np.sqrt(0.1 / onsets) + 0.01)
        assert (natural.worst_pain >= natural.pain - 1e-6).all()


def test_pain_stays_on_its_scale_and_the_worst_is_never_below_the_mean():
    natural, _ = course()
    assert natural.pain.min() >= 0
    assert natural.worst_pain.max() <= 10
    assert (natural.worst_pain >= natural.pain - 1e-6).all()


def test_belief_swings_have_the_variance_and_covariance_of_their_process():
    days, memory, n = np.array([0.0, 20.0, 50.0]), 30.0, 40_000
    swings = belief_swings(np.random.default_rng(0).standard_normal((n, 3)), days, memory)
    found = np.cov(swings.T)
    expected = np.exp(-np.abs(days[:, None] - days[None, :]) / memory)
    # The standard error of a covariance of normals is at most sqrt(2 / n).
    assert np.abs(found - expected).max() < 5 * np.sqrt(2 / n)
