"""What components carry: parts of the true effect, from potential outcomes with every subset."""

import numpy as np
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.replicates.component_effects import WHOLE, ComponentsReplicate
from sim.replicates.lattice import KEYS, lattice
from sim.simulate import everybody_in, simulate_unasked
from sim.study.designs.components import power_of_halves
from sim.tables.true_effects import in_every_arm, scores_in_every_arm, true_effects

SIZE = "trial.sample_size=60"
TWO = 'arms[1].components=["exercise", "education"]'


def parts(scenario, replicate=0, arm="intervention", outcome="rmdq", visit="3 months"):
    task = ComponentsReplicate(arm, outcome, visit)
    return task(scenario, replicate)["components"].to_pandas().set_index("component")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("selfback_2021", []),
        ("selfback_2021", ['recommender.cases_from="pilot"']),
        ("three_arms", []),
        ("sham_app", []),
        ("app_against_guideline", []),
        ("factorial", []),
    ],
)
def test_everybody_fares_in_an_arm_as_in_the_truth_of_the_trial(name, changed):
    scenario = load_scenario(name, [SIZE, *changed])
    trial = simulate_unasked(scenario, 1)
    truth = scores_in_every_arm(in_every_arm(trial))
    subsets = lattice(scenario)
    rows, last = trial.cohort.randomized, 2 ** len(subsets.components) - 1
    for code, number in ((0, 0), (subsets.code, last)):
        placed = everybody_in(trial, *subsets.arm(number)).scores_when_due(shifted=False)
        for outcome, scores in truth.items():
            assert np.array_equal(placed[outcome][rows, 1:], scores[code], equal_nan=True)


def test_a_clinic_is_worth_the_same_in_every_subset():
    scenario = load_scenario("cluster_by_clinic", [SIZE])
    trial = simulate_unasked(scenario, 0)
    placed = everybody_in(trial, *lattice(scenario).arm(0)).scores_when_due()["rmdq"]
    rows = trial.cohort.randomized[trial.cohort.arm[trial.cohort.randomized] == 0]
    assert np.array_equal(placed[rows], trial.scores_when_due()["rmdq"][rows])


def test_parts_sum_to_the_true_effect_in_every_replicate():
    scenario = load_scenario("selfback_2021", [SIZE, TWO])
    for replicate in range(3):
        found = parts(scenario, replicate)
        assert list(found.index) == ["exercise", "education", WHOLE]
        whole = found.loc[WHOLE, "part"]
        assert found["part"][:-1].sum() == pytest.approx(whole, abs=1e-12)
        trial = simulate_unasked(scenario, replicate)
        truth = true_effects(trial, trials=in_every_arm(trial)).to_pandas()
        effect = truth.query(
            "population == 'all randomized' and outcome == 'rmdq' and visit == '3 months'"
        )["effect"].item()
        assert whole == pytest.approx(effect, abs=1e-12)
        assert (found["n"] == 60).all()


def test_a_component_without_effect_has_no_part():
    off = ["pathway.belief_per_message=0.0"]
    found = parts(load_scenario("selfback_2021", [SIZE, TWO, *off]))
    assert found.loc["education", ["part", "first", "last", "main"]].tolist() == [0.0] * 4
    assert found.loc["exercise", "part"] == found.loc[WHOLE, "part"] != 0.0


PLAIN = """
extends = "planned_2018"
name = "crossed"
[factorial]
components = ["a", "b", "c"]
like = "control"
[factorial.effects]
a = -3
b = [-1.0, -2.0, -1.0, 1.5]
"b x a" = 0.5
[trial]
sample_size = 40
[trial.randomization]
kind = "simple"
"""


@pytest.fixture
def plain(tmp_path):
    file = tmp_path / "crossed.toml"
    file.write_text(PLAIN)
    return load_scenario(file)


def test_an_interaction_is_shared_by_halves(plain):
    """Closed form: the effects of a plain course are the same for everybody."""
    found = parts(plain, arm="a-b-c", visit="6 months")
    assert found["part"].tolist() == pytest.approx([-2.75, -0.75, 0.0, -3.5])
    assert found["first"].tolist() == pytest.approx([-3.0, -1.0, 0.0, -3.5])
    assert found["last"].tolist() == pytest.approx([-2.5, -0.5, 0.0, -3.5])
    assert found["main"].tolist() == pytest.approx([-2.75, -0.75, 0.0, -3.5])


