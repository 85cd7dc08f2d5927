"""What no trial has: in tables of its own, only where it is asked for, and the same numbers."""

import numpy as np
import pandas as pd
import pytest

import selfback as sb
from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.simulate import counterfactual_unasked, simulate
from sim.tables.true_effects import gains, true_effects
from sim.tables.truth_tables import potential_outcomes_table

SMALL = ["trial.sample_size=40", "followup.missingness=mcar"]
HIDDEN = {"course_class", "true_steps", "regret", "fit_exercise", "probability", "pain"}


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("selfback_2021", SMALL)


@pytest.fixture(scope="module")
def pair(scenario):
    trial = simulate(scenario, 0)
    return trial, counterfactual_unasked(trial)


@pytest.fixture(scope="module")
def told(scenario):
    return sb.trial(sb.scenario(scenario, {"truth": True}))


def test_potential_outcomes_have_a_score_for_everybody_in_both_arms(pair):
    trial, other = pair
    table = potential_outcomes_table((trial, other), 40).to_pandas()
    key = ["participant", "arm", "outcome", "visit"]
    assert not table.duplicated(key).any()
    assert len(table) == 40 * 2 * len(trial.scores_when_due()) * 4
    wide = table.pivot_table("score", ["participant", "outcome", "visit"], "arm")
    for outcome, gain in gains((trial, other)).items():
        for column, visit in enumerate(trial.scenario.trial.visits):
            mine = wide.xs(outcome, level="outcome").xs(visit.name, level="visit")
            found = (mine["intervention"] - mine["control"]).loc[range(1, 41)]
            np.testing.assert_array_equal(found, gain[:, column])


def test_the_scores_of_the_own_arm_are_those_of_the_trial(told):
    """What was reported on its day is, but for the days of delay, what was due: both are there."""
    due = told.truth.potential_outcomes.merge(told.participants[["participant", "arm"]])
    silent = told.truth.missingness.melt(
        ["participant", "visit"], ["rmdq"], "outcome", "score"
    ).merge(due, on=["participant", "visit", "outcome"], suffixes=("", "_due"))
    assert len(silent) == 40 * 4
    np.testing.assert_array_equal(silent["score"], silent["score_due"])


def test_potential_outcomes_average_to_the_true_effects(pair, told):
    trial, other = pair
    effects = told.truth.effects
    assert effects.equals(true_effects(trial, trials=(trial, other)).to_pandas())
    gap = told.truth.potential_outcomes.pivot_table("score", ["outcome", "visit"], "arm")
    everybody = effects[effects["population"] == "all randomized"]
    for row in everybody.itertuples():
        at = gap.loc[(row.outcome, row.visit)]
        assert at["intervention"] - at["control"] == pytest.approx(row.effect)


def test_tables_of_a_trial_have_nothing_that_is_hidden(scenario, told):
    plain = sb.trial(scenario)
    assert not [name for name in plain.tables if name.startswith("truth")]
    with pytest.raises(AttributeError, match="no table 'truth'"):
        _ = plain.truth
    for name, table in told.tables.items():
        if not name.startswith("truth/"):
            assert not HIDDEN & set(table.columns), name
            if name != "summaries":
                pd.testing.assert_frame_equal(table, plain.tables[name])
    assert set(told.truth) == {
        "effects", "missingness", "participants", "plans", "potential_outcomes", "steps",
        "symptoms",
    }  # fmt: skip
    assert len(told.truth.steps) == len(told.steps)
    assert len(told.truth.plans) == len(told.plans)
    with pytest.raises(AttributeError, match="did you mean symptoms"):
        _ = told.truth.symptom


def test_a_plain_course_has_potential_outcomes_too():
    told = sb.trial(sb.scenario("planned_2018", {"trial.sample_size": 20, "truth": True}))
    assert set(told.truth) == {"effects", "missingness", "potential_outcomes"}


@pytest.mark.parametrize("export", [pytest.param("csv", marks=pytest.mark.slow), "parquet"])
def test_one_switch_writes_the_folder(tmp_path, monkeypatch, export):
    monkeypatch.chdir(tmp_path)
    small = [each for change in SMALL for each in ("--set", change)]
    asked = ["trial", "selfback_2021", *small, "--export", export]
    assert call([*asked, "--out", "plain"]) == 0
    assert call([*asked, "--out", "told", "--truth"]) == 0
    assert not (tmp_path / "plain" / "truth").exists()
    there = {path.name for path in (tmp_path / "told" / "truth").iterdir()}
    assert f"potential_outcomes.{export}" in there
    assert len(there) == 7
    assert (tmp_path / "plain" / "patients.svg").stat().st_size > 10_000
    manifest = (tmp_path / "told" / "manifest.json").read_text("utf-8")
    assert f'"truth/missingness.{export}"' in manifest
    assert f'"participants.{export}"' in manifest


def test_a_study_with_the_switch_has_its_true_effects(tmp_path, capsys):
    small = ["run", "planned_2018", "--set", "trial.sample_size=20", "--replicates=2", "--jobs=1"]
    out = str(tmp_path / "study")
    assert call([*small, "--out", out, "--truth"]) == 0
    assert (tmp_path / "study" / "truth.parquet").is_file()
    capsys.readouterr()
    assert call(["performance", out]) == 0
    assert "coverage" in capsys.readouterr().out
