"""Main parameters: which a scenario has, and what the schema says of them."""

import pytest

from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, validate
from sim.explore.knobs import has_effect, key_of, knobs_of


def knobs(name):
    merged = merge(name)
    found = knobs_of(merged, validate(merged))
    return {knob.key: knob for some in found.values() for knob in some}


@pytest.mark.parametrize(
    "name", ["selfback_2021", "planned_2018", "depression_phq9", "cluster_by_clinic"]
)
def test_setting_every_main_parameter_to_its_own_value_changes_nothing(name):
    found = knobs(name)
    assert "trial.sample_size" in found
    same = [f"{key}={knob.value}" for key, knob in found.items() if key != "course.effect_size"]
    before, after = load_scenario(name), load_scenario(name, same)
    assert after.model_dump(exclude={"title", "published"}) == before.model_dump(
        exclude={"title", "published"}
    )


@pytest.mark.parametrize("name", ["planned_2018", "selfback_2021", "depression_phq9"])
def test_values_are_within_their_sliders_whose_ends_are_allowed(name):
    for key, knob in knobs(name).items():
        if knob.slider is None:
            continue
        assert knob.slider.low <= float(knob.value) <= knob.slider.high, key
        assert knob.slider.step > 0.0


def test_words_limits_and_sources_are_those_of_the_schema_and_the_file():
    found = knobs("planned_2018")["trial.sample_size"]
    assert (found.name, found.unit, found.value) == ("Sample size", "participants", "350")
    assert found.description == "randomized in all"
    assert found.source == "paper, Adverse Events and Power"
    assert found.slider.low > 0  # the schema allows no trial without participants
    assert knobs("planned_2018")["followup.dropout"].slider.high == 1.0


def test_an_effect_that_is_the_same_at_all_visits_is_one_number():
    found = knobs("planned_2018")
    assert found["course.effect_size"].value == "-2.0"
    assert found["course.effect_size"].unit == "points"
    assert "course.effect" not in found


def test_an_effect_that_is_a_ratio_cannot_slide_below_zero():
    found = knobs("depression_phq9")["course.further.remission.effect_size"]
    assert found.unit == "odds ratio"
    assert found.slider.low > 0.0


def test_what_a_plain_course_does_not_read_has_no_effect():
    plain, lived = load_scenario("planned_2018"), load_scenario("selfback_2021")
    assert not has_effect("app.quit_hazard", plain)
    assert has_effect("app.quit_hazard", lived)


def test_a_margin_and_an_icc_have_an_effect_where_they_are_used():
    plain = load_scenario("planned_2018")
    assert not has_effect("analysis.margin", plain)
    assert not has_effect("clinics.icc", plain)
    assert has_effect("clinics.icc", load_scenario("cluster_by_clinic"))
    changed = ["analysis.hypothesis=non_inferiority", "analysis.margin=1", "analysis.alpha=0.025"]
    assert has_effect("analysis.margin", load_scenario("planned_2018", changed))


def test_a_scenario_without_clinics_has_no_parameters_of_clinics():
    assert not [key for key in knobs("knee_koos") if key.startswith("clinics")]


def test_a_text_without_a_key_has_none():
    assert key_of("= 3") == ""
    assert key_of("a. = 3") == ""
