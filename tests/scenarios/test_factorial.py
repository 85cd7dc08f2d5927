"""``[factorial]``: the arms it makes, how it is read, and what is said where it cannot be."""

import math

import pytest

import selfback as sb
from scenarios.errors import ScenarioError
from scenarios.loading.layers import merge
from scenarios.loading.load import load_plan, load_scenario, plan_of, scenario_hash
from scenarios.loading.toml_document import toml_document
from scenarios.schema import Scenario
from sim.cli import call
from sim.study.designs.null import null_scenario

APP = """
extends = "selfback_2021"
name = "crossed"
[factorial]
components = ["exercise", "step_goals", "education"]
always = ["wristband", "tools"]
like = "intervention"
[trial.randomization]
kind = "simple"
"""
PLAIN = """
extends = "planned_2018"
name = "crossed"
[factorial]
components = ["a", "b", "c", "d", "e"]
fraction = ["e = abcd"]
like = "control"
[factorial.effects]
a = -3
b = [-1.0, -2.0, -1.0, 1.5]
"b x a" = 0.5
[trial.randomization]
kind = "simple"
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        file = tmp_path / "crossed.toml"
        file.write_text(text)
        return file

    return write


def test_components_become_arms_with_what_all_are_given(written):
    scenario = load_scenario(written(APP))
    assert scenario.arm_names == (
        "none", "education", "step_goals", "step_goals-education", "exercise",
        "exercise-education", "exercise-step_goals", "exercise-step_goals-education",
    )  # fmt: skip
    assert scenario.arms[0].label == "No component"
    assert scenario.arms[-1].label == "Exercise + step goals + education"
    assert scenario.given[0].features == {"tools"}
    assert scenario.given[-1].features == {"tools", "exercise", "step_goals", "education"}
    assert all(given.wristband for given in scenario.given)


def test_all_arms_are_like_one_that_is_stated(written):
    scenario = load_scenario(written(APP))
    parent = load_scenario("selfback_2021")
    assert list(scenario.follow_ups) == [parent.followup.arms["intervention"]] * 8
    told = ["reporting.expectation.intervention.rmdq=0.2", "reporting.sd.rmdq=5.0"]
    expecting = load_scenario(written(APP), told)
    assert expecting.reporting.expectation == {"none": {"rmdq": 0.2}}
    assert scenario.safety.rates == {"none": parent.safety.rates["intervention"]}


def test_effects_of_a_plain_course_are_sums_of_what_an_arm_has(written):
    scenario = load_scenario(written(PLAIN))
    assert len(scenario.arms) == 16
    effects = {arm.name: each.course.effects(4)
               for arm, each in zip(scenario.arms, scenario.by_arm, strict=True)}  # fmt: skip
    assert effects["c-d"] == (0.0,) * 4
    assert effects["a-c"] == (-3.0,) * 4
    assert effects["b-e"] == (-1.0, -2.0, -1.0, 1.5)
    assert effects["a-b-c-d"] == pytest.approx((-3.5, -4.5, -3.5, -1.0))


def test_ratios_multiply_and_further_outcomes_have_effects_of_their_own(written):
    text = """
extends = "depression_phq9"
name = "crossed"
[factorial]
components = ["a", "b"]
like = "usual_care"
[factorial.further.sick_days]
a = 0.5
b = 0.8
"a x b" = 1.25
[trial.randomization]
kind = "simple"
"""
    scenario = load_scenario(written(text))
    days = scenario.by_arm[-1].course.further["sick_days"]
    assert days.effect_measure == "ratio"
    assert days.effect_size == pytest.approx(0.5 * 0.8 * 1.25)
    assert scenario.by_arm[-1].course.effect_size == 0.0
    assert scenario.by_arm[1].course.further["sick_days"].effect_size == 0.8
    odds = scenario.by_arm[-1].course.further["remission"]
    assert odds.effects(len(scenario.trial.visits))[0] == odds.no_effect


@pytest.mark.parametrize("text", [APP, PLAIN])
def test_a_factorial_survives_every_way_in_which_scenarios_travel(text, written, tmp_path):
    file = written(text)
    scenario = load_scenario(file)
    again = Scenario.model_validate_json(scenario.model_dump_json(), strict=True)
    assert again == scenario
    assert scenario_hash(again) == scenario_hash(scenario)
    document = tmp_path / "whole.toml"
    document.write_text(toml_document(merge(file)))
    assert load_scenario(document) == scenario
    child = tmp_path / "child.toml"
    child.write_text(f'extends = "{file.name}"\nname = "child"\n')
    assert load_scenario(child).arms == scenario.arms
    assert plan_of(scenario).arms == load_plan(file).arms == scenario.arms


def test_effects_are_set_by_hand_and_arms_of_a_child_replace_the_factorial(written, tmp_path):
    file = written(PLAIN)
    scenario = load_scenario(file, ["factorial.effects.c=-1.5"])
    assert dict(zip(scenario.arm_names, scenario.arms, strict=True))["c-d"].overrides == {
        "course.effect_size": -1.5
    }
    child = tmp_path / "child.toml"
    child.write_text(
        f"""
