"""Free tables and lists: replaced whole, or changed by key and by position."""

from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario

PAPER = "selfback_2021"
REASONS = "followup.arms.control.withdrawal_reasons"


def child(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'extends = "{PAPER}"\nname = "mine"\n{text}', encoding="utf-8")
    return path


def problems(path: str | Path, *overrides: str) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, overrides)
    return caught.value.problems


def reasons(path: str | Path, *overrides: str) -> dict[str, float]:
    return load_scenario(path, overrides).followup.arms["control"].withdrawal_reasons


def test_a_table_is_merged_unless_the_file_says_that_it_replaces_it(tmp_path):
    table = f'[{REASONS}]\n"moved away" = 3.0'
    merged = reasons(child(tmp_path, table))
    assert merged["moved away"] == 3.0
    assert set(reasons(PAPER)) < set(merged)
    assert reasons(child(tmp_path, f'replace = ["{REASONS}"]\n{table}')) == {"moved away": 3.0}


def test_what_replaced_a_table_is_inherited_as_it_is(tmp_path):
    child(tmp_path, f'replace = ["{REASONS}"]\n[{REASONS}]\n"moved away" = 3.0')
    path = tmp_path / "grandchild.toml"
    path.write_text(
        f'extends = "mine.toml"\nname = "grandchild"\n[{REASONS}]\n"no time" = 1.0', "utf-8"
    )
    assert reasons(path) == {"moved away": 3.0, "no time": 1.0}


def test_a_table_can_be_replaced_by_an_empty_one(tmp_path):
    text = 'replace = ["population.correlations"]\n[population.correlations]'
    assert load_scenario(child(tmp_path, text)).population.correlations == {}


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        (f'"{REASONS}"', f"replace: {REASONS} is not in this file: write the table that"),
        ('"followup.arms.control.reasons"', "replace: 'followup.arms.control.reasons' is unknown"),
        ('"a b"', "replace: 'a b' is unknown"),
        ('"trial.sample_size"', "replace: trial.sample_size is not a table: values and lists"),
        ("3", "replace = [3] is not allowed: must be a list of keys of tables"),
    ],
)
def test_what_cannot_be_replaced_is_told(tmp_path, listed, problem):
    (line,) = problems(child(tmp_path, f"replace = [{listed}]\ntrial.sample_size = 100"))
    assert line.startswith(f"{tmp_path / 'mine.toml'}: {problem}")


def test_an_inline_table_by_hand_replaces_a_free_table_and_a_key_by_hand_does_not():
    assert reasons(PAPER, f"{REASONS}={{unknown=1.0}}") == {"unknown": 1.0}
    assert reasons(PAPER, 'followup.arms.control={withdrawal_reasons={"moved"=1.0}}') == {
        "moved": 1.0
    }
    assert reasons(PAPER, f"{REASONS}.unknown=1.0") == {**reasons(PAPER), "unknown": 1.0}
    assert reasons(PAPER, f"{REASONS}={{a=1.0}}", f"{REASONS}.b=2.0") == {"a": 1.0, "b": 2.0}


def test_an_inline_table_by_hand_is_merged_with_a_section():
    contact = load_scenario(PAPER, ["recruitment.contact={mean = 1.0}"]).recruitment.contact
    assert (contact.mean, contact.longest) == (1.0, 14.0)


def test_elements_of_lists_are_set_by_position_as_they_are_shown():
    scenario = load_scenario(
        PAPER,
        [
            "trial.strata[0].share=0.0",
            "trial.strata[0].share=0.0992",
            "trial.strata[1].share=0.1667",
            "followup.arms.control.response.0=0.5",
            "followup.arms.control.response[3]=0.6",
            "recruitment.exclusions[2].probability=0.01",
            "population.margins.sex.shares=[0.5, 0.5]",
            "population.margins.sex.shares[0]=0.4",
            "population.margins.sex.shares.1=0.6",
        ],
    )
    assert [stratum.share for stratum in scenario.trial.strata[:3]] == [0.0992, 0.1667, 0.2092]
    assert scenario.trial.strata[0].country == "denmark"
    assert scenario.followup.arms["control"].response == (0.5, 0.892, 0.863, 0.6)
    assert scenario.recruitment.exclusions[2].probability == 0.01
    assert scenario.recruitment.exclusions[2].reason == "younger than 18 years"
    assert scenario.population.margins["sex"].shares == (0.4, 0.6)
    assert load_scenario(PAPER).trial.strata[0].share == 0.0892


def test_digits_are_a_key_where_a_table_stands():
    assert reasons(PAPER, f"{REASONS}.0=1.0")["0"] == 1.0


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            "trial.strata[7].share=0.1",
            (
                "--set: trial.strata[7] is not allowed: the list has 7 elements, positions are 0 "
                "to 6; set the whole list to change their number"
            ),
        ),
        (
            "followup.arms.control.response.4=1",
            "--set: followup.arms.control.response[4] is not allowed: ",
        ),
        (
            "trial.interim.looks[0]=0.5",
            "--set: trial.interim.looks[0] is not allowed: the list has 0 elements, it is empty",
        ),
        (
            "trial.strata.share=0.1",
            (
                "--set: trial.strata is a list: write the position of an element, such as "
                "trial.strata[0], not 'share'"
            ),
        ),
        (
            "trial.strata[0].shar=0.1",
            "--set: trial.strata[0].shar is unknown: did you mean trial.s",
        ),
        ("trial.strata[0]=3", "--set: trial.strata[0] = 3 is not allowed: must be a table"),
        (
            "app.quit_hazard[0]=3",
            '--set: app.quit_hazard = {"0": 3} is not allowed: must be a numb',
        ),
        ("app[0]=3", "--set: app.0 is unknown: "),
        ("trial.strata[-1].share=1", "--set: 'trial.strata[-1].share=1' does not start with a"),
        ("trial.strata[0.share=1", "--set: 'trial.strata[0.share=1' does not start with a dotted"),
    ],
)
def test_what_is_no_element_is_refused(override, problem):
    assert problems(PAPER, override)[0].startswith(problem)
