"""The adapter, with stand-ins for both interfaces of cbrkit and, if installed, cbrkit itself."""

import sys
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import cbrkit
import numpy as np
import pytest

from recommender.adapters.cbrkit import CbrkitRecommender
from recommender.catalogue import load_catalogue
from recommender.protocol import ATTRIBUTES, FEATURES, RecommenderError, check_plans
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario

SETTINGS = load_scenario("selfback_2021").recommender
PAIN, AGE = FEATURES.index("pain"), FEATURES.index("age")
CASES = {name: {"pain": pain, "age": 50.0} for name, pain in (("mild", 2.0), ("bad", 6.0))}
PLANS = {"mild": [0.8, 0.5, 0.2, 0.9], "bad": [0.2, 0.4, 0.9, 0.1]}


@dataclass
class Graded:
    """A similarity that is an object, as some of cbrkit's are."""

    value: float


def nearest(limit: int):
    """Return a retriever in the manner of cbrkit: similarities of the best cases."""

    def retrieve(cases, query):
        alike = {key: 1.0 - abs(case["pain"] - query["pain"]) / 10.0 for key, case in cases.items()}
        best = sorted(alike, key=lambda key: -alike[key])[:limit]
        return {key: Graded(alike[key]) if key == "bad" else alike[key] for key in best}

    return retrieve


def results(cases, queries, retriever):
    return {
        key: SimpleNamespace(similarities=retriever(cases, query)) for key, query in queries.items()
    }


def of_old() -> ModuleType:
    module = ModuleType("cbrkit.retrieval")
    module.mapply = results
    return module


def of_today() -> ModuleType:
    module = ModuleType("cbrkit.retrieval")
    module.apply_queries = lambda *given: SimpleNamespace(queries=results(*given))
    return module


@pytest.fixture(params=[of_old, of_today], ids=["mapply", "apply_queries"])
def interface(request, monkeypatch):
    monkeypatch.setitem(sys.modules, "cbrkit", ModuleType("cbrkit"))
    monkeypatch.setitem(sys.modules, "cbrkit.retrieval", request.param())


@pytest.fixture
def asked(requests):
    """Four participants without a plan before: mild, bad, unknown and between."""
    asked = requests(4)
    asked.previous[:] = np.nan
    asked.features[:, PAIN] = [2.0, 6.0, np.nan, 3.0]
    return asked


@pytest.mark.usefixtures("interface")
def test_the_plan_of_the_most_similar_case_is_reused(asked):
    plans = CbrkitRecommender(SETTINGS, nearest(1), CASES, PLANS).recommend(asked)
    check_plans(asked, plans, load_catalogue())
    assert plans.cases[[0, 1, 3], 0].tolist() == [0, 1, 0]
    np.testing.assert_allclose(plans.attributes[[0, 1]], [PLANS["mild"], PLANS["bad"]])
    np.testing.assert_allclose(plans.similarities[[0, 1, 3], 0], [1.0, 1.0, 0.9])


@pytest.mark.usefixtures("interface")
def test_several_cases_are_combined_with_more_weight_for_more_similar_ones(asked):
    plans = CbrkitRecommender(SETTINGS, nearest(2), CASES, PLANS).recommend(asked)
    alike = np.array([0.9, 0.7]) ** SETTINGS.sharpness
    expected = np.average([PLANS["mild"], PLANS["bad"]], axis=0, weights=alike)
    np.testing.assert_allclose(plans.attributes[3], expected)
    np.testing.assert_allclose(plans.attributes[2], np.mean(list(PLANS.values()), axis=0))


@pytest.mark.usefixtures("interface")
def test_participants_may_have_different_numbers_of_cases(asked):
    def some(cases, query):
        return nearest(1 if query["pain"] == 2.0 else 2)(cases, query)

    plans = CbrkitRecommender(SETTINGS, some, CASES, PLANS).recommend(asked)
    check_plans(asked, plans, load_catalogue())
    assert plans.cases[0].tolist() == [0, -1]
    np.testing.assert_allclose(plans.attributes[0], PLANS["mild"])


@pytest.mark.usefixtures("interface")
def test_no_requests_give_no_plans(requests):
    plans = CbrkitRecommender(SETTINGS, nearest(1), CASES, PLANS).recommend(requests(0))
    check_plans(requests(0), plans, load_catalogue())


@pytest.mark.usefixtures("interface")
def test_a_participant_without_a_similar_case_is_reported(asked):
    with pytest.raises(RecommenderError, match="no case for participant 0"):
        CbrkitRecommender(SETTINGS, nearest(0), CASES, PLANS).recommend(asked)


@pytest.mark.usefixtures("interface")
@pytest.mark.parametrize(
    ("cases", "plans", "reason"),
    [
        ({}, {}, "at least one case"),
        (CASES, {"mild": PLANS["mild"]}, "a plan for each of them"),
        ({"mild": {"pain": 1.0}, "bad": {"age": 1.0}}, PLANS, "the same features"),
        ({"mild": {"ache": 1.0}, "bad": {"ache": 1.0}}, PLANS, "the same features"),
        (CASES, {"mild": [0.5], "bad": [0.5]}, f"a plan is {len(ATTRIBUTES)} numbers"),
    ],
)
def test_invalid_cases_are_refused(cases, plans, reason):
    with pytest.raises(InputError, match=reason):
        CbrkitRecommender(SETTINGS, nearest(1), cases, plans)


def test_a_missing_package_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "cbrkit", None)
    monkeypatch.setitem(sys.modules, "cbrkit.retrieval", None)
    with pytest.raises(InputError, match="needs the extra 'cbrkit': pip install"):
        CbrkitRecommender(SETTINGS, nearest(1), CASES, PLANS)


def test_a_retriever_of_cbrkit_itself(asked):
    linear = cbrkit.sim.numbers.linear
    measure = cbrkit.sim.attribute_value(
        attributes={"pain": linear(max=10.0), "age": linear(max=72.0)},
        aggregator=cbrkit.sim.aggregator(pooling="mean"),
    )
    retriever = cbrkit.retrieval.build(measure)  # all cases: their number is set in other ways
    asked.features[:, AGE] = 50.0
    plans = CbrkitRecommender(SETTINGS, retriever, CASES, PLANS).recommend(asked)
    check_plans(asked, plans, load_catalogue())
    np.testing.assert_allclose(plans.similarities[3], [0.95, 0.85])
    assert plans.cases[3].tolist() == [0, 1]
