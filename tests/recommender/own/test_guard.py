"""Valid and invalid answers of a user's own recommender."""

from dataclasses import replace

import numpy as np
import pytest

from recommender import rivals
from recommender.catalogue import load_catalogue
from recommender.own.guard import GuardedRecommender
from recommender.protocol import (
    MESSAGES,
    REVISIONS,
    Experience,
    Plans,
    RecommenderError,
    check_plans,
)

CATALOGUE = load_catalogue()
REPLACED = 1 << REVISIONS.index("replaced by the fallback plan")


class Answers:
    """Answers whatever it was given, or raises it."""

    def __init__(self, answer):
        self.answer = answer

    def recommend(self, _requests):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def learn(self, _experience: Experience):
        if isinstance(self.answer, Exception):
            raise self.answer


def nan_in(plans: Plans, field: str) -> Plans:
    values = getattr(plans, field).copy()
    values[1] = np.nan
    return replace(plans, **{field: values})


def one_case(plans: Plans, **changes) -> Plans:
    n = len(plans)
    usual = {"cases": np.zeros((n, 1), int), "similarities": np.ones((n, 1)),
             "weights": np.ones((n, 1))}  # fmt: skip
    return replace(plans, **(usual | changes))


FAULTS = {
    "the answer is NoneType, not Plans": lambda _plans: None,
    "attributes: 2 answers to 3 requests": lambda p: replace(p, attributes=p.attributes[:2]),
    "attributes is list, not an array": lambda p: replace(p, attributes=p.attributes.tolist()),
    "attributes has shape (3, 3), must have shape (3, 4)":
        lambda p: replace(p, attributes=p.attributes[:, :3]),
    "attributes holds <U32, must hold numbers":
        lambda p: replace(p, attributes=p.attributes.astype(str)),
    "the plan of participant 1 has attribute load nan, must be 0 to 1":
        lambda p: nan_in(p, "attributes"),
    "the plan of participant 0 has attribute load 1.5, must be 0 to 1":
        lambda p: replace(p, attributes=p.attributes * 3.0),
    "the plan of participant 1 has step goal nan, must be 0 to 100000":
        lambda p: nan_in(p, "step_goal"),
    "the plan of participant 0 has step goal -5, must be 0 to 100000":
        lambda p: replace(p, step_goal=np.full(3, -5.0)),
    "the plan of participant 0 has exercise 26, but the catalogue has 0 to 25":
        lambda p: replace(p, exercises=np.full((3, 6), 26)),
    "the plan of participant 0 has message -2, but the catalogue has 0 to 55":
        lambda p: replace(p, messages=np.full((3, MESSAGES), -2)),
    "the plan of participant 0 has tool 4, but the catalogue has 0 to 3":
        lambda p: replace(p, tools=np.full((3, 2), 4)),
    "exercises holds float64, must hold whole numbers":
        lambda p: replace(p, exercises=p.exercises.astype(float)),
    "similarities has shape (3, 2), must have one column a case":
        lambda p: one_case(p, similarities=np.ones((3, 2))),
    "case numbers must be at least 0": lambda p: one_case(p, cases=np.full((3, 1), -2)),
    "has weight of a case nan, must be 0 to 1":
        lambda p: one_case(p, weights=np.full((3, 1), np.nan)),
    "has similarity 1.5, must be 0 to 1": lambda p: replace(p, similarity=np.full(3, 1.5)),
    "has unknown bits in revised: 64": lambda p: replace(p, revised=np.full(3, 64)),
}  # fmt: skip


@pytest.fixture
def asked(requests_of):
    return requests_of(3)


@pytest.fixture
def good(settings, asked):
    return rivals.guideline(settings).recommend(asked)


def test_valid_plans_pass_unchanged(asked, good):
    for plans in (good, one_case(good), one_case(good, cases=np.full((3, 1), -1))):
        check_plans(asked, plans, CATALOGUE)
        assert GuardedRecommender(Answers(plans), CATALOGUE, None).recommend(asked) is plans


@pytest.mark.parametrize("sentence", FAULTS)
def test_an_invalid_plan_is_described_in_a_sentence(asked, good, sentence):
    plans = FAULTS[sentence](good)
    with pytest.raises(RecommenderError) as caught:
        check_plans(asked, plans, CATALOGUE)
    assert sentence in str(caught.value)
    with pytest.raises(RecommenderError, match="failed in making plans"):
        GuardedRecommender(Answers(plans), CATALOGUE, None).recommend(asked)


@pytest.mark.parametrize(
    "fault", [None, ZeroDivisionError("division by zero"), RecommenderError("no answer in 2 s")]
)
def test_a_fallback_takes_over_and_is_counted(settings, asked, good, fault):
    guard = GuardedRecommender(Answers(fault), CATALOGUE, rivals.guideline(settings))
    plans = guard.recommend(asked)
    assert np.array_equal(plans.attributes, good.attributes)
    assert (plans.revised & REPLACED > 0).all()
    assert len(guard.failures) == 1
    assert str(fault or "not Plans") in guard.failures[0]


def test_failures_in_learning_are_reported_or_counted(settings, asked):
    nothing = Experience(*(np.empty(0) for _ in range(7)))
    with pytest.raises(RecommenderError, match=r"failed in learning: KeyError\('x'\)"):
        GuardedRecommender(Answers(KeyError("x")), CATALOGUE, None).learn(nothing)
    guard = GuardedRecommender(Answers(KeyError("x")), CATALOGUE, rivals.guideline(settings))
    guard.learn(nothing)
    assert guard.failures == ["the recommender failed in learning: KeyError('x')"]
