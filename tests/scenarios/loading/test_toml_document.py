"""A scenario written as TOML is the same scenario when it is read again."""

import pytest

from scenarios.errors import InputError
from scenarios.loading.differences import differences, section_paths
from scenarios.loading.layers import merge
from scenarios.loading.library import library, library_names
from scenarios.loading.load import load_scenario, scenario_hash, validate
from scenarios.loading.provenance import undocumented
from scenarios.loading.toml_document import toml_document

BY_HAND = [
    "trial.strata[0].share=0.0892",
    'followup.arms.control.withdrawal_reasons={"no \\"time\\"\\u0007"=1.0, "ä \\U0001F600"=2.0}',
    "recommender.kind=module:Mine",
    'recommender.plugin.settings={text="x", table={a=1, b=[1, {c=2}]}}',
    "population.correlations={}",
    "title=Line\tbreak \\ and \x7f",
]


def again(folder, text):
    path = folder / "again.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in library("designs") else name
        for name in library_names()
    ],
)
def test_a_scenario_of_the_library_read_again_is_the_same(tmp_path, name):
    merged = merge(name)
    path = again(tmp_path, toml_document(merged))
    assert load_scenario(path) == validate(merged)
    assert scenario_hash(load_scenario(path)) == scenario_hash(load_scenario(name))
    assert undocumented(path) == ()


def test_odd_text_and_free_tables_are_read_again(tmp_path):
    merged = merge("selfback_2021", BY_HAND)
    assert load_scenario(again(tmp_path, toml_document(merged))) == validate(merged)


def test_sections_can_be_pasted_into_a_scenario(tmp_path):
    merged = merge("selfback_2021", ["trial.visits[0].day=40", "app.quit_hazard=0.5"])
    wanted = section_paths(merged, ["trial.visits", "app.quit_hazard", "followup.arms.control"])
    text = toml_document(merged, wanted)
    path = again(tmp_path, f'extends = "selfback_2021"\nname = "again"\n{text}')
    assert scenario_hash(load_scenario(path)) == scenario_hash(validate(merged))
    assert "trial.strata" not in text
    assert "day = 40  # days; --set" in text


@pytest.mark.parametrize(
    ("section", "hint"),
    [
        ("folowup", "did you mean followup?"),
        ("trial.strata[9]", "is unknown"),
        ("trial.", "did you mean trial?"),
        ("", "sections are name, title"),
    ],
)
def test_an_unknown_section_is_refused(section, hint):
    with pytest.raises(InputError) as caught:
        section_paths(merge("selfback_2021"), [section])
    assert str(caught.value).startswith(f"section {section!r} of selfback_2021.toml is unknown: ")
    assert hint in str(caught.value)


def test_what_differs_from_the_parent_is_what_a_design_states():
    found = differences(merge("sample_size_300"))
    (only,) = found.values()
    assert (only.key, only.own.value, only.parents.value) == ("trial.sample_size", 300, 461)


def test_what_is_gone_and_what_is_new_differ_too():
    found = {each.key: each for each in differences(merge("unstratified_blocks")).values()}
    assert set(found) == {"trial.randomization.kind"}
    found = {each.key: each for each in differences(merge("simple_randomization")).values()}
    assert found["trial.randomization.block_sizes"].own is None
    found = {each.key: each for each in differences(merge("minimization")).values()}
    assert found["trial.randomization.factors"].parents is None


def test_what_is_set_by_hand_differs_from_the_file_that_extends_nothing():
    found = differences(merge("selfback_2021", ["trial.strata[1].share=0.2"]))
    assert [each.key for each in found.values()] == ["trial.strata[1].share"]
    with pytest.raises(InputError, match="extends no other scenario, and nothing was set by hand"):
        differences(merge("selfback_2021"))
