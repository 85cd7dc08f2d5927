import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.loading.load import load_scenario
from sim.core.streams import Streams
from sim.enrolment.clinics import (
    allocate_clinics,
    clinic_of_patients,
    clinics_by_stratum,
    draw_clinics,
    recovery_sd,
)
from sim.replicates.analysed import run_trial
from sim.simulate import counterfactual, simulate
from sim.tables.trial_tables import participants_table, trial_data

MANY = ["recruitment.interest_per_day=400.0", "recruitment.screeners=400"]


@settings(max_examples=50)
@given(shares=st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8), more=st.integers(0, 60))
def test_clinics_are_shared_out_by_patients_and_a_further_one_takes_none_away(shares, more):
    share = np.array(shares) / sum(shares)
    number = 2 * len(shares) + more
    counts = clinics_by_stratum(number, share)
    assert counts.sum() == number
    assert counts.min() >= 2
    assert (clinics_by_stratum(number + 1, share) >= counts).all()
    # Nobody above the minimum has so many that another would have been served before.
    above = counts > 2
    if above.any():
        assert (share / (2 * counts + 1)).max() <= (share / (2 * counts - 1))[above].min() + 1e-12


def test_no_clinics_are_none():
    scenario = load_scenario("selfback_2021")
    clinics = draw_clinics(scenario, Streams(1, 0))
    assert len(clinics.stratum) == len(clinics.share) == len(clinics.deviation) == 0
    chosen = clinic_of_patients(clinics, np.array([0, 3, 6]), Streams(1, 0))
    assert chosen.tolist() == [-1, -1, -1]


def test_sizes_vary_as_stated_and_patients_come_in_proportion():
    scenario = load_scenario("cluster_by_clinic", ["clinics.number=14000", "clinics.size_cv=0.65"])
    clinics = draw_clinics(scenario, Streams(1, 0))
    for stratum in range(7):
        size = clinics.share[clinics.stratum == stratum]
        assert size.sum() == pytest.approx(1.0)
        # The CV of a lognormal's CV: heavy-tailed, about 0.04 in 800 to 3,000 clinics.
        assert size.std() / size.mean() == pytest.approx(0.65, abs=0.12)
    few = load_scenario("cluster_by_clinic", ["clinics.number=14"])
    clinics = draw_clinics(few, Streams(1, 0))
    chosen = clinic_of_patients(clinics, np.full(20_000, 2), Streams(1, 0))
    members = np.flatnonzero(clinics.stratum == 2)
    assert set(chosen) == set(members)
    share = (chosen == members[0]).mean()
    assert abs(share - clinics.share[members[0]]) < 4 * np.sqrt(0.25 / 20_000)


def test_more_clinics_leave_the_first_ones_as_they_were():
    few, more = (
        draw_clinics(load_scenario("cluster_by_clinic", [f"clinics.number={n}"]), Streams(1, 0))
        for n in (20, 90)
    )
    for stratum in range(7):
        first = few.deviation[few.stratum == stratum]
        assert (more.deviation[more.stratum == stratum][: len(first)] == first).all()


