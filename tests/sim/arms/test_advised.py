"""The gate and subgroups with several arms."""

from pathlib import Path

import numpy as np
import pytest

from analysis.contrasts.planned import planned_contrasts
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.cli import call
from sim.replicates.subgroup_effects import SubgroupReplicate, read_split
from sim.simulate import all_counterfactuals, simulate_unasked
from sim.study.gate.advised import advised_arm
from sim.study.gate.measured import measured, tally
from sim.study.gate.paired_replicates import BothArms
from sim.tables.true_effects import true_effects

FILE = Path(__file__).parent / "three_arms.toml"
FEW = ["trial.sample_size=36", "followup.missingness=mcar"]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(FILE, FEW)


def test_everybody_counts_once_as_advised(scenario, in_all_arms):
    trials = in_all_arms
    assert [tally(trial).persons for trial in trials] == [
        np.count_nonzero(trial.cohort.arm[trial.cohort.randomized] == 2) for trial in trials
    ]
    assert sum(tally(trial).persons for trial in trials) == 48
    plans = sum(
        int((batch.day - trial.cohort.entry[batch.rows] < 91).sum())
        for trial in trials
        for batch in trial.plan_log
    )
    assert measured(trials)["plans"] == pytest.approx(plans / 48)


def test_plans_of_other_arms_do_not_count():
    """Without tailoring the plan is one for everybody, whoever is the recommender."""
    changes = ['arms.wristband.components=["exercise", "education", "wristband"]', *FEW]
    two = load_scenario(FILE, changes)
    assert two.app_arms == (1, 2)
    assert advised_arm(two) == 2
    own = simulate_unasked(two, 0)
    arms = {int(arm) for batch in own.plan_log for arm in own.cohort.arm[batch.rows]}
    assert arms == {1, 2}
    trials = (own, *all_counterfactuals(own))
    assert sum(tally(trial).persons for trial in trials) == 36
    advised = sum(
        int(((batch.day - t.cohort.entry[batch.rows] < 91) & (t.cohort.arm[batch.rows] == 2)).sum())
        for t in trials
        for batch in t.plan_log
    )
    assert measured(trials)["plans"] == pytest.approx(advised / 36)


def test_the_effect_of_the_gate_is_that_of_the_advised_arm(scenario):
    tables = BothArms(())(scenario, 0)
    own = simulate_unasked(scenario, 0)
    truth = true_effects(own).to_pandas()
    (effect,) = truth.query(
        "population == 'all randomized' and contrast == 'intervention - control' and "
        "outcome == 'rmdq' and visit == '3 months'"
    )["effect"]
    scores = tables["scores"].to_pandas()
    assert (scores["intervention"] - scores["control"]).mean() == pytest.approx(effect)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            ['arms.wristband.components=["app"]'],
            "arms that the recommender advises: wristband, intervention; the gate needs one",
        ),
        (
            ['arms.intervention.components=["sham_app", "wristband"]'],
            "the recommender advises: none;",
        ),
        (
            ['arms.intervention.overrides={"recommender.kind"="guideline"}'],
            "arms.2.overrides: 'recommender.kind' is not allowed in a gate",
        ),
        (["reference=intervention"], "advises: intervention; the gate needs one, other than the"),
    ],
)
def test_what_a_gate_cannot_look_at_is_one_line(changes, told):
    with pytest.raises(InputError) as caught:
        advised_arm(load_scenario(FILE, [*FEW, *changes]))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_refuses_two_arms_with_an_app(tmp_path, capsys):
    made = ["gate", "--make", str(tmp_path / "b.json"), str(FILE), "--jobs", "1"]
    assert call([*made, "--set", 'arms.wristband.components=["app", "wristband"]']) == 2
    assert "arms that the recommender advises: wristband" in capsys.readouterr().err
    assert not (tmp_path / "b.json").exists()


@pytest.fixture(scope="module")
def subgroups(scenario):
    splits = (read_split("pain=5", scenario),)
    return SubgroupReplicate(splits)(scenario, 0)["subgroups"].to_pandas()


def test_each_contrast_has_its_subgroups(scenario, subgroups):
    names = [each.name for each in planned_contrasts(scenario.analysis, scenario.arms)]
    assert names == ["wristband - control", "intervention - control"]
    for name in names:
        mine = subgroups[subgroups["contrast"] == name]
        assert list(mine["subgroup"]) == ["all randomized", "at most 5", "above 5"]
        assert mine["n"].iloc[0] == mine["n"].iloc[1:].sum() == 36
        assert mine["estimate"].notna().all()


def test_effects_of_subgroups_are_the_truth(scenario, subgroups):
    truth = true_effects(simulate_unasked(scenario, 0)).to_pandas()
    truth = truth.query(
        "population == 'all randomized' and outcome == 'rmdq' and visit == '3 months'"
    ).set_index("contrast")["effect"]
    whole = subgroups[subgroups["trait"] == ""].set_index("contrast")["effect"]
    for name in whole.index:
        assert whole[name] == pytest.approx(truth[name])


def test_subgroups_are_printed_by_contrast(tmp_path, capsys):
    out = tmp_path / "study"
    few = [each for change in FEW for each in ("--set", change)]
    how = ["--by", "pain=5", "--replicates", "2", "--jobs", "1", "--out", str(out)]
    assert call(["subgroups", str(FILE), *few, *how]) == 0
    told = capsys.readouterr().out
    assert "Wristband - Usual care" in told
    assert "App - Usual care" in told
    assert told.count("  pain above 5 ") >= 2
