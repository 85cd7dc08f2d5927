"""An exported trial of several arms gives the numbers it had; data that do not fit are refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import selfback as sb
from scenarios.errors import InputError
from sim.cli import call

HERE = Path(__file__).parent
KEYS = ["analysis", "outcome", "visit", "contrast"]
NUMBERS = ["estimate", "se", "lower", "upper", "p", "p_decision"]


@pytest.mark.parametrize("export", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["three_arms_plain", "four_arms_plain"])
def test_analyse_gives_the_same_numbers(tmp_path, name, export):
    plan = HERE / f"{name}.toml"
    trial = sb.trial(plan, out=tmp_path / "trial", export=export)
    files = [tmp_path / "trial" / f"{table}.{export}" for table in ("participants", "visits")]
    again = sb.analyse(*files, plan=plan).estimates
    before = trial.tables["estimates"]
    assert before[KEYS].to_numpy().tolist() == again[KEYS].to_numpy().tolist()
    np.testing.assert_array_equal(before[NUMBERS], again[NUMBERS])
    arms = len(trial.scenario.arms)
    names = set(before["contrast"].str.partition(": ")[2]) - {""}
    assert len(names) == arms - 1


def test_an_app_trial_with_plans_made_gives_the_same_numbers(tmp_path):
    changes = {
        "trial.sample_size": 60, "followup.missingness": "mcar",
        "analysis.sensitivity": ["per protocol"], "analysis.secondary_response": {},
        "analysis.secondary_level": {},
    }  # fmt: skip
    scenario = sb.scenario(HERE / "three_arms.toml", changes)
    trial = sb.trial(scenario)
    again = sb.analyse(trial.tables["participants"], trial.tables["visits"], plan=scenario)
    before, after = trial.tables["estimates"], again.estimates
    assert "clda per protocol" in set(before["analysis"])
    np.testing.assert_array_equal(before[NUMBERS], after[NUMBERS])
    # The wristband's participants have no plans to make, and all of them stay.
    per_protocol = before[before["analysis"] == "clda per protocol"]
    people = trial.tables["participants"]
    adherent = people["plans_made"] >= scenario.analysis.adherence_plans
    assert set(per_protocol["n"]) == {int(((people["arm"] != "intervention") | adherent).sum())}


def test_the_family_of_hypotheses_is_the_same():
    scenario = sb.scenario(
        HERE / "three_arms_plain.toml", {"analysis.multiplicity.procedure": "dunnett"}
    )
    trial = sb.trial(scenario)
    again = sb.analyse(trial.tables["participants"], trial.tables["visits"], plan=scenario)
    pd.testing.assert_frame_equal(
        again.family, trial.tables["family"].drop(columns="replicate"), check_exact=True
    )
    assert trial.to_dict()["family"][0]["hypothesis"] == "advice - control"
    assert again.to_dict()["family"] == [
        {key: value for key, value in row.items() if key != "replicate"}
        for row in trial.to_dict()["family"]
    ]
    plain = sb.trial(HERE / "three_arms_plain.toml")
    assert "family" not in plain.to_dict()


@pytest.fixture(scope="module")
def data():
    found = sb.trial(HERE / "three_arms_plain.toml").tables
    return found["participants"].copy(), found["visits"].copy()


def refused(people, visits, plan=HERE / "three_arms_plain.toml"):
    with pytest.raises(InputError) as caught:
        sb.analyse(people, visits, plan=plan)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_arm_that_the_plan_does_not_have_is_refused(data):
    people, visits = data[0].copy(), data[1]
    people.loc[3, "arm"] = "placebo"
    told = refused(people, visits)
    assert "arm = placebo is not allowed: must be control, advice or intervention" in told


def test_an_arm_that_nobody_is_in_is_refused(data):
    people, visits = data
    few = people[people["arm"] != "advice"]
    kept = visits[visits["participant"].isin(few["participant"])]
    assert "no participant is in the advice arm" in refused(few, kept)


def test_a_participant_in_several_arms_is_refused(data):
    people, visits = data
    twice = people.iloc[[0]].assign(arm=people["arm"][people["arm"] != people["arm"][0]].iloc[0])
    told = refused(pd.concat([people, twice], ignore_index=True), visits)
    assert "a participant cannot be in several arms" in told


def test_a_plan_of_fewer_arms_tells_which_it_has(data):
    told = refused(*data, plan=HERE.parent / "plain_trial.toml")
    assert "arm = advice is not allowed: must be control or intervention" in told


def test_plans_that_are_missing_count_in_arms_with_an_app_alone():
    scenario = sb.scenario(
        HERE / "three_arms.toml",
        {"trial.sample_size": 40, "followup.missingness": "mcar",
         "analysis.sensitivity": ["per protocol"]},
    )  # fmt: skip
    tables = sb.trial(scenario).tables
    people = tables["participants"].copy()
    people["plans_made"] = people["plans_made"].astype(float)
    people.loc[people["arm"] != "control", "plans_made"] = np.nan
    found = sb.analyse(people, tables["visits"], plan=scenario)
    lacking = int((people["arm"] == "intervention").sum())
    (told,) = [line for line in found.remarks if "plans_made" in line]
    assert f"plans_made is missing for {lacking} participants in the intervention arm" in told


def test_one_arm_or_two_of_one_name_are_one_line(tmp_path, capsys):
    for arms, told in (
        ('[{name="control", label="Control"}]', "arms"),
        ('[{name="a", label="A"}, {name="a", label="B"}]', "'a'"),
    ):
        assert call(["trial", str(HERE / "three_arms_plain.toml"), "--set", f"arms={arms}"]) == 2
        (line,) = [each for each in capsys.readouterr().err.splitlines() if each.strip()]
        assert told in line