def names(scenario, arm=""):
    return lattice(scenario, arm).components


def test_an_app_is_its_features_and_a_sham_app_is_the_same_app_without(small):
    both = load_scenario("selfback_2021", ['arms[0].components=["sham_app"]'])
    assert names(small) == (
        "wristband", "exercise", "step_goals", "education", "tools", "notifications", "tailoring",
    )  # fmt: skip
    assert names(both)[:-1] == names(small)  # and withdrawal, which matters if both have an app
    assert names(both)[-1] == KEYS
    for number in (0, 1):
        arm, _ = lattice(both).arm(number)
        assert "sham_app" in arm.components
    assert lattice(both).arm(2)[0].components == ("exercise",)


def test_what_only_the_reference_has_is_left_out_as_a_component():
    changed = ['arms[0].components=["wristband"]', 'arms[1].components=["exercise"]']
    scenario = load_scenario("selfback_2021", changed)
    assert names(scenario) == ("exercise", "no wristband", KEYS)
    given = [lattice(scenario).arm(number)[0].components for number in range(4)]
    assert given == [("wristband",), ("wristband", "exercise"), (), ("exercise",)]


def test_other_keys_are_a_component_of_their_own():
    changed = [
        'arms[0].components=["app"]',
        'arms[0].overrides={"recommender.kind" = "guideline"}',
        'arms[1].components=["app"]',
        "followup.arms.intervention.withdrawal=[0.0480, 0.0218, 0.0087, 0.0087]",
    ]
    scenario = load_scenario("selfback_2021", [SIZE, *changed])
    assert names(scenario) == (KEYS,)
    found = parts(scenario)
    trial = simulate_unasked(scenario, 0)
    before, after = scores_in_every_arm(in_every_arm(trial))["rmdq"][:, :, 1].mean(axis=1)
    effect = after - before
    assert found.loc[KEYS, "part"] == pytest.approx(effect, abs=1e-12)
    assert effect != 0.0


def test_parts_are_of_the_state_and_disappointment_is_among_the_other_keys():
    """Contacts out of disappointment relieve the reference; expectation moves answers alone."""
    changed = [
        SIZE, 'arms[1].components=["exercise"]', "care.advice.relief=0.5",
        "reporting.disappointment.control.contacts=3.0",
    ]  # fmt: skip
    plain = load_scenario("selfback_2021", changed)
    told = ["reporting.expectation.intervention.rmdq=0.5", "reporting.sd.rmdq=5.0"]
    shifted = load_scenario("selfback_2021", [*changed, *told])
    found = parts(plain)
    assert list(found.index) == ["exercise", KEYS, WHOLE]
    assert found.equals(parts(shifted))
    trial = simulate_unasked(plain, 0)
    before, after = scores_in_every_arm(in_every_arm(trial))["rmdq"][:, :, 1].mean(axis=1)
    assert found.loc[WHOLE, "part"] == pytest.approx(after - before, abs=1e-12)
    assert found.loc[KEYS, "part"] > 0.0


def test_what_has_no_components_is_told_in_one_line(small, plain):
    for scenario, arm, told in (
        (small, "intervenion", "--arm intervenion: 'intervenion' is no arm: did you mean"),
        (small, "control", "--arm control: is the reference, with which arms are compared"),
        (load_scenario("planned_2018"), "", "course.model = 'normal' knows of no components"),
        (
            load_scenario("selfback_2021", ['arms[0].components=["app", "wristband"]',
                          "followup.arms.control.withdrawal=[0.0172, 0.0216, 0.0603, 0.0129]"]),
            "",
            "it is given what 'control' is: no components",
        ),
    ):  # fmt: skip
        with pytest.raises(InputError, match=told.replace("[", r"\[")):
            lattice(scenario, arm)


def test_power_is_that_of_the_published_factorial():
    """FACT1 without its 14 other effects: a t test of two halves of 300."""
    assert power_of_halves(3.0, 10.0, 300, 0.05) == pytest.approx(0.7354321, abs=1e-3)
    assert power_of_halves(0.0, 10.0, 300, 0.05) == pytest.approx(0.05)
