"""The tables of a trial have every arm, and of each what it is given."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.report.tables import baseline_table
from scenarios.arms.given import planning_arms
from scenarios.loading.load import load_scenario
from sim.replicates.between_visits import between_visits
from sim.simulate import simulate_unasked
from sim.tables.app_tables import app_weeks_table
from sim.tables.care_tables import care_by_arm, care_summary
from sim.tables.codebook import codebook
from sim.tables.costs import trial_costs
from sim.tables.trial_tables import flow_counts

THREE = Path(__file__).parent / "three_arms.toml"
ARMS = ["control", "wristband", "intervention"]


@pytest.fixture(scope="module")
def tables(with_band):
    return {name: table.to_pandas() for name, table in with_band.tables().items()}


def arms_of(table: pd.DataFrame, participants: pd.DataFrame) -> set[str]:
    arm = participants.set_index("participant")["arm"]
    return set(table["participant"].map(arm))


def test_each_table_has_the_arms_that_are_given_what_it_tells_of(tables):
    people = tables["participants"]
    assert set(people["arm"]) == set(ARMS)
    for name in ("app_weeks", "plans", "messages", "truth/plans"):
        assert arms_of(tables[name], people) == {"intervention"}, name
    for name in ("steps", "truth/steps"):
        assert arms_of(tables[name], people) == {"wristband", "intervention"}, name
    assert len(tables["steps"]) == len(tables["truth/steps"])
    assert people.loc[people["arm"] == "control", "installed_day"].isna().all()
    assert people.loc[people["arm"] == "wristband", "installed_day"].notna().all()
    assert (people.loc[people["arm"] != "intervention", "plans_made"] == 0).all()


def test_a_wristband_alone_records_the_steps_walked(tables):
    people = tables["participants"].set_index("participant")["arm"]
    both = tables["steps"].merge(tables["truth/steps"])
    alone = both[both["participant"].map(people) == "wristband"]
    assert set(alone["worn"]) == {True, False}
    assert alone.loc[~alone["worn"], "recorded_steps"].isna().all()
    assert (alone.loc[alone["worn"], "recorded_steps"] > 0.0).all()
    # A source counts about what is walked.
    worn = alone[alone["worn"]]
    assert 0.7 < worn["recorded_steps"].sum() / worn["true_steps"].sum() < 1.3


def test_the_flow_tells_of_each_arm_what_it_received(with_band):
    flow = flow_counts(with_band.trial)
    by_arm = {arm: {s for s in flow if s.startswith(f"{arm}: ")} for arm in ARMS}
    assert sum(flow[f"{arm}: allocated"] for arm in ARMS) == flow["randomized"] == 48
    received = {
        arm: [s for s in stages if "installed" in s or "got the" in s]
        for arm, stages in by_arm.items()
    }
    assert received == {
        "control": [],
        "wristband": ["wristband: got the wristband"],
        "intervention": ["intervention: installed the app"],
    }


def test_received_is_what_the_log_says(with_band, tables):
    flow, log = flow_counts(with_band.trial), tables["events"]
    people = tables["participants"].set_index("participant")["arm"]
    for what, arm in (("got the wristband", "wristband"), ("installed the app", "intervention")):
        mine = log[log["what"] == what]
        assert len(mine) == flow[f"{arm}: {what}"] > 0
        assert set(mine["participant"].map(people)) == {arm}


def test_appointments_of_both_arms_take_staff_time(with_band):
    scenario, flow = with_band.trial.scenario, flow_counts(with_band.trial)
    received = flow["wristband: got the wristband"] + flow["intervention: installed the app"]
    hours = trial_costs(with_band.trial)["installation hours"]
    assert hours == pytest.approx(received * scenario.app.appointment_hours)


def test_adherence_and_fit_are_of_the_arm_with_the_app(with_band):
    told = {
        (quantity, arm) for quantity, _, _, arm, _ in with_band.summaries
        if quantity in {"adherence", "plan fit", "plan regret"}
    }  # fmt: skip
    assert told == {(name, "intervention") for name in ("adherence", "plan fit", "plan regret")}


def test_arms_without_a_word_on_the_app_are_all_but_the_reference(plain):
    arms = plain.data.arms
    assert planning_arms(arms) == tuple(range(1, len(arms)))
    told = [arm for quantity, _, _, arm, _ in plain.summaries if quantity == "adherence"]
    assert told == list(plain.data.arm_names[1:])


def test_table_1_and_usual_care_have_a_column_an_arm(with_band):
    table = baseline_table(with_band.data)
    assert len(table.heads) == 5
    assert [head.split(" (n")[0] for head in table.heads[2:]] == ["Usual care", "Wristband", "App"]
    counts = [int(head.split("= ")[1].rstrip(")")) for head in table.heads[1:]]
    assert counts[0] == sum(counts[1:]) == 48
    care = care_summary(with_band.trial)
    assert all(len(row) == len(care.heads) == 4 for row in care.rows)
    imaged = [each for each in care_by_arm(with_band.trial) if each.quantity == "any imaging"]
    assert [each.arm for each in imaged] == ARMS
    assert sum(len(each.amounts) for each in imaged) == 48


def test_the_codebook_describes_what_is_exported(with_band, tables):
    columns = {name: list(table.columns) for name, table in tables.items()}
    entries = codebook(columns, with_band.trial.scenario)
    assert len(entries) == sum(map(len, columns.values()))
    events = next(e for e in entries if (e.table, e.column) == ("events", "what"))
    assert set(tables["events"]["what"]) <= set(events.codes.split("; "))
    arm = next(e for e in entries if (e.table, e.column) == ("participants", "arm"))
    assert arm.codes == ", ".join(ARMS)


def test_minutes_in_the_app_are_those_of_the_own_arm():
    changes = [
        'arms.wristband.components=["app", "wristband"]',
        'arms.wristband.overrides={"app.minutes.opening"=60.0}',
        "trial.sample_size=24",
    ]
    trial = simulate_unasked(load_scenario(THREE, changes), 0)
    weeks = app_weeks_table(trial).to_pandas()
    arm = trial.cohort.arm[trial.cohort.randomized][weeks["participant"] - 1]
    a_day = weeks["minutes"] / weeks["opened"].where(weeks["opened"] > 0)
    assert a_day[arm == 1].min() >= 60.0
    assert a_day[arm == 2].median() < 60.0


def test_usual_care_between_visits_is_that_of_who_is_given_nothing(in_all_arms):
    trial = in_all_arms[0]
    rows = trial.cohort.randomized
    found = {each.name: each for each in between_visits(trial)}
    together = found["pain with disability within persons, weekly"]
    assert together.n == np.count_nonzero(trial.cohort.arm[rows] == 0)
    sessions = found["exercise sessions in 13 weeks, app"]
    assert sessions.n == np.count_nonzero(trial.cohort.arm[rows] == 2)
    assert sessions.value > 0.0
