import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario

SOUND = [
    "clinics.number=42", "clinics.icc=0.03", "clinics.randomized=true", 'analysis.cluster="clinic"',
    'analysis.sensitivity=["complete case"]',
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["clinics.number=13"], "clinics.number: 13 is not allowed: must be 0, or at least 14"),
        (["clinics.number=0"], "clinics.number: 0 is not allowed with an icc"),
        (["clinics.icc=0.5"], "clinics.icc = 0.5 is not allowed: must be below 0.5"),
        (["clinics.icc_day=300"], "clinics.icc_day: 300 is not allowed: must be at most the day"),
        (["clinics.block_sizes=[3]"], "clinics.block_sizes: 3 is not allowed: a block must"),
        (
            ["trial.randomization={kind = 'simple'}"],
            "clinics are randomized in stratified blocks of clinics.block_sizes",
        ),
        (
            ["trial.randomization={kind = 'blocks', block_sizes = [4]}"],
            "trial.randomization.kind: 'blocks' is not allowed",
        ),
        (['analysis.small_sample="satterthwaite"'], "degrees of freedom of their own"),
        (['analysis.cluster="none"'], "where clinics are randomized, the cluster of the analysis"),
        (
            ["clinics.number=0", "clinics.icc=0.0", "clinics.randomized=false"],
            "'clinic' is not allowed without clinics",
        ),
        (['analysis.sensitivity=["multiple imputation"]'], "its imputations know of no clinics"),
        (
            ['analysis.cluster="none"', "clinics.randomized=false",
             'analysis.alternatives=["clda ignoring clinics"]'],
            "use 'clda'",
        ),
    ],
)  # fmt: skip
def test_impossible_values_are_refused_in_one_line(changed, told):
    load_scenario("selfback_2021", SOUND)
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", [*SOUND, *changed])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_block_sizes_of_participants_need_not_fit_the_ratio_if_clinics_are_randomized():
    settings = [*SOUND, "arms[1].share=2"]
    load_scenario("selfback_2021", [*settings, "clinics.block_sizes=[3]"])
    with pytest.raises(ScenarioError, match=r"clinics\.block_sizes: 2 is not allowed"):
        load_scenario("selfback_2021", settings)


def test_an_icc_must_leave_variance_within_clinics():
    settings = ["clinics.number=42", "course.correlation=[[0.99]]"]
    load_scenario("null_exchangeable", [*settings, "clinics.icc=0.005"])
    with pytest.raises(ScenarioError, match="it must be smaller"):
        load_scenario("null_exchangeable", [*settings, "clinics.icc=0.03"])