@pytest.mark.parametrize("ratio", ["[1, 1]", "[1, 2]"])
def test_clinics_are_allocated_in_blocks_within_strata(ratio):
    first, second = (1, 1) if ratio == "[1, 1]" else (1, 2)
    block = first + second
    scenario = load_scenario(
        "cluster_by_clinic",
        [f"arms[0].share={first}", f"arms[1].share={second}", f"clinics.block_sizes=[{block}]",
         "trial.randomization.block_sizes=[6]", "clinics.number=200"],
    )  # fmt: skip
    streams = Streams(2, 0)
    clinics = draw_clinics(scenario, streams)
    arms = allocate_clinics(scenario, clinics, streams)
    for stratum in range(7):
        mine = arms[clinics.stratum == stratum]
        whole = mine[: len(mine) // block * block].reshape(-1, block)
        assert (whole.sum(axis=1) == second).all()


def test_everybody_of_a_clinic_has_its_arm_and_in_the_other_life_the_other():
    scenario = load_scenario("null_clusters")
    trial = simulate(scenario, 0)
    other = counterfactual(trial)
    rows = trial.cohort.randomized
    clinic, arm = trial.cohort.clinic[rows], trial.cohort.arm[rows]
    assert (clinic >= 0).all()
    for number in np.unique(clinic):
        assert len(set(arm[clinic == number])) == 1
        assert len(set(trial.cohort.stratum[rows][clinic == number])) == 1
    assert set(arm) == {0, 1}
    assert (other.cohort.arm[rows] == 1 - arm).all()
    table = participants_table(trial, trial_data(trial))
    assert table["clinic"].to_pylist() == (clinic + 1).tolist()


def test_participants_may_be_randomized_within_clinics():
    scenario = load_scenario("null_clusters", ["clinics.randomized=false"])
    trial = simulate(scenario, 0)
    rows = trial.cohort.randomized
    mixed = [len(set(trial.cohort.arm[rows][trial.cohort.clinic[rows] == number])) == 2
             for number in np.unique(trial.cohort.clinic[rows])]  # fmt: skip
    assert np.mean(mixed) > 0.8


def test_the_first_participants_come_from_the_same_clinics_in_a_larger_trial():
    small, large = (
        simulate(load_scenario("null_clusters", [f"trial.sample_size={n}"]), 0) for n in (40, 300)
    )
    n = len(small.cohort.patients)
    assert n < len(large.cohort.patients)
    assert (small.cohort.clinic == large.cohort.clinic[:n]).all()
    assert (small.cohort.clinic_deviation == large.cohort.clinic_deviation[:n]).all()


@pytest.mark.parametrize("name", ["selfback_2021", "null_exchangeable"])
def test_clinics_without_an_effect_move_nobody(name):
    size = "trial.sample_size=80"
    alone = run_trial(load_scenario(name, [size]), 1, diagnostics=False)
    among = run_trial(load_scenario(name, [size, "clinics.number=20"]), 1, diagnostics=False)
    assert among.data.clinic is not None
    for one, other in zip(alone.analysis.estimates, among.analysis.estimates, strict=True):
        assert one == other


def test_normal_scores_of_a_clinic_have_the_stated_correlation():
    settings = ["clinics.icc=0.1", "clinics.number=3000", "trial.sample_size=6000", *MANY]
    scenario = load_scenario("null_clusters", settings)
    trial = simulate(scenario, 0)
    score = trial.scores_when_due()["rmdq"]
    shared = np.cov(np.column_stack([score, trial.cohort.clinic_deviation]).T)
    n, sd = len(score), 4.74
    # Covariance with the clinic's deviation: sqrt(icc) sd at follow-ups, none at baseline.
    expected = np.array([0.0, *[np.sqrt(0.1) * sd] * 4])
    assert np.abs(shared[-1, :-1] - expected).max() < 4 * 1.1 * sd * np.sqrt(2 / n)
    # As many pairs of one clinic as there are persons: SE of the correlation about 1 / sqrt(n).
    assert np.corrcoef(score.T)[0, 1:] == pytest.approx(np.full(4, 0.55), abs=4 / np.sqrt(n))
    assert np.corrcoef(score.T)[1, 2:] == pytest.approx(np.full(3, 0.55), abs=4 / np.sqrt(n))
    assert score.std(axis=0) == pytest.approx(np.full(5, sd), abs=4 * sd / np.sqrt(n))


def test_the_rmdq_of_virtual_patients_has_about_the_stated_correlation():
    scenario = load_scenario(
        "cluster_by_clinic",
        ["clinics.icc=0.1", "clinics.number=1000", "clinics.size_cv=0.0", "trial.sample_size=2000",
         "clinics.randomized=false", *MANY],
    )  # fmt: skip
    trial = simulate(scenario, 0)
    rows = trial.cohort.randomized
    rows = rows[trial.cohort.arm[rows] == 0]
    score = trial.scores_when_due()["rmdq"][rows, 2]  # 3 months
    strata = trial.cohort.stratum[rows][:, None] == np.arange(7)
    X = np.column_stack([trial.cohort.clinic_deviation[rows], strata]).astype(float)
    beta, rss, _, _ = np.linalg.lstsq(X, score, rcond=None)
    within = np.sqrt(rss[0] / (len(rows) - 8))
    expected = within * np.sqrt(0.1 / 0.9)
    # Clinics that do better lower the RMDQ; the reference trial adds about as much error.
    assert abs(-beta[0] - expected) < 4 * np.sqrt(2) * within / np.sqrt(len(rows))


def test_the_sd_of_recovery_follows_the_icc():
    at = {
        icc: recovery_sd(load_scenario("cluster_by_clinic", [f"clinics.icc={icc}"]))
        for icc in (0.01, 0.05)
    }
    assert at[0.05] / at[0.01] == pytest.approx(np.sqrt(0.05 / 0.95 / (0.01 / 0.99)))
    assert recovery_sd(load_scenario("selfback_2021")) == 0.0


def test_the_sd_of_recovery_knows_of_contacts_that_relieve():
    acting = ["clinics.icc=0.05", "care.relieves=true"]
    none, much = (
        recovery_sd(load_scenario("cluster_by_clinic", [*acting, f"care.advice.relief={relief}"]))
        for relief in (0.0, 0.3)
    )
    # Where contacts have relieved more, a clinic's recovery makes less of a difference.
    assert much > 1.1 * none
