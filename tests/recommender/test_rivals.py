import numpy as np
import pytest

from recommender import rivals
from recommender.catalogue import load_catalogue
from recommender.cycle import CaseBasedRecommender
from recommender.protocol import ATTRIBUTES, FEATURES, Experience, check_plans

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


def test_a_generic_plan_is_one_for_everybody_and_every_week(settings, requests_of):
    asked = requests_of(
        3,
        week=np.array([0, 3, 20]),
        contraindications=np.array([0, 4, 9], dtype=np.uint8),
        available_minutes=np.array([10, 20, 30]),
        recent_steps=np.array([[1000.0] * 7, [5000.0] * 7, [12000.0] * 7]),
    )
    various = settings.model_copy(update={"variety": 3})
    plans = rivals.generic(various).recommend(asked)
    for field in ("attributes", "exercises", "messages", "tools", "step_goal"):
        assert (getattr(plans, field) == getattr(plans, field)[0]).all()
    assert plans.step_goal[0] == settings.generic_steps


def test_a_physiotherapists_rule_follows_what_was_done_and_goes_back_in_a_flare(
    settings, requests_of
):
    sessions, pain = FEATURES.index("sessions"), FEATURES.index("pain")
    features = requests_of(5).features.copy()
    features[:, sessions] = [3.0, 2.0, 1.0, 3.0, np.nan]
    features[:, pain] = [3.0, 3.0, 3.0, 9.0, 3.0]
    previous = np.full((5, A), 0.6)
    previous[4] = np.nan
    asked = requests_of(features, previous=previous)
    rule = settings.model_copy(update={"generic_progress": 0.1})
    load = rivals.progressed(rule).recommend(asked).attributes[:, 0]
    assert load == pytest.approx([0.7, 0.6, 0.5, 0.5, 0.5])


def test_goals_are_rounded_and_never_below_the_first_week_but_in_a_flare(settings, requests_of):
    features = requests_of(3).features.copy()
    features[:, FEATURES.index("pain")] = [3.0, 9.0, 3.0]
    asked = requests_of(
        features,
        recent_steps=np.full((3, 7), 3210.0),
        baseline_steps=np.array([6110.0, 6110.0, np.nan]),
    )
    rising = settings.model_copy(update={"step_rise": 0.3})
    floored = rising.model_copy(update={"goal_floor": "baseline", "goal_rounding": 250.0})
    goals = rivals.guideline(floored).recommend(asked).step_goal
    # By the plan's progression of 0.5, 15% above 3,210; the guideline knows no flares.
    assert goals.tolist() == [6250.0, 6250.0, 3750.0]
    as_it_comes = rising.model_copy(update={"goal_floor": "none", "goal_rounding": 0.0})
    assert rivals.guideline(as_it_comes).recommend(asked).step_goal == pytest.approx(3210.0 * 1.15)


def test_there_is_no_goal_before_any_steps_are_known(settings, requests_of):
    features = requests_of(1).features.copy()
    features[:, FEATURES.index("steps")] = np.nan
    asked = requests_of(features, recent_steps=np.full((1, 7), np.nan))
    free = settings.model_copy(
        update={"goal_floor": "none", "goal_rounding": 0.0, "step_rise": 0.3}
    )
    stated = free.model_copy(update={"first_goal": "stated"})
    assert rivals.guideline(stated).recommend(asked).step_goal == settings.first_steps * 1.15
    assert free.first_goal == "none"
    assert rivals.guideline(free).recommend(asked).step_goal == 0.0
