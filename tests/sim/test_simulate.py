"""The story of a trial holds together: flow, order of events, who can answer."""

from datetime import timedelta

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from scenarios.people.instruments import INSTRUMENT_SCALES
from sim.replicates.analysed import run_trial
from sim.simulate import simulate
from sim.tables.trial_tables import flow_counts, trial_data


@pytest.fixture(scope="module")
def trial(small):
    return simulate(small, 0)


def test_the_flow_adds_up(trial):
    counts = flow_counts(trial)
    for arm in ("control", "intervention"):
        left = counts[f"{arm}: allocated"]
        for visit in trial.scenario.trial.visits:
            left -= counts[f"{arm}: withdrew by {visit.name}"]
            assert counts[f"{arm}: answered at {visit.name}"] <= left
    contact = counts["could not be reached"] + counts["refused to participate"]
    assert counts["interested"] == contact + counts["assessed for eligibility"]
    assert counts["assessed for eligibility"] == counts["excluded"] + counts["randomized"]
    assert counts["excluded"] == (
        counts["did not meet inclusion criteria"]
        + counts["other reasons"]
        + counts["refused to participate after screening"]
    )
    assert counts["randomized"] == 80
    assert counts["control: allocated"] + counts["intervention: allocated"] == 80


def test_recruitment_begins_on_8_march_2019_and_takes_about_as_long_as_it_did():
    scenario = load_scenario("selfback_2021")
    assert scenario.trial.opens.isoformat() == "2019-03-08"
    days = [simulate(scenario, replicate).recruitment_days for replicate in range(4)]
    # 461 randomized out of Poisson arrivals: the last day has an SD of about 13 days.
    assert abs(np.mean(days) - 281) < 4 * 13 / np.sqrt(len(days))
    end = scenario.trial.opens + timedelta(days=float(np.mean(days)))
    assert end.year == 2019 or end.month == 1


def test_the_outpatient_clinic_is_in_denmark_only(trial):
    strata = trial.scenario.trial.strata
    places = {
        (strata[s].levels["country"], strata[s].levels["clinician"]) for s in trial.cohort.stratum
    }
    assert ("norway", "outpatient_clinic") not in places


def test_arms_are_balanced_within_each_stratum(trial):
    rows = trial.cohort.randomized
    for stratum in range(len(trial.scenario.trial.strata)):
        arms = trial.cohort.arm[rows][trial.cohort.stratum[rows] == stratum]
        assert abs((arms == 1).sum() - (arms == 0).sum()) <= 10


def test_nobody_answers_after_withdrawal_and_answers_follow_invitations(trial):
    cohort = trial.cohort
    rows = cohort.randomized
    days = np.array([visit.day for visit in trial.scenario.trial.visits])
    answered = cohort.answered[rows][:, 1:]
    known = ~np.isnan(answered)
    assert (answered[known] >= np.broadcast_to(days, answered.shape)[known]).all()
    withdrawn = cohort.withdraws_after[rows][:, None] <= days
    assert not (known & withdrawn).any()
    assert (cohort.answered[rows][:, 0] == 0).all()


def test_reminders_go_to_those_who_have_not_answered(trial):
    cohort = trial.cohort
    rows = cohort.randomized
    most = len(trial.scenario.followup.reminder_days)
    silent = np.isnan(cohort.answered[rows]) & (
        cohort.withdraws_after[rows][:, None]
        > np.array([0, *(visit.day for visit in trial.scenario.trial.visits)])
    )
    wait = max(trial.scenario.followup.reminder_days)
    days = np.array([0, *(visit.day for visit in trial.scenario.trial.visits)])
    stays = cohort.withdraws_after[rows][:, None] > days + wait
    assert silent.any()
    assert (cohort.reminders[rows][silent & stays] == most).all()
    assert cohort.reminders[rows].max() <= most


def test_only_the_intervention_arm_uses_the_app(trial):
    cohort, rows = trial.cohort, trial.cohort.randomized
    never = np.iinfo(np.int64).max
    control = rows[cohort.arm[rows] == 0]
    treated = rows[cohort.arm[rows] == 1]
    assert (cohort.installed[control] == never).all()
    assert (cohort.installed[treated] > cohort.entry[treated]).all()
    assert not trial.records.capacity[control].any()
    assert trial.records.capacity[treated].any()
    planned = np.unique(np.concatenate([batch.rows for batch in trial.plan_log]))
    assert np.isin(planned, treated).all()


def test_scores_are_on_their_scales(trial):
    for outcome, scores in trial.scores.items():
        known = scores[~np.isnan(scores)]
        scale = INSTRUMENT_SCALES[outcome]
        assert known.min() >= scale.low
        assert known.max() <= scale.high
        assert np.allclose(known / scale.step, np.round(known / scale.step))
    assert np.isnan(trial.scores["gpe"][:, 0]).all()
    worst, average = trial.scores["nrs_worst"], trial.scores["nrs_average"]
    assert (worst[~np.isnan(worst)] >= average[~np.isnan(average)]).all()


@pytest.mark.parametrize(
    "change", ["app.never_installed=1.0", "pathway.tailoring_share=1.0", "null_effect"]
)
def test_an_app_that_is_not_used_or_does_nothing_changes_no_outcome(change):
    size = "trial.sample_size=60"
    zero = ["pathway.capacity_per_session=0.0", "pathway.capacity_per_steps=0.0",
            "pathway.belief_per_message=0.0", "pathway.belief_per_tool=0.0"]  # fmt: skip
    if change == "null_effect":
        scenario = load_scenario("null_effect", [size])
    else:
        extra = [] if "never" in change else zero
        scenario = load_scenario("selfback_2021", [size, change, *extra])
    idle = simulate(scenario, 1)
    # The course without any app: everybody in control, with the same random draws.
    never = simulate(load_scenario("selfback_2021", [size, "app.never_installed=1.0"]), 1)
    for outcome, scores in never.scores.items():
        assert np.array_equal(scores, idle.scores[outcome], equal_nan=True)


def test_more_use_of_the_app_means_less_pain_and_disability():
    size = "trial.sample_size=200"
    some = trial_data(simulate(load_scenario("selfback_2021", [size]), 0))
    none = trial_data(
        simulate(load_scenario("selfback_2021", [size, "app.never_installed=1.0"]), 0)
    )
    treated = some.arm == 1
    for outcome in ("rmdq", "nrs_average", "bipq"):
        gain = np.nanmean(some.scores[outcome][treated, 2] - none.scores[outcome][treated, 2])
        assert gain < 0


def test_the_tables_of_a_trial_have_a_row_for_everyone(small):
    tables = run_trial(small, 0).data_tables()
    assert tables["participants"].num_rows == 80
    assert tables["visits"].num_rows == 80 * 5
    assert set(tables) == {
        "participants", "visits", "events", "adverse_events", "missingness", "app_weeks", "steps",
        "messages", "plans", "symptoms", "care",
    }  # fmt: skip
    assert tables["missingness"].num_rows == 80 * 4
    made = tables["participants"].to_pandas()
    assert made.loc[made["arm"] == "control", "plans_made"].eq(0).all()
    assert tables["visits"].to_pandas().groupby("participant").size().eq(5).all()


def test_hardly_anyone_eligible_is_an_error_not_an_endless_loop():
    scenario = load_scenario(
        "selfback_2021", ["recruitment.minimum_rmdq=24", "trial.sample_size=50"]
    )
    with pytest.raises(RuntimeError, match="hardly any candidate"):
        simulate(scenario, 0)
