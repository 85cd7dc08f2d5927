from dataclasses import replace

import numpy as np
import pytest

from recommender.compose import FLARE_CUT, GOAL_HELD, STEP_LIMITED, in_flare, usual_steps
from recommender.cycle import CaseBasedRecommender, reuse, revise, weights_of
from recommender.protocol import ATTRIBUTES, FEATURES, Experience

F, A = len(FEATURES), len(ATTRIBUTES)
PAIN, STEPS = FEATURES.index("pain"), FEATURES.index("steps")
NOBODY = np.zeros(2, dtype=bool)


def went(outcome, arm=1, participant=0, features=None, nearest=-1, similarity=0.0) -> Experience:
    n = len(outcome)
    return Experience(
        np.full(n, participant),
        np.full(n, arm),
        np.zeros((n, F)) if features is None else features,
        np.full((n, A), 0.25),
        np.full(n, nearest),
        np.full(n, similarity),
        np.array(outcome),
    )


def usual(settings, asked):
    return [
        usual_steps(days, features, settings.step_quantile, settings.first_steps)
        for days, features in zip(asked.recent_steps, asked.features, strict=True)
    ]


def changed(settings, **keys):
    return settings.model_copy(update=keys)


def test_reuse_returns_the_plan_all_neighbours_agree_on():
    agreed = np.tile([0.2, 0.4, 0.6, 0.8], (2, 5, 1))
    weights = weights_of(np.random.default_rng(7).random((2, 5)), 8.0)
    assert reuse(agreed, weights) == pytest.approx(agreed[:, 0])


def test_reuse_gives_more_weight_to_the_more_similar_case():
    plans = np.array([[[0.0] * A, [1.0] * A]])
    similarity = np.array([[0.9, 0.6]])
    assert (reuse(plans, weights_of(similarity, 8.0)) < 0.1).all()
    assert reuse(plans, weights_of(similarity, 0.0)) == pytest.approx(np.full((1, A), 0.5))


def test_a_flare_cuts_the_load(settings, requests_of):
    plans, revised = revise(settings, requests_of(2), np.full((2, A), 0.8), ~NOBODY)
    assert plans[:, 0] == pytest.approx(0.8 * settings.flare_load)
    assert (plans[:, 1:] == 0.8).all()
    assert (revised == FLARE_CUT).all()


@pytest.mark.parametrize(("before", "expected"), [(0.3, +1), (0.9, 0), (1.0, 0), (0.75, 0)])
def test_progression_is_gradual(settings, requests_of, before, expected):
    asked = requests_of(2, previous=np.full((2, A), before))
    plans, revised = revise(settings, asked, np.full((2, A), 0.8), NOBODY)
    limited = before + settings.largest_step if expected else 0.8
    assert plans[:, 0] == pytest.approx(limited)
    assert (revised == (STEP_LIMITED if expected else 0)).all()


def test_in_a_flare_the_step_goal_does_not_rise(settings, requests_of, case_base_of):
    recommender = CaseBasedRecommender(settings, case_base_of(), 5)
    features = requests_of(2).features.copy()
    features[:, PAIN] = settings.flare_pain
    asked = requests_of(features)
    assert in_flare(settings, asked).all()
    plans = recommender.recommend(asked)
    assert plans.step_goal == pytest.approx(np.full(2, 5000.0))
    assert (plans.revised & GOAL_HELD > 0).all()
    calm = recommender.recommend(requests_of(2))
    assert (calm.step_goal > 5000.0).all()
    assert not (calm.revised & GOAL_HELD).any()


def test_the_step_goal_starts_from_a_quantile_of_the_days_that_are_known(settings, requests_of):
    week = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]) * 1000
    some = np.where([[True, False, True, False, True, False, False]], week, np.nan)
    for quantile in (0.0, 0.5, 0.6, 1.0):
        stated = changed(settings, step_quantile=quantile)
        for days in (week, some):
            found = usual(stated, requests_of(1, recent_steps=days))
            assert found == pytest.approx(np.nanquantile(days, quantile, axis=1))


def test_without_known_days_the_goal_is_based_on_the_last_known_steps(settings, requests_of):
    features = requests_of(2).features.copy()
    features[:, STEPS] = [3000.0, np.nan]
    asked = requests_of(features, recent_steps=np.full((2, 7), np.nan))
    assert usual(settings, asked) == pytest.approx([3000.0, settings.first_steps])


