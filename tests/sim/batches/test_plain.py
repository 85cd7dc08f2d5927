"""Trials at once are the trials by events, to the last bit."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scenarios.loading.load import load_scenario
from sim.batches.plain import (
    NotAtOnceError,
    can_be_at_once,
    reads_traits,
    trials_at_once,
)
from sim.replicates.analysed import PickedAnalyses
from sim.simulate import simulate
from sim.study.primary_difference import with_analyses
from sim.study.task import RunReplicates
from sim.tables.trial_tables import trial_data

ALLOCATION = st.sampled_from(
    [
        (),
        ("arms[0].share=2", "trial.randomization.block_sizes=[3, 6]"),
        ("trial.randomization.kind='blocks'", "trial.randomization.block_sizes=[2, 4]"),
        ("trial.randomization.kind='simple'", "arms[1].share=3"),
        (
            "trial.randomization.kind='minimization'",
            "trial.randomization.factors=['country', 'clinician']",
            "trial.randomization.imbalance='range'",
            "trial.randomization.probability=0.8",
        ),
        (
            "trial.randomization.kind='minimization'",
            "trial.randomization.factors=['sex', 'country']",
            "trial.randomization.imbalance='variance'",
            "trial.randomization.probability=1.0",
        ),
        (
            "clinics.number=16",
            "clinics.icc=0.05",
            "clinics.randomized=true",
            "analysis.cluster='clinic'",
        ),
        ("clinics.number=16", "clinics.icc=0.05", "clinics.randomized=false"),
    ]
)
ENROLMENT = st.sampled_from(
    [
        (),
        ("recruitment.minimum_rmdq=6", "recruitment.minimum_pain=3"),
        ("recruitment.minimum_duration='5-12 weeks'",),
        ("recruitment.screeners=1", "recruitment.screening_hours=1.5"),
        ("recruitment.reached_per_call=0.2", "recruitment.call_attempts=9"),
        (
            "recruitment.run_in.kind='questionnaire'",
            "recruitment.run_in.days=10.5",
            "recruitment.run_in.response=0.7",
        ),
        (
            "recruitment.run_in.kind='app'",
            "recruitment.run_in.days=7",
            "recruitment.run_in.needed_days=3",
        ),
        (
            "recruitment.run_in.kind='steps'",
            "recruitment.run_in.days=7",
            "recruitment.run_in.needed_days=5",
        ),
    ]
)
RESPONSE = "[0.8, 0.9, 0.7, 0.75]"
SILENCE = st.sampled_from(
    [
        (),
        (
            f"followup.arms.control.response={RESPONSE}",
            f"followup.arms.intervention.response={RESPONSE}",
        ),
        ("followup.missingness='mar'", f"followup.arms.control.response={RESPONSE}"),
        ("followup.missingness='mnar'", f"followup.arms.intervention.response={RESPONSE}"),
    ]
)
LEAVING = st.sampled_from(
    [
        (),
        ("followup.dropout=0.0",),
        (
            "followup.arms.control.withdrawal=[0.1, 0.05, 0.0, 0.1]",
            "followup.arms.intervention.withdrawal=[0.2, 0.0, 0.05, 0.0]",
        ),
        ("followup.reminder_days=[3]", "followup.retention.call_days=[20]"),
        ("shock.enabled=true",),
    ]
)
COURSE = st.sampled_from(["planned_2018", "null_ar1"])


@settings(max_examples=25, phases=[Phase.generate])
@given(COURSE, ALLOCATION, ENROLMENT, SILENCE, LEAVING, st.integers(20, 200), st.integers(0, 2**40))
def test_any_scenario_gives_the_same_data(
    course, allocation, enrolment, silence, leaving, participants, seed
):
    settled = (f"trial.sample_size={participants}", f"seed={seed}")
    scenario = load_scenario(course, [*settled, *allocation, *enrolment, *silence, *leaving])
    numbers = [0, 7, 8]
    for number, data in zip(numbers, trials_at_once(scenario, numbers), strict=True):
        same_data(data, trial_data(simulate(scenario, number)), complete=reads_traits(scenario))


@pytest.mark.parametrize(
    ("name", "overrides", "analyses"),
    [
        ("planned_2018", ["trial.sample_size=60"], ["clda"]),
        ("null_exchangeable", ["trial.sample_size=90"], ["clda", "ancova", "mmrm", "clda reml"]),
        ("null_clusters", ["trial.sample_size=120"], ["clda", "t-test on change"]),
        (
            "planned_2018",
            [
                "trial.sample_size=60",
                "analysis.covariates=['age', 'country']",
                "analysis.sensitivity=['multiple imputation', 'complete case', 'per protocol']",
                "analysis.imputation_burn_in=20",
            ],
            [f"clda {name}" for name in ("multiple imputation", "complete case", "per protocol")],
        ),
    ],
)
def test_a_study_has_the_same_tables_as_one_trial_after_another(name, overrides, analyses):
    scenario = with_analyses(load_scenario(name, overrides), analyses)
    picked = PickedAnalyses(tuple(analyses))
    assert picked.at_once(scenario)
    together = RunReplicates(scenario, picked)(range(2, 5)).tables
    alone = RunReplicates(scenario, picked.__call__)(range(2, 5)).tables
    assert together.keys() == alone.keys()
    assert together["estimates"].num_rows > 0
    for table, rows in alone.items():
        assert together[table].equals(rows)


def test_a_trial_is_the_same_in_whatever_batch_it_is(monkeypatch):
    scenario = load_scenario("planned_2018", ["trial.sample_size=50"])
    picked = PickedAnalyses(("clda",))
    whole = picked.several(scenario, range(6))
    monkeypatch.setattr("sim.replicates.analysed.PARTICIPANTS_AT_ONCE", 120)
    assert picked.several(scenario, range(6))["estimates"].equals(whole["estimates"])


def test_mechanisms_looks_and_other_tables_take_events(small):
    picked = PickedAnalyses(("clda",))
    plain = load_scenario("planned_2018")
    assert picked.at_once(plain)
    assert not PickedAnalyses(("clda",), costs=True).at_once(plain)
    assert not picked.at_once(plain.model_copy(update={"truth": True}))
    assert not picked.at_once(small)
    looks = load_scenario("planned_2018", ["trial.interim.looks=[0.5]"])
    assert not can_be_at_once(looks)


def test_one_trial_that_goes_wrong_is_a_row_and_the_others_are_there():
    # One screener who takes nearly a day for each of eight a day: some trials fill in time.
    scenario = load_scenario(
        "planned_2018",
        [
            "trial.sample_size=60",
            "recruitment.screeners=1",
            "recruitment.screening_hours=7",
            "recruitment.interest_per_day=8.0",
        ],
    )
    picked = PickedAnalyses(("clda",))
    with pytest.raises(NotAtOnceError):
        picked.several(scenario, range(3))
    found = RunReplicates(scenario, picked)(range(3))
    assert all("screening falls behind" in reason for reason in found.failures.values())
    assert found.tables["failures"].num_rows == len(found.failures)
    assert 0 < len(found.failures) < 3


def test_nobody_is_described_where_nothing_reads_a_trait():
    assert not reads_traits(load_scenario("planned_2018"))
    for override in (
        "analysis.covariates=['age']",
        "followup.missingness='mar'",
        "recruitment.minimum_rmdq=6",
        "analysis.alternatives=['welch:on_change']",
    ):
        assert reads_traits(load_scenario("planned_2018", [override]))
    assert not reads_traits(load_scenario("planned_2018", ["analysis.covariates=['country']"]))


def same_data(data, by_events, *, complete):
    assert np.array_equal(data.arm, by_events.arm)
    assert data.visits == by_events.visits
    assert data.scores.keys() == by_events.scores.keys()
    for outcome, scores in by_events.scores.items():
        assert np.array_equal(data.scores[outcome], scores, equal_nan=True)
    known = by_events.traits if complete else ("country", "clinician")
    assert set(known) == set(data.traits)
    for trait in known:
        assert np.array_equal(data.traits[trait], by_events.traits[trait])
    assert np.array_equal(data.plans_made, by_events.plans_made)
    assert (data.clinic is None) == (by_events.clinic is None)
    assert data.clinic is None or np.array_equal(data.clinic, by_events.clinic)
