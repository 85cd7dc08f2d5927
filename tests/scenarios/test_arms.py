import pytest

from scenarios.arms.codes import counterfactual_arm
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario

BAND = '{name="band", label="Band", like="intervention", components=["wristband"]}'
THREE = (
    'arms=[{name="control", label="Control"}, {name="intervention", label="App", '
    f'components=["app", "wristband"]}}, {BAND}]'
)


def test_what_is_given_by_arm_follows_their_order():
    scenario = load_scenario("selfback_2021")
    for code, name in enumerate(scenario.arm_names):
        assert scenario.follow_ups[code] is scenario.followup.arms[name]
    assert len(scenario.safety.rates) == len(scenario.allocation_ratio) == len(scenario.arms)
    assert scenario.app_arms == (1,)
    assert scenario.given[1].everything
    assert not scenario.given[0].anything


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_every_other_arm_is_a_counterfactual_once(arms):
    for own in range(arms):
        others = [counterfactual_arm(own, shift, arms) for shift in range(1, arms)]
        assert sorted([own, *others]) == list(range(arms))


def test_an_arm_like_another_has_its_follow_up():
    scenario = load_scenario("selfback_2021", [THREE, BLOCKS])
    assert scenario.follow_ups[2] == scenario.follow_ups[1]
    assert scenario.given[2].wristband
    assert not scenario.given[2].app
    assert scenario.app_arms == (1,)


BLOCKS = "trial.randomization.block_sizes=[3, 6]"


def test_the_reference_comes_first_wherever_it_stands():
    scenario = load_scenario("selfback_2021", [THREE, BLOCKS, 'reference="band"'])
    assert scenario.arm_names == ("band", "control", "intervention")


def test_an_arm_has_keys_of_its_own():
    own = BAND.replace(
        'components=["wristband"]',
        'overrides={"app.quit_hazard"=0.2, "followup.withdrawal"=[0.1, 0.0, 0.0, 0.0], '
        '"safety.rate"=0.5, "recommender.kind"="guideline"}',
    )
    scenario = load_scenario("selfback_2021", [THREE.replace(BAND, own), BLOCKS])
    base, band = scenario.by_arm[1], scenario.by_arm[2]
    assert base.app == scenario.app
    assert band.app.quit_hazard == 0.2
    assert band.app.model_copy(update={"quit_hazard": scenario.app.quit_hazard}) == scenario.app
    assert scenario.follow_ups[2].withdrawal == (0.1, 0.0, 0.0, 0.0)
    assert scenario.follow_ups[2].response == scenario.follow_ups[1].response
    assert band.recommender.kind == "guideline"
    assert band.safety.rates["band"] == 0.5
    assert scenario.given[2] == scenario.given[1]


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ('{"app.quit_hazzard"=0.2}', "'app.quit_hazzard' is unknown: did you mean app.quit_hazard"),
        ('{"app.quit_hazard"=2.0}', "'app.quit_hazard' = 2.0 is not allowed: input should be less"),
        ('{"app.assistants"=3}', "'app.assistants' is common to all arms: all arms share"),
        ('{"appp.quit_hazard"=0.2}', "did you mean app.?"),
        ('{"trial.sample_size"=3}', "is not a key that an arm can have: must begin with app."),
        ('{"followup.reminder_days"=[3]}', "of followup an arm can have dropout, response"),
        ('{"pathway.pain_from_capacity"=0.0}', "it says what is gained by a state"),
        ('{"course.daily_pain_sd"=0.0}', "they differ by what they are given"),
        ('{"followup.response"=[0.5]}', "followup.response has 1 numbers, must be 4, one for"),
    ],
)  # fmt: skip
def test_keys_that_an_arm_cannot_have_are_one_line(overrides, told):
    own = BAND.replace('components=["wristband"]', f"overrides={overrides}")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [THREE.replace(BAND, own), BLOCKS])
    assert told in str(caught.value)
    assert str(caught.value).startswith("--set: arms.2.overrides: ")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"wristband"]}]', '"wrist_band"]}]'), "arms[2].components[0]"),
        (('"wristband"]}]', '"app", "sham_app"]}]'), "app with sham_app is not allowed"),
        (('like="intervention"', 'like="interventoin"'), "did you mean 'intervention'?"),
        (('name="band"', 'name="control"'), "name = 'control' is that of 2 arms"),
        (('like="intervention", ', ""), "'band' is missing: every arm of arms needs one"),
        (('name="band"', 'name="band", share=0'), "must be at least 1"),
    ],
)
def test_arms_that_do_not_go_together_are_one_line(change, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [THREE.replace(*change), BLOCKS])
    assert told in str(caught.value)


def test_blocks_must_hold_the_shares_and_somebody_is_given_something():
    with pytest.raises(ScenarioError, match="must be a multiple of 3 to hold the 1:1:1 alloc"):
        load_scenario("selfback_2021", [THREE])
    with pytest.raises(ScenarioError, match="arms: no arm has components"):
        load_scenario("selfback_2021", ["arms[1].components=[]"])
    with pytest.raises(ScenarioError, match="reference: 'contrl' is not an arm: did you mean"):
        load_scenario("selfback_2021", ['reference="contrl"'])
    with pytest.raises(ScenarioError, match="must have at least 2 elements, not 1"):
        load_scenario("selfback_2021", ['arms=[{name="a", label="A"}]'])


def test_a_key_of_earlier_versions_says_where_it_went():
    with pytest.raises(ScenarioError, match="each arm has a share, such as arms"):
        load_scenario("selfback_2021", ["trial.allocation_ratio=[1, 2]"])
