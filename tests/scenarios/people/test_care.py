import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("care.imaging.per_week=-0.1", "care.imaging.per_week = -0.1 is not allowed"),
        ("care.imaging.per_pain=-0.1", "care.imaging.per_pain = -0.1 is not allowed"),
        ("care.imaging.relief=1.0", "care.imaging.relief = 1.0 is not allowed"),
        ("care.imaging.cost=-1.0", "care.imaging.cost = -1.0 is not allowed"),
        ("care.advice.app_ratio=-1.0", "care.advice.app_ratio = -1.0 is not allowed"),
        ("care.acupuncture.per_week=0.1", "care.acupuncture"),
        ("care.synergy=0.5", "care.synergy: 0.5 is not allowed with relieves = false"),
        ("care.spread=-1.0", "care.spread = -1.0 is not allowed"),
        ("care.fading=0.0", "care.fading = 0.0 is not allowed"),
        ("care.lasting=1.5", "care.lasting = 1.5 is not allowed"),
        ('care.sick_leave.employed=["retired"]', "must be among other, full-time"),
        ("care.sick_leave.employed=[]", "care.sick_leave.employed"),
        ("care.sick_leave.at_baseline.probability=0.0", "at_baseline.probability = 0.0"),
        ("care.sick_leave.ends.per_week=-0.2", "care.sick_leave.ends.per_week = -0.2"),
        ("care.imaging.ratios.clinician.osteopath=2.0", "'osteopath' is not allowed: must be"),
        ("care.imaging.ratios.contry.norway=2.0", "did you mean 'country'?"),
        ("care.imaging.ratios.age.old=2.0", "'age' is no covariate with levels: must be among"),
    ],
)
def test_impossible_values_are_refused_in_one_line(change, complaint):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("selfback_2021", ["care.relieves=false", change])
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_contacts_relieve_at_most_all_symptoms():
    with pytest.raises(
        ScenarioError, match=r"care.synergy and care.advice.relief: 0.4 x \(1 \+ 2\)"
    ):
        load_scenario(
            "selfback_2021", ["care.relieves=true", "care.synergy=2.0", "care.advice.relief=0.4"]
        )


def test_rates_may_go_by_traits_as_well():
    scenario = load_scenario("selfback_2021", ["care.imaging.ratios.sex.male=0.5"])
    assert scenario.care.imaging.ratios["sex"] == {"male": 0.5}


def test_a_normal_course_has_care_that_nobody_asks_for():
    assert load_scenario("null_exchangeable").care is not None
