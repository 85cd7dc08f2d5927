from scenarios.arms import ARM_CODES, other_arm
from scenarios.loading.load import load_scenario


def test_what_is_given_by_arm_follows_their_order():
    scenario = load_scenario("selfback_2021")
    for code, name in zip(ARM_CODES, scenario.arm_names, strict=True):
        assert scenario.follow_ups[code] is scenario.followup.arms[name]
    assert len(scenario.safety.rates) == len(scenario.trial.allocation_ratio) == len(ARM_CODES)


def test_everybody_has_one_counterfactual_arm():
    assert [other_arm(other_arm(code)) for code in ARM_CODES] == list(ARM_CODES)
    assert all(other_arm(code) != code for code in ARM_CODES)
