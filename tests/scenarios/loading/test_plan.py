import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_plan, load_scenario

WEEKS = [
    'trial.visits=[{ name = "week 1", day = 7 }, { name = "week 6", day = 42 }]',
    "analysis.primary_visit=week 6",
]


def test_a_plan_has_visits_that_a_simulation_could_not_have():
    plan = load_plan("planned_2018", WEEKS)
    assert [visit.name for visit in plan.trial.visits] == ["week 1", "week 6"]
    with pytest.raises(ScenarioError) as raised:
        load_scenario("planned_2018", WEEKS)
    told = "--set: course.effect: 4 given, must be 2, one for each visit"
    assert told in raised.value.problems


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("analysis.primary_visit=week 9", "'week 9' is not one of week 1, week 6"),
        ("analysis.alpha=2", "analysis.alpha = 2 is not allowed"),
        ("analysis.alfa=0.1", "analysis.alfa is unknown"),
    ],
)
def test_what_a_plan_is_used_for_is_checked_and_nothing_else_is_told(change, told):
    with pytest.raises(ScenarioError) as raised:
        load_plan("planned_2018", [*WEEKS, change])
    (problem,) = raised.value.problems
    assert told in problem
