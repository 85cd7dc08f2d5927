"""Arms are said once: whoever needs them by name finds them in a scenario and in its tables."""

from scenarios.arms import ARM_CODES, ARM_NAMES, ARMS, REFERENCE, other_arm
from scenarios.loading.load import load_scenario


def test_a_scenario_follows_up_every_arm_in_the_order_of_codes():
    scenario = load_scenario("selfback_2021")
    for code, name in zip(ARM_CODES, ARM_NAMES, strict=True):
        assert scenario.followup.arms[code] is getattr(scenario.followup, name)
    assert len(scenario.safety.rates) == len(scenario.trial.allocation_ratio) == len(ARMS)


def test_the_counterfactual_of_the_counterfactual_is_the_arm_itself():
    assert [other_arm(other_arm(code)) for code in ARM_CODES] == list(ARM_CODES)


def test_the_reference_is_not_offered_the_app():
    assert not ARMS[REFERENCE].uses_app
    assert [arm.uses_app for arm in ARMS].count(True) == 1
