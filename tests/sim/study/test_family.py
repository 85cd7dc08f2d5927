"""A family of hypotheses from the scenario to its family-wise error and power."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import selfback as sb
from analysis.decision.rule import IN_FAVOUR, Rule
from analysis.multiplicity.dunnett import dunnett
from analysis.multiplicity.joint import Joint
from analysis.plan.analyse import analyse
from analysis.plan.family import family_of
from scenarios.analyses.multiplicity import Multiplicity
from scenarios.errors import ScenarioError
from scenarios.loading.load import load_scenario
from sim.batches.plain import trials_at_once
from sim.replicates.analysed import PickedAnalyses, run_trial
from sim.simulate import all_counterfactuals, simulate
from sim.study.family import what_is_true
from sim.tables.true_effects import scores_in_every_arm, true_effects

FILE = Path(__file__).parents[1] / "three_arms.toml"
NONE = ("arms[1].overrides={}", "arms[2].overrides={}", "course.effect_size=0.0")
PROCEDURES = ("bonferroni", "holm", "hochberg", "dunnett", "dunnett step-down", "fixed sequence")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("family") / "study"
    return sb.run(sb.scenario(FILE, {"truth": True}), 60, out=folder, jobs=1), folder


def test_arms_have_effects_of_their_own_in_everybody():
    trial = simulate(load_scenario(FILE), 0)
    scores = scores_in_every_arm((trial, *all_counterfactuals(trial)))["rmdq"]
    assert scores.shape == (3, 351, 4)
    np.testing.assert_allclose(scores[1] - scores[0], -1.0)
    np.testing.assert_allclose(scores[2] - scores[0], -2.0)
    truth = true_effects(trial).to_pandas()
    found = truth.groupby("contrast")["effect"].mean()
    assert found.to_dict() == pytest.approx(
        {"low - control": -1.0, "high - control": -2.0, "high - low": -1.0}
    )


@pytest.mark.parametrize("extra", [(), ("followup.missingness=mar",), ("arms[2].share=4",)])
def test_trials_of_three_arms_are_the_same_in_arrays_and_by_events(extra):
    blocks = ("trial.randomization.block_sizes=[6]",)
    scenario = load_scenario(FILE, [*blocks, *extra])
    picked = PickedAnalyses(("clda",))
    together = picked.several(scenario, [0, 1])
    for name in ("estimates", "family"):
        alone = [picked(scenario, number)[name].to_pylist() for number in (0, 1)]
        assert together[name].to_pylist() == [row for rows in alone for row in rows]


def test_the_family_is_that_of_the_joint_covariance():
    found = run_trial(load_scenario(FILE), 3)
    family = found.result_tables()["family"].to_pandas()
    (joint,) = (
        each for each in found.analysis.joint
        if (each.analysis, each.outcome, each.visit) == ("clda", "rmdq", "3 months")
    )  # fmt: skip
    assert joint.covariance[0, 1] > 0.0  # both share the control arm
    expected = dunnett(Joint(joint.estimates, joint.covariance, joint.df))
    np.testing.assert_allclose(family["p_adjusted"], expected, atol=1e-9)
    assert (family["p_adjusted"] >= family["p"]).all()
    inside = (family["lower"] < family["estimate"]) & (family["estimate"] < family["upper"])
    assert inside.all()
    assert ((family["p_adjusted"] < 0.05) == (family["lower"] * family["upper"] > 0.0)).all()


def test_performance_knows_what_is_true_and_counts_over_all_replicates(study):
    result, folder = study
    performance = sb.performance(folder)
    family = performance.family
    assert list(family.hypotheses["true"]) == ["in favour", "in favour"]
    table = result.tables["family"] if hasattr(result, "tables") else None
    measures = family.measures.set_index("measure")["value"]
    assert measures["family_wise_error"] == 0.0
    high = family.hypotheses.set_index("hypothesis")["in_favour"]
    assert high["high - control"] <= measures["disjunctive_power"]
    assert measures["conjunctive_power"] <= high.min()
    assert table is None or len(table) == 120
    shown = performance.to_dict()["family"]
    assert shown["procedure"] == "dunnett"
    bias = performance.measures
    bias = bias[(bias["measure"] == "bias") & (bias["visit"] == "3 months")]
    assert bias["value"].notna().all()
    assert (bias["value"].abs() < 5 * bias["mcse"]).all()


def test_power_is_told_of_each_contrast_and_of_the_family(tmp_path):
    found = sb.power(FILE, replicates=40, null=True, out=tmp_path / "p", jobs=1)
    cells = found.cells.set_index("analysis")
    assert list(cells.index) == [
        "clda, low - control", "clda, high - control", "dunnett, low - control",
        "dunnett, high - control", "dunnett, any hypothesis", "dunnett, all hypotheses",
    ]  # fmt: skip
    power = cells["power"]
    assert power["dunnett, any hypothesis"] >= power["dunnett, high - control"]
    assert power["dunnett, all hypotheses"] <= power["dunnett, low - control"]
    assert power["dunnett, high - control"] <= power["clda, high - control"]


@pytest.fixture(scope="module")
def without_effect():
    """Return 120 analysed trials in which all nulls hold, and their scenario."""
    scenario = load_scenario(FILE, [*NONE, "analysis.multiplicity.procedure=none"])
    numbers = range(120)
    trials = trials_at_once(scenario, numbers)
    return scenario, [
        analyse(data, scenario.analysis, np.random.default_rng(number), ("clda",))
        for number, data in zip(numbers, trials, strict=True)
    ]


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_family_wise_error_is_kept_where_all_nulls_hold(procedure, without_effect):
    """Rejections of any hypothesis are at most what 5% leave with a chance of 1e-4."""
    scenario, trials = without_effect
    plan = scenario.analysis.model_copy(update={"multiplicity": Multiplicity(procedure=procedure)})
    families = [
        family_of(each.estimates, each.joint, plan, scenario.arms, scenario.scales)
        for each in trials
    ]
    rejected = [any(row.decision != "neither" for row in family) for family in families]
    assert all(len(family) == 2 for family in families)
    assert sum(rejected) <= stats.binom.isf(1e-4, 120, 0.05)


def test_a_graph_decides_as_its_fixed_sequence():
    graph = (
        'analysis.multiplicity={procedure="graph", '
        'weights={"high - control"=1.0, "low - control"=0.0}, '
        'transitions={"high - control"={"low - control"=1.0}}}'
    )
    ordered = (
        'analysis.multiplicity={procedure="fixed sequence", '
        'order=["high - control", "low - control"]}'
    )
    picked = PickedAnalyses(("clda",))
    first, second = (
        picked.several(load_scenario(FILE, [change]), range(20))["family"].to_pandas()
        for change in (graph, ordered)
    )
    np.testing.assert_allclose(first["p_adjusted"], second["p_adjusted"])
    assert list(first["decision"]) == list(second["decision"])
    low = first[first["hypothesis"] == "low - control"].set_index("replicate")
    high = first[first["hypothesis"] == "high - control"].set_index("replicate")
    assert (low["p_adjusted"] >= high["p_adjusted"]).all()
    assert IN_FAVOUR in set(high["decision"])


@pytest.mark.parametrize(
    ("hypothesis", "effect", "expected"),
    [
        ("two_sided", 0.0, "neither"), ("two_sided", -1.0, "in favour"),
        ("two_sided", 1.0, "against"), ("superiority", 1.0, "neither"),
        ("non_inferiority", 0.5, "in favour"), ("non_inferiority", 1.0, "neither"),
        ("equivalence", -0.5, "in favour"), ("equivalence", -1.0, "neither"),
    ],
)  # fmt: skip
def test_what_is_true_follows_from_the_effect_and_the_margin(hypothesis, effect, expected):
    assert what_is_true(Rule(hypothesis, 0.05, 1.0, -1.0), effect) == expected


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('procedure="dunett"', "is not allowed: must be none, bonferroni"),
        ('procedure="holm", order=["x"]', "procedure: is not allowed with 'holm': must be"),
        ('procedure="graph"', "weights: there are no hypotheses"),
        (
            'procedure="graph", weights={"low - control"=0.7, "high - control"=0.7}',
            "weights: the sum 1.4 is not allowed: must be at most 1",
        ),
        (
            'procedure="graph", weights={"low - control"=0.7}',
            "weights: 'high - control' is missing",
        ),
        (
            'procedure="holm", hypotheses=[{name="a", contrast="hihg - control"}]',
            "did you mean 'high - control'?",
        ),
        ('procedure="holm", hypotheses=[{name="a"}]', "contrast: is missing, for there are sev"),
        (
            'procedure="holm", hypotheses=[{name="a", contrast="low - control", visit="1 year"}]',
            "visit: '1 year' is not allowed: must be one of 6 weeks",
        ),
        (
            (
                'procedure="dunnett", hypotheses=[{name="a", contrast="low - control"}, '
                '{name="b", contrast="low - control", visit="9 months"}]'
            ),
            "which are not in one fit",
        ),
        (
            'procedure="none", hypotheses=[{name="a", contrast="low - control"}]',
            "are not allowed with 'none'",
        ),
    ],
)
def test_a_family_that_does_not_go_together_is_one_line(change, told):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(FILE, [f"analysis.multiplicity={{{change}}}"])
    assert told in str(caught.value)
    assert "analysis.multiplicity" in str(caught.value).splitlines()[0]


def test_looks_at_several_contrasts_take_bonferroni():
    with pytest.raises(ScenarioError, match="'dunnett' is not allowed with looks at 2 contrasts"):
        load_scenario(FILE, ["trial.interim.looks=[0.5]"])


def test_assurance_is_of_any_hypothesis_or_of_one_that_is_named(tmp_path):
    sample = tmp_path / "posterior.parquet"
    pd.DataFrame({"followup.dropout": [0.1, 0.4]}).to_parquet(sample)
    how = {"each": 10, "jobs": 1, "progress": False}
    any_one, every = (
        sb.assurance(FILE, sample, hypothesis=name, **how).found for name in (None, "all")
    )
    assert any_one.assurance > every.assurance
    with pytest.raises(sb.InputError, match="--hypothesis low is not allowed: must be one of"):
        sb.assurance(FILE, sample, hypothesis="low", **how)
