"""Adverse events: reported as often as stated, reviewed at the next weekly meeting."""

from datetime import timedelta

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import adverse_events_table, events_table, flow_counts
from sim.trial import Trial

SIZE = "trial.sample_size=200"
RATES = ["safety.rates.control=0.1", "safety.rates.intervention=0.3", "safety.meeting_weekday=3"]


def trial_of(*overrides: str) -> Trial:
    return simulate(load_scenario("selfback_2021", [SIZE, *overrides]), 0)


@pytest.fixture(scope="module")
def harmful() -> Trial:
    return trial_of(*RATES)


def test_without_a_rate_there_is_nothing_to_report():
    trial = trial_of()
    assert trial.cohort.adverse_events == []
    assert flow_counts(trial)["intervention: adverse events"] == 0
    assert adverse_events_table(trial).num_rows == 0
    assert not any("adverse" in what for _, _, what, _ in trial.cohort.events)


def test_events_are_as_many_as_the_rates_say(harmful):
    cohort, rows = harmful.cohort, harmful.cohort.randomized
    counts = flow_counts(harmful)
    for code, (arm, rate) in enumerate((("control", 0.1), ("intervention", 0.3))):
        members = rows[cohort.arm[rows] == code]
        months = np.minimum(cohort.withdraws_after[members], 274.0).sum() / (365.25 / 12)
        assert abs(counts[f"{arm}: adverse events"] - rate * months) < 4.5 * np.sqrt(rate * months)
    total = sum(counts[f"{arm}: adverse events"] for arm in ("control", "intervention"))
    assert total == len(cohort.adverse_events) == adverse_events_table(harmful).num_rows


def test_kinds_have_their_probabilities_and_only_the_app_is_related_to(harmful):
    events, arm = harmful.cohort.adverse_events, harmful.cohort.arm
    safety = harmful.scenario.safety
    treated = [event for event in events if arm[event.row] == 1]
    assert not any(event.related for event in events if arm[event.row] == 0)
    for share, found in (
        (safety.serious, [event.serious for event in events]),
        (safety.related, [event.related for event in treated]),
    ):
        assert abs(np.mean(found) - share) < 4.5 * np.sqrt(share * (1 - share) / len(found))
    counts = flow_counts(harmful)
    serious = sum(counts[f"{arm}: serious adverse events"] for arm in ("control", "intervention"))
    assert serious == sum(event.serious for event in events)


def test_every_event_is_reviewed_at_the_next_weekly_meeting(harmful):
    opens = harmful.scenario.trial.opens
    for event in harmful.cohort.adverse_events:
        assert 0.0 <= event.reviewed - event.reported <= 7.0
        assert (opens + timedelta(days=int(event.reviewed))).weekday() == 3
    log = events_table(harmful).to_pandas()["what"].value_counts()
    assert log["reported an adverse event"] == log["adverse event reviewed"]


def test_nothing_is_reported_before_randomization_or_after_the_trial_or_withdrawal(harmful):
    cohort = harmful.cohort
    for event in cohort.adverse_events:
        after = event.reported - cohort.entered[event.row]
        assert 0.0 <= after <= min(274.0, cohort.withdraws_after[event.row]) + 1e-6


def test_adverse_events_change_nothing_else_and_a_higher_rate_brings_them_earlier(harmful):
    plain = trial_of()
    for outcome, scores in plain.scores.items():
        assert np.array_equal(scores, harmful.scores[outcome], equal_nan=True)
    more = trial_of("safety.rates.control=0.2", *RATES[1:])

    def first(trial: Trial) -> dict[int, float]:
        found: dict[int, float] = {}
        for event in trial.cohort.adverse_events:
            if trial.cohort.arm[event.row] == 0:
                found.setdefault(event.row, event.reported - trial.cohort.entered[event.row])
        return found

    slow, fast = first(harmful), first(more)
    assert set(slow) < set(fast)
    for row, day in slow.items():
        assert fast[row] == pytest.approx(day / 2)


def test_many_events_of_one_participant_are_all_there():
    trial = trial_of("safety.rates.control=20", "trial.sample_size=30")
    cohort, rows = trial.cohort, trial.cohort.randomized
    members = rows[cohort.arm[rows] == 0]
    months = np.minimum(cohort.withdraws_after[members], 274.0).sum() / (365.25 / 12)
    expected = 20 * months
    assert abs(len(cohort.adverse_events) - expected) < 4.5 * np.sqrt(expected)
