import numpy as np
import pytest

from recommender import rivals
from recommender.catalogue import load_catalogue
from recommender.cycle import CaseBasedRecommender
from recommender.protocol import ATTRIBUTES, Experience, check_plans

A = len(ATTRIBUTES)


def everyone(settings, case_base_of) -> dict:
    case_based = CaseBasedRecommender(settings, case_base_of(), 5)
    return {
        "cbr": case_based,
        "nearest": CaseBasedRecommender(settings, case_base_of(), 1),
        "static": rivals.StaticRecommender(case_based),
        "guideline": rivals.guideline(settings),
        "random": rivals.random(settings),
        "oracle": rivals.oracle(settings, np.random.default_rng(8).random((9, A))),
    }


@pytest.mark.parametrize("name", ["cbr", "nearest", "static", "guideline", "random", "oracle"])
def test_all_give_valid_plans(settings, requests_of, case_base_of, name):
    recommender = everyone(settings, case_base_of)[name]
    asked = requests_of(5, contraindications=np.arange(5, dtype=np.uint8))
    check_plans(asked, recommender.recommend(asked), load_catalogue())
    recommender.learn(
        Experience(
            asked.participant, asked.arm, asked.features, np.full((5, A), 0.5),
            np.full(5, -1), np.full(5, np.nan), np.full(5, 0.9),
        )
    )  # fmt: skip
    check_plans(asked, recommender.recommend(asked), load_catalogue())


def test_the_guideline_gives_everybody_the_same_plan(settings, requests_of):
    plans = rivals.guideline(settings).recommend(requests_of(5))
    assert np.ptp(plans.attributes, axis=0).max() == 0
    assert plans.cases.shape == (5, 0)
    assert np.isnan(plans.similarity).all()


def test_random_plans_are_the_draws_of_the_participant_and_the_week(settings, requests_of):
    asked = requests_of(5)
    assert np.array_equal(rivals.random(settings).recommend(asked).attributes, asked.draws)


def test_the_oracle_knows_each_person(settings, requests_of):
    needs = np.random.default_rng(8).random((9, A))
    asked = requests_of(3, participant=np.array([7, 0, 4]))
    plans = rivals.oracle(settings, needs).recommend(asked)
    assert np.array_equal(plans.attributes, needs[[7, 0, 4]])


def test_a_static_plan_stays_whatever_changes_and_whatever_the_other_requests(
    settings, requests_of, case_base_of
):
    static = everyone(settings, case_base_of)["static"]
    first = static.recommend(requests_of(2))
    other = requests_of(
        requests_of(3).features[::-1] + 1.0,
        participant=np.array([5, 1, 0]),
        recent_steps=np.full((3, 7), 9000.0),
    )
    later = static.recommend(other)
    for field in ("attributes", "exercises", "messages", "step_goal", "cases"):
        assert np.array_equal(getattr(later, field)[[2, 1]], getattr(first, field))
    assert later.step_goal[0] > 9000.0
