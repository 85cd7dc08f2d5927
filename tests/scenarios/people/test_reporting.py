"""What is wrong with [reporting], with the wristband and with arms is told in a line each."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario

PLAIN = "unblinded_null_plain"
TWO = '{name="control", label="A"}, {name="intervention", label="B", components=["app"]}'


def problem(name: str, *sets: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name, sets)
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        (
            ("reporting.expectation.interventoin.rmdq=0.1", "reporting.sd.rmdq=5"),
            "reporting.expectation: 'interventoin' is not an arm: did you mean 'intervention'?",
        ),
        (
            ("reporting.disappointment.placebo.withdrawal=2",),
            "reporting.disappointment: 'placebo' is not an arm: must be control or intervention",
        ),
        (
            ("reporting.expectation.intervention.rdmq=0.1", "reporting.sd.rdmq=5"),
            (
                "reporting.expectation.intervention: 'rdmq' is no outcome of the course: "
                "did you mean 'rmdq'?"
            ),
        ),
        (
            ("reporting.expectation.intervention.pseq=0.1",),
            (
                "reporting.expectation.intervention.pseq: is not allowed without sd.pseq, the SD "
                "in which it is stated"
            ),
        ),
        (("reporting.half_life=-90",), "reporting.half_life = -90 is not allowed: must be above 0"),
        (("reporting.sd.rmdq=0",), "reporting.sd.rmdq = 0 is not allowed: must be above 0"),
        (
            ("reporting.disappointment.intervention.withdrawal=15",),
            (
                "reporting.disappointment.intervention.withdrawal: 15 is not allowed: more than "
                "all of intervention would be lost, must be at most 8.93"
            ),
        ),
        (
            ("step_sources.mi_band.adds=-1",),
            "step_sources.mi_band.adds = -1 is not allowed: must be at least 0",
        ),
        (
            ("step_sources.mi_band.adds_half_life=0",),
            "step_sources.mi_band.adds_half_life = 0 is not allowed: must be above 0",
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_key_and_what_is_allowed(sets, told):
    assert problem("selfback_2021", *sets) == f"--set: {told}"


def test_expectation_shifts_scores_and_no_events():
    kept = (
        '[{name="recovered", label="R", kind="binary", direction="higher is better", '
        "has_baseline=false}]"
    )
    event = (
        f"outcomes={kept}", 'course.outcome="recovered"', "course.means=[0.3, 0.4, 0.45, 0.5]",
        "course.sd=[]", "course.correlation=[[0.5]]", "course.effect_size=0.0",
        "analysis.continuous=[]", 'analysis.primary_outcome="recovered"',
        'analysis.binary=["recovered"]', "analysis.secondary_response={}",
        "analysis.secondary_level={}", 'analysis.primary_analysis="risk difference"',
    )  # fmt: skip
    told = problem(
        "planned_2018", *event, "reporting.expectation.intervention.recovered=0.1",
        "reporting.sd.recovered=1", 'analysis.alternatives=["risk difference"]',
    )  # fmt: skip
    assert told == (
        "--set: reporting.expectation.intervention.recovered: is not allowed, recovered is binary: "
        "expectation shifts scores, must be left out"
    )


def test_contacts_need_care():
    told = problem(PLAIN, "reporting.disappointment.control.contacts=1.55")
    assert told == (
        "--set: reporting.disappointment.control.contacts: 1.55 is not allowed without [care] of a "
        "mechanistic course: must be 1"
    )


@pytest.mark.parametrize(
    ("arms", "told"),
    [
        (TWO.replace('"intervention"', '"control"'), "name = 'control' is that of 2 arms"),
        (TWO.replace('"app"', '"ap"'), "did you mean app?"),
        ('{name="control", label="A"}', "must have at least 2 elements, not 1"),
        (f"{TWO.replace('{name=', '{share=2, name=', 1)}", "must be a multiple of 3"),
    ],
    ids=["two of one name", "unknown component", "one arm", "blocks"],
)
def test_arms_that_cannot_be_are_told_in_one_line(arms, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [f"arms=[{arms}]"])
    line = caught.value.problems[0]
    assert line.startswith("--set: ")
    assert told in line
    assert "\n" not in line
