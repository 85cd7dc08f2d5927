import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.casebase import CaseBase
from recommender.comparators import GuidelineRecommender, RandomRecommender
from recommender.cycle import CaseBasedRecommender, retrieve, reuse, revise
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, Requests
from recommender.similarity import GlobalSimilarity
from scenarios.load import load_scenario

SETTINGS = load_scenario("selfback_2021").recommender
RANGES = np.full(len(FEATURES), 10.0)
values = arrays(float, (3, len(FEATURES)), elements=st.floats(0, 10))


def requests(n: int = 4, pain: float = 3.0) -> Requests:
    features = np.random.default_rng(1).random((n, len(FEATURES))) * 10
    features[:, FEATURES.index("pain")] = pain
    return Requests(
        features,
        np.full((n, len(ATTRIBUTES)), np.nan),
        np.full(n, np.nan),
        np.random.default_rng(2).random((n, len(ATTRIBUTES))),
    )


def case_base(n: int = 30, capacity: int = 40) -> CaseBase:
    generator = np.random.default_rng(3)
    return CaseBase(
        generator.random((n, len(FEATURES))) * 10, generator.random((n, len(ATTRIBUTES))), capacity
    )


@settings(derandomize=True, deadline=None, max_examples=50)
@given(a=values, b=values, weights=arrays(float, len(FEATURES), elements=st.floats(0.1, 5)))
def test_similarity_is_symmetric_between_0_and_1_and_1_for_the_same_patient(a, b, weights):
    alike = GlobalSimilarity(weights, RANGES)
    forth, back = alike(a, b), alike(b, a)
    assert (forth >= 0).all()
    assert (forth <= 1 + 1e-12).all()
    assert forth == pytest.approx(back.T)
    assert np.diag(alike(a, a)) == pytest.approx(np.ones(3))


def test_similarity_is_the_weighted_mean_of_local_similarities():
    weights = np.arange(1.0, len(FEATURES) + 1)
    alike = GlobalSimilarity(weights, RANGES)
    a, b = np.random.default_rng(4).random((2, len(FEATURES))) * 10
    by_hand = np.average(1 - np.abs(a - b) / RANGES, weights=weights)
    assert alike(a[None], b[None])[0, 0] == pytest.approx(by_hand)


def test_retrieval_finds_the_most_similar_cases_in_any_order_of_cases():
    similarity = np.random.default_rng(5).random((6, 50))
    cases, alike = retrieve(similarity, 7)
    for row in range(6):
        assert set(cases[row]) == set(np.argsort(-similarity[row])[:7])
        assert alike[row] == pytest.approx(similarity[row, cases[row]])
    shuffled = np.random.default_rng(6).permutation(50)
    again, _ = retrieve(similarity[:, shuffled], 7)
    for row in range(6):
        assert set(shuffled[again[row]]) == set(cases[row])


def test_more_neighbours_than_cases_are_all_cases():
    cases, _ = retrieve(np.ones((2, 3)), 9)
    assert cases.shape == (2, 3)


def test_reuse_returns_the_plan_all_neighbours_agree_on():
    agreed = np.tile([0.2, 0.4, 0.6, 0.8], (2, 5, 1))
    assert reuse(agreed, np.random.default_rng(7).random((2, 5)), 8.0) == pytest.approx(
        agreed[:, 0]
    )


def test_reuse_leans_to_the_more_similar_case():
    plans = np.array([[[0.0] * 4, [1.0] * 4]])
    near_first = reuse(plans, np.array([[0.9, 0.6]]), 8.0)
    assert (near_first < 0.1).all()
    assert reuse(plans, np.array([[0.9, 0.6]]), 0.0) == pytest.approx(np.full((1, 4), 0.5))


def test_a_flare_cuts_the_load_and_progression_is_gradual():
    asked = requests(2, pain=SETTINGS.flare_pain)
    suggested = np.full((2, 4), 0.8)
    assert revise(SETTINGS, asked, suggested)[:, 0] == pytest.approx(0.8 * SETTINGS.flare_load)
    calm = requests(2)
    before = np.full((2, 4), 0.3)
    plans = revise(
        SETTINGS, Requests(calm.features, before, calm.recent_steps, calm.luck), suggested
    )
    assert plans[:, 0] == pytest.approx(0.3 + SETTINGS.largest_step)
    assert (plans[:, 1:] == 0.8).all()


def test_a_patient_like_a_case_gets_the_plan_of_that_case():
    cases = case_base()
    one = SETTINGS.model_copy(update={"neighbours": 1})
    recommender = CaseBasedRecommender(one, RANGES, cases)
    asked = requests(1)
    same = cases.features[12:13].copy()
    same[:, FEATURES.index("pain")] = cases.features[12, FEATURES.index("pain")]
    plans = recommender.recommend(Requests(same, asked.previous, asked.recent_steps, asked.luck))
    flare = same[0, FEATURES.index("pain")] >= one.flare_pain
    expected = cases.attributes[12].copy()
    expected[0] *= one.flare_load if flare else 1.0
    assert plans.attributes[0] == pytest.approx(expected)
    assert plans.similarity[0] == pytest.approx(1.0)


def test_success_is_retained_failure_is_not_and_never_means_never():
    went = Experience(np.zeros((2, len(FEATURES))), np.zeros((2, 4)), np.array([0.9, 0.1]))
    learning = CaseBasedRecommender(SETTINGS, RANGES, case_base())
    learning.learn(went)
    assert len(learning.case_base) == 31
    frozen = CaseBasedRecommender(
        SETTINGS.model_copy(update={"retain": "never"}), RANGES, case_base()
    )
    frozen.learn(went)
    assert len(frozen.case_base) == 30


def test_a_full_case_base_forgets_the_oldest_learned_case_and_no_expert_case():
    cases = case_base(30, capacity=32)
    experts = cases.features.copy()
    for mark in (1.0, 2.0, 3.0):
        cases.add(np.full((1, len(FEATURES)), mark), np.full((1, 4), 0.5))
    assert len(cases) == 32
    assert np.array_equal(cases.features[:30], experts)
    assert sorted(cases.features[30:, 0]) == [2.0, 3.0]
    full = case_base(30, capacity=30)
    full.add(np.ones((1, len(FEATURES))), np.ones((1, 4)))
    assert len(full) == 30


def test_rivals_answer_every_request_with_a_valid_plan():
    asked = requests(5)
    for rival in (GuidelineRecommender(), RandomRecommender()):
        plans = rival.recommend(asked)
        assert plans.attributes.shape == (5, len(ATTRIBUTES))
        assert ((plans.attributes >= 0) & (plans.attributes <= 1)).all()
    assert np.ptp(GuidelineRecommender().recommend(asked).attributes, axis=0).max() == 0
    assert np.array_equal(RandomRecommender().recommend(asked).attributes, asked.luck)
