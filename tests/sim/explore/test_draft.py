"""A scenario as it is edited: what is wrong is told where it is, and what is copied is the same."""

import shlex

import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario, scenario_hash
from sim.explore.draft import (
    Base,
    changes_in,
    check,
    command_line,
    form_of,
    with_changes,
    without_effect,
)

PLANNED = Base("planned_2018", "planned_2018")


def test_a_bad_value_is_told_of_its_key_in_the_words_of_the_loader():
    found = check(PLANNED, ["trial.sample_size=-5", "seed=7"])
    with pytest.raises(InputError) as refused:
        load_scenario("planned_2018", ["trial.sample_size=-5"])
    assert found.by_key == {"trial.sample_size": str(refused.value).removeprefix("--set: ")}
    assert (found.scenario, found.hash, found.toml("x")) == (None, "", "")


def test_a_misspelt_key_is_told_of_what_was_typed():
    found = check(PLANNED, ["app.quit_hazzard=1"])
    assert "did you mean app.quit_hazard?" in found.by_key["app.quit_hazzard"]


def test_what_is_between_keys_is_told_at_the_field_of_one_of_them():
    shown = ["analysis.hypothesis", "analysis.margin", "analysis.alpha", "analysis.confidence"]
    found = check(PLANNED, ["analysis.hypothesis=non_inferiority"], shown)
    assert "must be above 0" in found.by_key["analysis.hypothesis"]
    assert "1-sided level" in found.by_key["analysis.alpha"]
    form = with_changes(form_of(PLANNED), ["analysis.hypothesis=non_inferiority"])
    assert "analysis.margin" not in without_effect(form, found)
    assert "analysis.margin" in without_effect(form, check(PLANNED, []))


@pytest.mark.parametrize("typed", ["nothing", "= 3", "a..b = 1", "\ud800=1"])
def test_what_is_no_change_is_told(typed):
    found = check(PLANNED, [typed])
    assert found.other
    assert found.scenario is None


def test_only_what_differs_is_a_change():
    form = form_of(PLANNED)
    fields = {"trial.sample_size": " 350 ", "followup.dropout": "0.2", "no.such": "1"}
    assert changes_in(form, fields, ["", " app.assistants = 3 "]) == [
        "followup.dropout=0.2", "app.assistants = 3",
    ]  # fmt: skip


def test_changes_of_an_address_are_put_into_their_fields():
    form = with_changes(form_of(PLANNED), ["trial.sample_size = 80", "app.assistants=3"])
    assert form.values["trial.sample_size"] == "80"
    assert form.typed == ("app.assistants=3",)
    assert "trial.sample_size" not in form.unchanged


@pytest.mark.parametrize("changes", [[], ["trial.sample_size=60", "seed = 5", "truth=true"]])
def test_the_toml_and_the_command_are_the_same_scenario(changes, tmp_path):
    found = check(PLANNED, changes)
    file = tmp_path / "copied.toml"
    file.write_text(found.toml("copied"), "utf-8")
    assert scenario_hash(load_scenario(file)) == found.hash
    words = shlex.split(command_line(found.arguments(20, tmp_path / "out")))
    sets = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
    assert words[:3] == ["selfback", "run", "planned_2018"]
    assert scenario_hash(load_scenario(words[2], sets)) == found.hash


def test_a_copy_extends_a_file_by_its_full_path(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text('extends = "planned_2018"\nname = "mine"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    found = check(Base("mine.toml", "mine.toml"), ["trial.sample_size=60"])
    (tmp_path / "elsewhere").mkdir()
    file = tmp_path / "elsewhere" / "copied.toml"
    file.write_text(found.toml("copied"), "utf-8")
    assert scenario_hash(load_scenario(file)) == found.hash