extends = "{file.name}"
name = "child"
[[arms]]
name = "control"
label = "Control"
[[arms]]
name = "intervention"
label = "Intervention"
[course]
effect_size = -1.0
"""
    )
    assert load_scenario(child).factorial is None
    assert load_scenario(child).arm_names == ("control", "intervention")


def test_a_scenario_that_was_read_can_be_changed_and_makes_its_arms_anew(written):
    scenario = load_scenario(written(PLAIN))
    assert sb.scenario(scenario, {"factorial.effects.a": -1.0}).arms[-1] != scenario.arms[-1]
    smaller = {"factorial.components": ["a", "b"], "factorial.fraction": []}
    changed = sb.scenario(scenario, smaller)
    assert changed.arm_names == ("none", "b", "a", "a-b")
    assert [each.name for each in changed.analysis.contrasts] == ["a", "b", "a x b"]


def test_without_its_effects_all_arms_are_alike(written):
    file = written(PLAIN)
    null = null_scenario(file, ["factorial.effects.c=-1.5"], load_scenario(file))
    effects = {each.course.effects(4) for each in null.by_arm[1:]}
    assert effects == {(0.0,) * 4}


def test_contrasts_are_main_effects_and_interactions_of_two(written):
    scenario = load_scenario(written(APP))
    contrasts = dict(scenario.factorial.contrasts())
    assert list(contrasts)[:4] == ["exercise", "step_goals", "education", "exercise x step_goals"]
    for name, weights in contrasts.items():
        assert math.fsum(weights.values()) == pytest.approx(0.0)
        for arm, weight in weights.items():
            odd = sum(each in arm for each in name.split(" x ")) % 2
            sign = 1 if odd == len(name.split(" x ")) % 2 else -1
            assert weight == sign * 0.25


def test_what_a_fraction_does_not_tell_apart_is_shown(written, capsys):
    assert call(["scenarios", "show", str(written(PLAIN))]) == 0
    printed = capsys.readouterr().out
    assert "[factorial] makes 16 arms" in printed
    assert "#   a x b - c x d x e" in printed
    assert "resolution 5" in printed


@pytest.mark.parametrize(
    ("text", "changed", "told"),
    [
        (APP, 'components=["exercise", "goals"]', "components: 'goals' is no component: did you"),
        (APP, 'components=["exercise", "exercise"]', "components: 'exercise' is named twice"),
        (APP, "components=[]", "components = [] is not allowed: must have at least 1 elements"),
        (APP, 'always=["exercise"]', "always: 'exercise' is not allowed: it is one of components"),
        (APP, 'always=["sham_app"]', "sham_app with exercise is not allowed: must have either app"),
        (APP, 'like="interventon"', "like: 'interventon' is not allowed: must be an arm of"),
        (APP, 'like=""', "like: is missing: must be an arm of followup.arms, control or interv"),
        (APP, "effects.exercise=1.0", "effects: is not allowed with a mechanistic course"),
        (APP, 'fraction=["c = ax"]', "fraction.0: 'c = ax' is not allowed: must have letters a"),
        (APP, 'fraction=["c = a"]', "fraction.0: 'c = a' is not allowed: must have one component"),
        (APP, 'fraction=["c = a x b"]', "'c = a x b' is not allowed: 'a' is no component"),
        (APP, 'fraction=["ab"]', "'exercise' and 'step_goals' always go together"),
        (APP, 'fraction=["abc", "abc"]', "is not allowed: one follows from the others"),
        (PLAIN, "effects.x=1", "effects: 'x' is no component: must be among a, b, c, d, e"),
        (PLAIN, 'effects."a x b"=1', "'a x b' is the same as 'b x a': state it once"),
        (PLAIN, "effects.b=[1, 2]", "effects: 2 given for 'b', must be 4, one for each visit"),
        (PLAIN, 'always=["app"]', "always: is not allowed with a plain course"),
        (PLAIN, "further.days.a=1", "further: is not allowed: the course has no"),
        (
            PLAIN,
            'components=["a", "b", "c", "d", "e", "f", "g"]',
            "7 components make 64 arms, at most 32 are allowed",
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(text, changed, told, written):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(text), [f"factorial.{changed}"])
    assert caught.value.problems[0].startswith("--set: factorial.")
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_file_with_arms_and_a_factorial_is_told_to_have_one_of_them(written):
    arms = """
[[arms]]
name = "x"
label = "X"
[[arms]]
name = "y"
label = "Y"
"""
    with pytest.raises(ScenarioError, match=r"arms: is not allowed beside \[factorial\]"):
        load_scenario(written(APP + arms))


def test_elements_of_arms_that_are_made_cannot_be_set(written):
    with pytest.raises(ScenarioError, match="arms: elements cannot be set where"):
        load_scenario(written(APP), ['arms[1].label="X"'])


def test_the_reference_of_a_plain_course_has_no_component(written):
    with pytest.raises(ScenarioError, match="reference: 'a-e' is not allowed with a plain course"):
        load_scenario(written(PLAIN), ['reference="a-e"'])
    assert load_scenario(written(APP), ['reference="education"']).arm_names[0] == "education"
