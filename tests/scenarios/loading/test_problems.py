"""Everything that is wrong with a scenario is told at once, with the file that it came with."""

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario


def problems(folder: Path, text: str, *overrides: str) -> list[str]:
    path = folder / "mine.toml"
    path.write_text(f'extends = "selfback_2021"\n{text}', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, overrides)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


def test_unknown_keys_wrong_values_and_what_does_not_go_together_are_told_at_once(tmp_path):
    found = problems(
        tmp_path,
        """
        [trial]
        sampl_size = 20
        sample_size = "x"
        [trial.randomization]
        kind = "minimization"
        factors = ["sex", "sex"]
        imbalance = "range"
        probability = 0.8
        [trial.interim]
        looks = [0.5, 0.505]
        [staff]
        day_hours = 0.25
        [followup.arms.control]
        response = [0.9, 0.9]
        [app]
        quit_hazard = 2.0
        [analysis]
        primary_visit = "1 year"
        [population.margins.agge]
        kind = "standard"
        """,
    )
    assert found == [
        "mine.toml: trial.sampl_size is unknown: did you mean trial.sample_size?",
        'mine.toml: trial.sample_size = "x" is not allowed: must be a whole number',
        (
            "mine.toml: trial.interim.looks: 0.505 after 0.5 is not allowed: each look must be at "
            "least 0.01 after the one before"
        ),
        "mine.toml: app.quit_hazard = 2.0 is not allowed: must be at most 1",
        "mine.toml: trial.randomization.factors: a factor is named twice",
        "mine.toml: population.margins: 'agge' is not declared: did you mean 'age'?",
        (
            "mine.toml: recruitment.screening_hours and staff.day_hours: 0.5 hours of work do not "
            "fit into a day of 0.25 hours"
        ),
        (
            "mine.toml: app.appointment_hours and staff.day_hours: 1 hours of work do not fit into "
            "a day of 0.25 hours"
        ),
        (
            "mine.toml: analysis.primary_visit: '1 year' is not one of 6 weeks, 3 months, "
            "6 months, 9 months"
        ),
        "mine.toml: followup.arms.control.response: 2 given, must be 4, one for each visit",
        'mine.toml: name is missing: every scenario needs its own, such as name = "my_trial"',
    ]


def test_a_value_that_is_not_allowed_is_not_held_against_others(tmp_path):
    (only,) = problems(tmp_path, 'name = "mine"\ntrial.visits = [{ name = "3 months", day = "x" }]')
    assert 'trial.visits[0].day = "x" is not allowed' in only


def test_the_file_with_which_values_do_not_go_together_any_more_is_named(tmp_path):
    # All of these keys are in the library's file, which is in order by itself.
    found = problems(tmp_path, 'name = "mine"\ntrial.visits = [{ name = "3 months", day = 91 }]')
    assert len(found) == 4
    assert all(line.startswith("mine.toml: followup.") for line in found)


def test_what_was_wrong_before_a_change_by_hand_stays_with_its_file(tmp_path):
    found = problems(tmp_path, 'name = "mine"\nstaff.day_hours = 0.75', "trial.strata[0].share=0.5")
    assert [line.partition(":")[0] for line in found] == ["--set", "mine.toml"]


def test_several_problems_of_one_section_are_told(tmp_path):
    found = problems(
        tmp_path,
        """
        name = "mine"
        [trial]
        strata = [{ share = 0.5 }]
        visits = [{ name = "baseline", day = 91 }, { name = "b", day = 9 }]
        """,
    )
    assert {line.partition(": ")[2] for line in found} >= {
        "trial.strata: shares sum to 0.5, they must sum to 1",
        "trial.visits: days must increase",
        "trial.visits: names must differ from each other and from 'baseline'",
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("3", "published = 3 is not allowed: must be text in quotes or a list"),
        ("[3]", "published[0] = 3 is not allowed: must be text in quotes"),
        ('"x"', "published: 'x' is not one of independent, selfback_2021 or ''"),
        ('["x"]', "published: 'x' is not one of independent, selfback_2021"),
        ('[""]', "published: '' is not one of independent, selfback_2021"),
        ('["independent", "independent"]', "published: 'independent' is named twice"),
    ],
)
def test_a_name_or_a_list_of_names_is_told_by_its_key_alone(tmp_path, value, told):
    assert problems(tmp_path, f'name = "mine"\npublished = {value}') == [f"mine.toml: {told}"]


DEEP = ".".join(["a"] * 2000)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"trial.sample_size=0x{'f' * 5000}", "is not allowed: an integer has more than 64 bits"),
        (f"trial.sample_size={2**63}", "is not allowed: an integer has more than 64 bits"),
        (f"{DEEP}=1", "does not start with a dotted key"),
        (f"trial.visits={'[' * 5000}{']' * 5000}", "more than 40 lists or tables"),
        (f"trial.visits.{'1' * 5000}.day=1", "is not allowed: the list has 4 elements"),
    ],
)
def test_what_is_too_large_is_refused_in_a_line(text, told):
    with pytest.raises(ScenarioError, match=told):
        load_scenario("planned_2018", [text])


@pytest.mark.parametrize("text", [f"{DEEP} = 1", f"seed = {10**30}", f"seed = {'[' * 5000}"])
def test_a_file_that_is_too_large_is_refused_in_a_line(tmp_path, text):
    file = tmp_path / "large.toml"
    file.write_text(f'extends = "planned_2018"\nname = "large"\n{text}\n', "utf-8")
    with pytest.raises(ScenarioError, match=r"large\.toml: is not TOML: (more than 40|an integer)"):
        load_scenario(file)
