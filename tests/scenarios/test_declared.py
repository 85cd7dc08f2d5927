"""What a scenario or a plan declares, and what is refused of it in one line."""

import numpy as np
import pytest

from scenarios.design.outcomes import Outcome
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_plan, load_scenario

PLAN = """
[[outcomes]]
name = "koos_pain"
label = "KOOS pain"
direction = "higher is better"
low = 0.0
high = 100.0

[[covariates]]
name = "age"
label = "Age"
kind = "number"

[[arms]]
name = "advice"
label = "Advice"
[[arms]]
name = "exercise"
label = "Exercise"

[[trial.visits]]
name = "12 weeks"

[analysis]
primary_outcome = "koos_pain"
primary_visit = "12 weeks"
continuous = ["koos_pain"]
covariates = ["age"]
"""


def written(folder, *changes):
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_plan_needs_no_more_than_what_is_analysed(tmp_path):
    plan = load_plan(written(tmp_path))
    assert plan.scales["koos_pain"].higher_is_better
    assert [arm.name for arm in plan.arms] == ["advice", "exercise"]
    assert plan.analysis.alpha == 0.05


def test_a_plan_has_any_number_of_arms(tmp_path):
    third = '[[arms]]\nname = "third"\nlabel = "Third"\n[[trial.visits]]'
    plan = load_plan(written(tmp_path, ("[[trial.visits]]", third)))
    assert [arm.name for arm in plan.arms] == ["advice", "exercise", "third"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'primary_outcome = "koos_pain"',
            'primary_outcome = "koos_pian"',
            "analysis.primary_outcome: 'koos_pian' is not declared: did you mean 'koos_pain'?",
        ),
        ("high = 100.0", "high = 0.0", "outcomes[0].low: 0 is not allowed: must be below high, 0"),
        (
            "high = 100.0",
            "high = 100.0\nstep = 7.0",
            "outcomes[0].step: 7 is not allowed: the range from 0 to 100 must be a whole number",
        ),
        ('"exercise"', '"advice"', "arms: name = 'advice' is that of 2 arms: must differ"),
        (
            '[[arms]]\nname = "advice"\nlabel = "Advice"\n',
            "",
            "is not allowed: must have at least 2 elements, not 1",
        ),
        (
            "[[trial.visits]]",
            "".join(f'[[arms]]\nname = "arm{n}"\nlabel = "A"\n' for n in range(31))
            + "[[trial.visits]]",
            "must have at most 32 elements, not 33",
        ),
        (
            'kind = "number"',
            'kind = "levels"\nlevels = ["a", "a"]',
            "covariates[0].levels: 'a' is named twice or more: once is allowed",
        ),
        ('name = "age"', 'name = "koos_pain"', "covariates: 'koos_pain' is not allowed"),
        (
            'covariates = ["age"]',
            'covariates = ["agee"]',
            "analysis.covariates: 'agee' is not declared: did you mean 'age'?",
        ),
        (
            "higher is better",
            "up",
            'outcomes[0].direction = "up" is not allowed: must be higher is better or lower is',
        ),
        ("continuous =", "continuos =", "analysis.continuos is unknown: did you mean"),
    ],
)
def test_what_is_declared_wrongly_is_told(old, new, told, tmp_path):
    with pytest.raises(ScenarioError) as raised:
        load_plan(written(tmp_path, (old, new)))
    assert any(told in problem for problem in raised.value.problems), raised.value.problems
    assert all("plan.toml" in problem for problem in raised.value.problems)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("outcomes.0.high=30.0", "outcomes.0.high: 30.0 is not allowed: the instrument"),
        ("outcomes.9.has_baseline=true", "outcomes.9.has_baseline: True is not allowed"),
        ('outcomes.0.name="odi"', "outcomes: 'rmdq' is missing: a mechanistic course yields"),
        ('staff.teams_by="clinic"', "staff.teams_by: 'clinic' is not allowed: must be"),
        ('trial.strata.0.levels.country="sweden"', "country = 'sweden' is not allowed"),
        ('arms.0.name="usual"', "followup.arms: 'control' is not an arm: must be usual or"),
    ],
)
def test_what_the_mechanistic_course_simulates_is_declared_as_it_is(change, told):
    with pytest.raises(ScenarioError) as raised:
        load_scenario("selfback_2021", [change])
    assert any(told in problem for problem in raised.value.problems), raised.value.problems


def test_scores_are_put_on_the_scale_that_is_declared():
    scale = Outcome(name="x", label="X", direction="lower is better", low=0.5, high=4.5, step=1.0)
    assert scale.on_scale(np.array([-1.0, 1.4, 9.0])).tolist() == [0.5, 1.5, 4.5]
    assert scale.levels() == (0.5, 1.5, 2.5, 3.5, 4.5)
    count = Outcome(name="n", label="N", kind="count", direction="lower is better")
    assert count.on_scale(np.array([-2.0, 7.3])).tolist() == [0.0, 7.0]
    assert not count.is_graded
