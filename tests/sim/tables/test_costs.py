import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables import trial_tables
from sim.tables.costs import DAYS_PER_MONTH, trial_costs


@pytest.fixture(scope="module")
def trial(small):
    return simulate(small, 0)


def test_questionnaires_and_reminders_are_those_of_the_log(trial):
    what = trial_tables.events_table(trial)["what"].to_pylist()
    costs = trial_costs(trial)
    assert costs["questionnaires"] == what.count("invited")
    assert costs["reminders"] == what.count("reminded")


def test_calls_and_incentives_are_those_of_the_log():
    scenario = load_scenario("retention", ["trial.sample_size=80"])
    kept = simulate(scenario, 0)
    what = trial_tables.events_table(kept)["what"].to_pylist()
    costs = trial_costs(kept)
    assert costs["reminders"] == what.count("reminded")
    assert costs["retention calls"] == what.count("called") > 0
    assert costs["incentives"] == what.count("answered")


def test_without_calls_and_incentives_there_are_none(trial):
    costs = trial_costs(trial)
    assert costs["retention calls"] == costs["incentives"] == 0


def test_staff_hours_are_the_screenings_and_installations_of_the_flow(trial):
    flow = trial_tables.flow_counts(trial)
    costs, scenario = trial_costs(trial), trial.scenario
    assert costs["screened"] == flow["assessed for eligibility"]
    screened = flow["assessed for eligibility"] * scenario.recruitment.screening_hours
    installed = flow["intervention: installed the app"] * scenario.app.appointment_hours
    assert costs["screening hours"] == pytest.approx(screened)
    assert costs["installation hours"] == pytest.approx(installed)
    assert costs["staff hours"] == pytest.approx(screened + installed)


def test_without_dropout_everybody_is_followed_to_the_last_visit():
    scenario = load_scenario("planned_2018", ["trial.sample_size=40", "followup.dropout=0"])
    costs = trial_costs(simulate(scenario, 0))
    assert costs["participant-months"] == pytest.approx(
        40 * scenario.trial.visits[-1].day / DAYS_PER_MONTH
    )
    assert costs["questionnaires"] == 40 * len(scenario.trial.visits)
    assert np.isfinite(costs["calls"])