def test_a_patient_like_a_case_gets_its_plan_with_an_explanation(
    settings, requests_of, case_base_of
):
    cases = case_base_of()
    same = requests_of(1).features.copy()
    cases.retain(same, np.full((1, A), 0.3), None, np.array([-1]), np.zeros(1))
    plans = CaseBasedRecommender(settings, cases, 1).recommend(requests_of(same))
    assert plans.attributes[0] == pytest.approx(np.full(A, 0.3))
    assert plans.cases.tolist() == [[30]]
    assert plans.similarity[0] == plans.similarities[0, 0] == 1.0
    assert plans.weights[0, 0] == pytest.approx(1.0)


def test_a_plan_is_the_weighted_mean_of_the_cases_it_names(settings, requests_of, case_base_of):
    cases = case_base_of()
    plans = CaseBasedRecommender(settings, cases, 5).recommend(requests_of(4))
    named = cases.attributes[plans.cases]
    assert plans.attributes == pytest.approx((plans.weights[:, :, None] * named).sum(axis=1))
    assert plans.similarity == pytest.approx(plans.similarities.mean(axis=1))
    assert (np.diff(plans.similarities, axis=1) <= 0).all()


def test_success_is_retained_failure_is_not_and_never_means_never(settings, case_base_of):
    learning = CaseBasedRecommender(settings, case_base_of(), 5)
    learning.learn(went([0.9, 0.1]))
    assert len(learning.case_base) == 31
    frozen = CaseBasedRecommender(changed(settings, retain="never"), case_base_of(), 5)
    frozen.learn(went([0.9, 0.1]))
    assert len(frozen.case_base) == 30


@pytest.mark.parametrize(
    ("retain", "who_learns"),
    [("shared", [True, True, True]), ("per_arm", [True, True, False]),
     ("per_participant", [True, False, False])],
)  # fmt: skip
def test_learned_cases_are_available_to_the_participants_stated_in_the_scenario(
    settings, requests_of, case_base_of, retain, who_learns
):
    recommender = CaseBasedRecommender(changed(settings, retain=retain), case_base_of(), 1)
    patient = requests_of(1).features
    recommender.learn(went([0.9], arm=1, participant=7, features=patient))
    asked = requests_of(
        np.repeat(patient, 3, axis=0), participant=np.array([7, 8, 9]), arm=np.array([1, 1, 2])
    )
    plans = recommender.recommend(asked)
    assert (plans.cases[:, 0] == 30).tolist() == who_learns


def test_a_full_case_base_drops_the_oldest_learned_case_and_no_initial_case(case_base_of):
    cases = case_base_of(30, capacity=32)
    start = cases.attributes[:30].copy()
    for mark in (0.1, 0.2, 0.3):
        cases.retain(np.ones((1, F)), np.full((1, A), mark), None, np.array([-1]), np.zeros(1))
    assert len(cases) == 32
    assert np.array_equal(cases.attributes[:30], start)
    assert sorted(cases.attributes[30:, 0]) == [0.2, 0.3]
    assert sorted(cases.number[30:]) == [31, 32]
    full = case_base_of(30, capacity=30)
    full.retain(np.ones((1, F)), np.ones((1, A)), None, np.array([-1]), np.zeros(1))
    assert len(full) == 30


def test_a_redundant_case_replaces_the_learned_case_it_resembles(case_base_of):
    cases = case_base_of(30, capacity=40, redundant_above=0.95)

    def retain(mark: float, nearest: int, similarity: float) -> None:
        cases.retain(
            np.ones((1, F)), np.full((1, A), mark), None, np.array([nearest]),
            np.array([similarity]),
        )  # fmt: skip

    retain(0.1, -1, 0.0)
    retain(0.2, 30, 0.99)
    assert len(cases) == 31
    assert cases.attributes[30, 0] == 0.2
    retain(0.3, 30, 0.94)
    assert len(cases) == 32
    retain(0.4, 5, 0.99)  # the nearest is a case of the start
    assert len(cases) == 32
    assert 0.4 not in cases.attributes[:, 0]
    for _ in range(10):
        retain(0.5, -1, 0.0)
    retain(0.6, 30, 0.99)  # case 30 has been forgotten meanwhile
    assert cases.number[30] != 30
    assert (cases.attributes[:40, 0] == 0.6).sum() == 1


def test_a_missed_week_of_steps_does_not_stop_advice(settings, requests_of, case_base_of):
    features = requests_of(3).features.copy()
    features[:, [STEPS, FEATURES.index("sessions")]] = np.nan
    asked = replace(requests_of(features), recent_steps=np.full((3, 7), np.nan))
    plans = CaseBasedRecommender(settings, case_base_of(), 5).recommend(asked)
    assert np.isfinite(plans.attributes).all()
    assert np.isfinite(plans.step_goal).all()
