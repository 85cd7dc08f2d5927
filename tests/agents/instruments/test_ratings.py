"""Ratings with a single question, each compared with the scenario's parameters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.instruments import RATINGS, State
from agents.instruments.ratings import activity_level, health_today, perceived_effect, remember_pain
from agents.population import Patients
from scenarios.loading.load import load_scenario

SCENARIO = load_scenario("selfback_2021")
INSTRUMENTS = SCENARIO.instruments


def state(n, **known):
    zero = dict.fromkeys(State.__slots__, np.zeros(n))
    return State(
        **(zero | {name: np.broadcast_to(v, n).astype(float) for name, v in known.items()})
    )


def errors(n, seed=0):
    drawn = np.random.default_rng(seed).standard_normal((n, len(RATINGS)))
    return {name: drawn[:, column] for column, name in enumerate(RATINGS)}


def without_error(part, **changes):
    return part.model_copy(update={"error": 0.0, **changes})


def test_the_recalled_average_is_pulled_towards_the_worst_and_the_latest_pain():
    recall = without_error(INSTRUMENTS.nrs, towards_worst=0.25, towards_latest=0.5)
    week = state(1, pain=4.0, worst_pain=8.0, latest_pain=6.0)
    average, worst = remember_pain(recall, week, errors(1))
    assert average == np.round(0.25 * 4.0 + 0.25 * 8.0 + 0.5 * 6.0)
    assert worst == 8.0


@given(
    mean=st.floats(0.0, 10.0), above=st.floats(0.0, 10.0),
    latest=st.floats(0.0, 10.0), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_worst_pain_is_never_below_the_average(mean, above, latest, seed):
    week = state(30, pain=mean, worst_pain=min(mean + above, 10.0), latest_pain=latest)
    average, worst = remember_pain(INSTRUMENTS.nrs, week, errors(30, seed))
    assert (worst >= average).all()
    for answers in (average, worst):
        assert np.isin(answers, np.arange(11)).all()


def test_both_answers_about_pain_share_the_stated_part_of_their_error():
    recall = INSTRUMENTS.nrs.model_copy(update={"error": 1.0, "shared_error": 0.5})
    n = 20_000
    # The worst is far above the average, so that it never has to be raised to it.
    week = state(n, pain=2.8, worst_pain=7.2, latest_pain=2.8)
    recall = recall.model_copy(update={"towards_worst": 0.0, "towards_latest": 0.0})
    average, worst = remember_pain(recall, week, errors(n))
    covariance = np.cov(average, worst)
    assert covariance[0, 1] == pytest.approx(0.5, abs=4 * np.sqrt(1.5 / n) + 0.01)
    assert covariance[0, 0] == pytest.approx(1 + 1 / 12, rel=4 * np.sqrt(2 / n) + 0.01)


@pytest.mark.parametrize(("tens", "fives"), [(1.0, 0.0), (0.0, 1.0), (0.3, 0.5), (0.0, 0.0)])
def test_people_answer_the_eq_vas_in_tens_and_fives_as_often_as_stated(tens, fives):
    n = 20_000
    part = INSTRUMENTS.eq_vas.model_copy(update={"in_tens": tens, "in_fives": fives, "error": 10.0})
    habit = np.random.default_rng(1).standard_normal(n)
    rated = health_today(part, np.full(n, 50.0), (np.zeros(n),) * 2, errors(n)["eq_vas"], habit)
    # Those who round to 1 or 5 meet a 10 by chance; about one in ten, and every second five.
    others = 1.0 - tens - fives
    expected = tens + fives / 2 + others / 10, tens + fives + others / 5
    for step, share in zip((10, 5), expected, strict=True):
        assert (rated % step == 0).mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(n))
    assert np.array_equal(rated, np.round(rated))


def test_health_falls_with_disability_and_pain_by_the_stated_slopes():
    part = without_error(INSTRUMENTS.eq_vas, in_tens=0.0, in_fives=0.0)
    changes = np.array([0.0, 5.0]), np.array([0.0, 2.0])
    rated = health_today(part, np.full(2, 60.0), changes, np.zeros(2), np.zeros(2))
    assert rated[1] == np.round(60.0 + 5.0 * part.per_disability + 2.0 * part.per_pain)
    assert rated[0] == 60.0
    ends = health_today(part, np.array([140.0, -30.0]), (np.zeros(2),) * 2, np.zeros(2), changes[0])
    assert ends.tolist() == [100.0, 0.0]


def test_activity_levels_have_the_shares_of_the_population():
    n = 40_000
    score = np.random.default_rng(3).standard_normal(n)
    patients = Patients({}, {"physical_activity": score}, np.zeros((n, 4)))
    levels = activity_level(
        INSTRUMENTS.sgpals, SCENARIO.population, patients, state(n), np.zeros(n),
        errors(n)["sgpals"],
    )  # fmt: skip
    shares = SCENARIO.population.margins["physical_activity"].shares
    for level, share in enumerate(shares, start=1):
        assert (levels == level).mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(n))


def test_capacity_raises_and_pain_lowers_the_activity_level():
    n = 2000
    patients = Patients(
        {}, {"physical_activity": np.random.default_rng(4).standard_normal(n)}, np.zeros((n, 4))
    )

    def levels(capacity, pain):
        return activity_level(
            INSTRUMENTS.sgpals, SCENARIO.population, patients, state(n, capacity=capacity),
            np.full(n, pain), errors(n)["sgpals"],
        )  # fmt: skip

    usual = levels(0.0, 0.0)
    assert (levels(1.0, 0.0) >= usual).all()
    assert (levels(0.0, 3.0) <= usual).all()
    assert levels(1.0, 0.0).mean() > usual.mean() > levels(0.0, 3.0).mean()


def test_the_perceived_effect_adds_relief_present_symptoms_and_beliefs():
    part = without_error(
        INSTRUMENTS.gpe, unchanged=1.0, per_relief=4.0, per_symptoms=-2.0, per_belief=1.0
    )
    start = {"disability": np.array([12.0, 12.0, 12.0]), "pain": np.array([5.0, 5.0, 5.0])}
    disability = np.array([12.0, 0.0, 24.0])
    now = state(3, pain=np.array([5.0, 0.0, 10.0]))
    felt = perceived_effect(part, start, disability, now, np.zeros(3))
    # Unchanged: 1 - 2 * 0.5. All gone: 1 + 4. Twice as bad: 1 - 4 - 2.
    assert felt.tolist() == [0.0, 5.0, -5.0]
    believing = replace(now, beliefs=np.ones(3))
    assert perceived_effect(part, start, disability, believing, np.zeros(3)).tolist() == [1, 5, -4]
