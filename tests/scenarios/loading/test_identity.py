"""A scenario is called, and compared with, what it says itself."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario, scenario_hash

PAPER = "selfback_2021"


def child(folder, text=""):
    path = folder / "mine.toml"
    path.write_text(f'extends = "{PAPER}"\nname = "mine"\n{text}', encoding="utf-8")
    return path


def test_the_trial_itself_is_compared_with_its_paper():
    numbers = (PAPER, "independent")
    assert load_scenario(PAPER).published == numbers
    assert load_scenario(PAPER, ["seed=1", "truth=true"]).published == numbers
    assert load_scenario(PAPER, ["seed=1"]).title == load_scenario(PAPER).title


def test_a_child_is_neither_headed_nor_compared_as_its_parent(tmp_path):
    scenario = load_scenario(child(tmp_path, "trial.sample_size = 100"))
    assert scenario.title == "mine (a variant of selfback_2021)"
    assert scenario.published == ""


def test_a_child_is_headed_and_compared_as_it_says_itself(tmp_path):
    path = child(tmp_path, f'title = "Hundred patients"\npublished = "{PAPER}"')
    scenario = load_scenario(path)
    assert (scenario.title, scenario.published) == ("Hundred patients", PAPER)


def test_a_file_without_a_name_of_its_own_is_refused_in_one_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "{PAPER}"\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.problems == (
        f'{path}: name is missing: every scenario needs its own, such as name = "my_trial"',
    )


def test_what_is_changed_by_hand_is_in_the_title_and_not_compared():
    scenario = load_scenario(PAPER, ["trial.sample_size=100"])
    assert scenario.title == f"{load_scenario(PAPER).title}; changed: trial.sample_size=100"
    assert scenario.published == ""


def test_what_is_changed_by_hand_is_compared_where_that_is_said():
    changes = ["trial.sample_size=100", f"published={PAPER}", "title=Hundred"]
    scenario = load_scenario(PAPER, changes)
    assert (scenario.title, scenario.published) == ("Hundred", PAPER)


def test_what_is_set_to_what_it_was_is_no_change():
    assert load_scenario(PAPER, ["trial.sample_size=461"]) == load_scenario(PAPER)


def test_a_title_names_three_changes_and_counts_the_others():
    changes = [f"app.{key}=0.1" for key in ("quit_hazard", "quit_spread", "exercise_logit")]
    title = load_scenario(PAPER, [*changes, "course.swing_memory=9", "app.open_logit=0.7"]).title
    assert title.endswith("changed: app.quit_hazard=0.1, app.quit_spread=0.1, "
                          "app.exercise_logit=0.1 and 2 more")  # fmt: skip


def test_the_hash_is_of_the_trial_not_of_what_it_is_called(tmp_path):
    own = scenario_hash(load_scenario(PAPER))
    assert scenario_hash(load_scenario(child(tmp_path))) == own
    assert scenario_hash(load_scenario(child(tmp_path, "trial.sample_size = 460"))) != own
