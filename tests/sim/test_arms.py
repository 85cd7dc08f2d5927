"""Trials of several arms with mechanisms: what each is given, and everybody in every arm."""

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import all_counterfactuals, counterfactual_unasked, simulate, simulate_unasked
from sim.tables.true_effects import scores_in_every_arm, true_effects


def scenario_of(*arms: str, size: int = 60, extra: tuple[str, ...] = ()):
    written = ", ".join(
        ['{name="control", label="Control", components=[]}',
         '{name="intervention", label="App", components=["app", "wristband"]}', *arms]
    )  # fmt: skip
    blocks = f"trial.randomization.block_sizes=[{2 + len(arms)}]"
    return load_scenario(
        "selfback_2021", [f"arms=[{written}]", f"trial.sample_size={size}", blocks, *extra]
    )


def arm(name: str, *components: str, overrides: str = "{}") -> str:
    given = ", ".join(f'"{each}"' for each in components)
    return (
        f'{{name="{name}", label="{name}", like="intervention", components=[{given}], '
        f"overrides={overrides}}}"
    )


BAND, SHAM, READER = (
    arm("band", "wristband"), arm("sham", "sham_app"), arm("reader", "education", "wristband"),
)  # fmt: skip


@pytest.fixture(scope="module")
def trials():
    trial = simulate(scenario_of(BAND, SHAM, READER, size=60), 0)
    return trial, *all_counterfactuals(trial)


def rows_in(trial, name):
    cohort = trial.cohort
    rows = cohort.randomized
    return rows[cohort.arm[rows] == trial.scenario.arm_names.index(name)]


def test_everybody_is_in_every_arm_once(trials):
    rows = trials[0].cohort.randomized
    arms = np.stack([trial.cohort.arm[rows] for trial in trials])
    assert (np.sort(arms, axis=0) == np.arange(5)[:, None]).all()
    # Blocks within seven strata, the last of each not full.
    assert np.abs(np.bincount(arms[0]) - 12).max() <= 7


def test_each_arm_does_what_it_is_given(trials):
    trial = trials[0]
    records = trial.records
    opened = {name: records.did("opened")[rows_in(trial, name)] for name in NAMES}
    plans = {row for batch in trial.plan_log for row in batch.rows}
    recorded = trial.trajectories.recording.ratio > 0.0
    for name in ("control", "band"):
        assert not opened[name].any()
    for name in ("intervention", "sham", "reader"):
        assert opened[name].any()
    for name in ("control", "band", "sham"):
        assert not plans & set(rows_in(trial, name))
        assert not records.capacity[rows_in(trial, name)].any()
        assert not records.beliefs[rows_in(trial, name)].any()
    assert plans & set(rows_in(trial, "reader"))
    assert recorded[rows_in(trial, "band")].any()
    assert not recorded[rows_in(trial, "sham")].any()
    reader = rows_in(trial, "reader")
    assert records.did("read")[reader].any()
    assert records.beliefs[reader].any()
    assert not records.capacity[reader].any()
    for what in ("exercised", "goal_reached", "commended", "encouraged", "mindfulness"):
        assert not records.did(what)[reader].any()


NAMES = ("control", "intervention", "band", "sham", "reader")


def test_what_does_nothing_has_no_effect_and_parts_less_than_the_whole(trials):
    truth = true_effects(trials[0], trials=trials).to_pandas()
    everybody = truth[(truth["population"] == "all randomized") & (truth["visit"] == "3 months")]
    effect = everybody.set_index(["contrast", "outcome"])["effect"]
    for name in ("band", "sham"):
        assert effect[f"{name} - control", "rmdq"] == 0.0
        assert effect[f"{name} - control", "pseq"] == 0.0
    assert effect["intervention - control", "rmdq"] < effect["reader - control", "rmdq"] <= 0.0
    assert effect["reader - control", "pseq"] > 0.0


def test_a_further_arm_moves_nobody_else(trials):
    """Whoever is in an arm in both trials has the same course in both."""
    two = simulate_unasked(scenario_of(size=60), 0)
    rows = two.cohort.randomized
    for shift, trial in enumerate(trials):
        for own in (0, 1):
            same = rows[(two.cohort.arm[rows] == own) & (trial.cohort.arm[rows] == own)]
            if own == 1:  # advised from a case base that learned from others
                assert (two.cohort.installed[same] == trial.cohort.installed[same]).all()
                continue
            assert len(same) > 0
            here, there = two.scores_when_due()["rmdq"], trial.scores_when_due()["rmdq"]
            np.testing.assert_array_equal(here[same], there[same], err_msg=str(shift))


def test_arms_with_one_recommender_share_what_it_learns_and_others_do_not():
    same = arm("second", "app", "wristband", overrides='{"app.open_logit"=0.5}')
    other = arm("guided", "app", "wristband", overrides='{"recommender.kind"="guideline"}')
    trial = simulate_unasked(scenario_of(same, other, size=40), 1)
    assert len(trial.lessons) == 2
    taught = {int(a) for lesson in trial.lessons[0] for a in lesson.experience.arm}
    assert taught == {1, 2}
    assert {int(a) for lesson in trial.lessons[1] for a in lesson.experience.arm} == {3}
    for shift in (1, 2, 3):
        moved = counterfactual_unasked(trial, shift)
        assert moved.lessons == trial.lessons
    first, second = (
        trial.records.did("opened")[trial.cohort.arm == code].mean() for code in (1, 2)
    )
    assert second > first


def test_two_arms_that_are_given_the_same_differ_by_nothing_when_nothing_is_learned():
    twin = arm("twin", "app", "wristband")
    trial = simulate_unasked(
        scenario_of(twin, size=45, extra=("recommender.retain=never", "recommender.success=raw")), 2
    )
    scores = scores_in_every_arm((trial, *all_counterfactuals(trial)))
    for outcome, in_arms in scores.items():
        np.testing.assert_array_equal(in_arms[1], in_arms[2], err_msg=outcome)
