import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.app_summaries import EVERY, LEAST_DAYS, use_summaries
from sim.tables.app_tables import app_weeks_table, steps_table
from sim.tables.trial_tables import participants_table, trial_data


@pytest.fixture(scope="module")
def trial():
    return simulate(load_scenario("three_arms", ["trial.sample_size=120"]), 0)


def test_use_is_that_of_the_table_of_weeks(trial):
    told = {(quantity, visit): v for quantity, _, visit, _, v in use_summaries(trial)}
    weeks = app_weeks_table(trial).to_pandas()
    weeks = weeks[weeks["days"] >= LEAST_DAYS]
    for week, mine in weeks.groupby("week"):
        if week % EVERY:
            assert ("opened", f"week {week + 1}") not in told
            continue
        assert told["opened", f"week {week + 1}"] == pytest.approx((mine["opened"] > 0).mean())
        assert told["planned", f"week {week + 1}"] == pytest.approx((mine["plan"] > 0).mean())


def test_steps_are_those_recorded_of_each_arm_with_a_wristband(trial):
    rows = use_summaries(trial)
    told = {(quantity, visit, arm): v for quantity, _, visit, arm, v in rows}
    people = participants_table(trial, trial_data(trial)).to_pandas()
    steps = steps_table(trial).to_pandas().merge(people[["participant", "arm"]], on="participant")
    first = steps.groupby("participant")["day"].transform("min")
    week = steps[(steps["day"] - first).between(56, 62)].dropna(subset=["recorded_steps"])
    assert {arm for _, _, arm in told} == {"wristband", "intervention"}
    for arm, mine in week.groupby("arm"):
        means = mine.groupby("participant")["recorded_steps"].mean()
        assert told["recorded steps", "week 9", arm] == pytest.approx(means.mean(), rel=1e-5)


def test_a_plain_trial_has_no_use():
    assert use_summaries(simulate(load_scenario("planned_2018", ["trial.sample_size=40"]), 0)) == []


def test_shares_are_between_0_and_1(trial):
    shares = [v for quantity, *_, v in use_summaries(trial) if quantity != "recorded steps"]
    assert np.min(shares) >= 0.0
    assert np.max(shares) <= 1.0
