"""Recruitment: calls, screening in working hours, fates that belong to the candidate."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from agents.instruments import screen_pain
from scenarios.loading.load import load_scenario
from sim.core.streams import Mechanism, Streams
from sim.enrolment.calls import calls_needed
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.dispositions import LOW_PAIN, NOT_REACHED, REFUSED_AT_CONTACT, SHORT_EPISODE
from sim.simulate import simulate
from sim.tables.trial_tables import flow_counts


@pytest.fixture(scope="module")
def many():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=3000"])
    return scenario, draw_candidates(scenario, Streams(scenario.seed, 0))


def test_the_published_shares_are_not_reached_and_refuse(many):
    _, people = many
    n = len(people.fate)
    for fate, count in ((NOT_REACHED, 63), (REFUSED_AT_CONTACT, 145)):
        share = count / 1065
        found = (people.fate == people.fates.index(fate)).mean()
        assert abs(found - share) < 4.5 * np.sqrt(share * (1 - share) / n)


def test_calls_follow_a_geometric_distribution_up_to_the_last_tried(many):
    scenario, people = many
    attempts, taken = (
        scenario.recruitment.call_attempts,
        scenario.recruitment.reached_per_call,
    )
    expected = stats.geom.pmf(np.arange(1, attempts), taken) * len(people.calls)
    observed = np.bincount(people.calls, minlength=attempts + 1)[1:attempts]
    assert people.calls.max() == attempts
    assert (np.abs(observed - expected) < 4.5 * np.sqrt(expected)).all()
    never = people.fate == people.fates.index(NOT_REACHED)
    assert (people.calls[never] == attempts).all()


def test_nobody_is_called_before_interest_or_outside_working_hours(many):
    scenario, people = many
    gap = scenario.recruitment.call_gap
    assert (people.call_day >= people.interest_day + (people.calls - 1) * gap).all()
    for day, stratum in zip(people.call_day, people.stratum, strict=True):
        in_working_hours(scenario, day, scenario.trial.strata[stratum].levels["country"])


def in_working_hours(scenario, begun: float, country: str) -> None:
    day = scenario.trial.opens + timedelta(days=int(begun))
    hour = (begun - int(begun)) * 24.0
    assert day.weekday() < 5
    assert day not in scenario.staff.holidays[country]
    start = scenario.staff.day_start
    assert start - 1e-6 <= hour <= start + scenario.staff.day_hours + 1e-6


def test_more_attempts_reach_more_and_move_nobody_else():
    size = "trial.sample_size=200"
    few = load_scenario("selfback_2021", [size, "recruitment.call_attempts=2"])
    many = load_scenario("selfback_2021", [size])
    a, b = (draw_candidates(scenario, Streams(1, 0)) for scenario in (few, many))
    n = min(len(a.fate), len(b.fate))
    silent = a.fates.index(NOT_REACHED)
    reached = a.fate[:n] != silent
    assert np.array_equal(a.fate[:n][reached], b.fate[:n][reached])
    assert np.array_equal(a.call_day[:n][reached], b.call_day[:n][reached])
    assert (b.fate[:n] == silent).sum() < (a.fate[:n] == silent).sum()


def test_a_call_that_is_always_taken_takes_one_call():
    assert calls_needed(1.0, np.array([0.0, 0.5, 0.999])).tolist() == [1, 1, 1]
    assert calls_needed(1e-12, np.array([0.0, 0.999]))[0] == 1


def test_screening_and_installation_keep_working_hours():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=200"])
    trial = simulate(scenario, 1)
    cohort = trial.cohort

    def country(row: int) -> str:
        return scenario.trial.strata[cohort.stratum[row]].levels["country"]

    screening = scenario.recruitment.screening_hours / 24.0
    rows = cohort.randomized
    for row in rows:
        in_working_hours(scenario, cohort.screened[row] - screening, country(row))
        in_working_hours(scenario, cohort.screened[row], country(row))
    assert (cohort.screened[rows] - screening >= cohort.interest_day[rows]).all()
    assert (cohort.entered[rows] >= cohort.screened[rows]).all()
    installed = [(day, row) for day, row, what, _ in cohort.events if what == "installed the app"]
    assert len(installed) > 50
    for day, row in installed:
        in_working_hours(scenario, day, country(row))
        assert day > cohort.entered[row]
    # Web questionnaires are answered on any day.
    weekdays = {
        (scenario.trial.opens + timedelta(days=int(day))).weekday() for day in cohort.entry[rows]
    }
    assert weekdays == set(range(7))


def test_fewer_screeners_mean_longer_waits():
    def wait(screeners: int) -> float:
        scenario = load_scenario(
            "selfback_2021",
            [
                "trial.sample_size=150",
                f"recruitment.screeners={screeners}",
                "recruitment.screening_hours=3",
            ],
        )
        cohort = simulate(scenario, 0).cohort
        rows = cohort.randomized
        return float((cohort.screened[rows] - cohort.interest_day[rows]).mean())

    assert wait(2) > wait(20)


def test_staff_who_fall_behind_are_an_error_not_a_wrong_result():
    scenario = load_scenario(
        "selfback_2021",
        [
            "trial.sample_size=200",
            "recruitment.interest_per_day=200",
            "recruitment.screeners=1",
            "recruitment.screening_hours=7",
        ],
    )
    with pytest.raises(RuntimeError, match="falls behind"):
        simulate(scenario, 0)


def test_minima_exclude_exactly_those_below_them():
    minima = ["recruitment.minimum_pain=6", 'recruitment.minimum_duration=">12 weeks"']
    wide, narrow = (
        load_scenario("selfback_2021", ["trial.sample_size=300", *more]) for more in ([], minima)
    )
    streams = Streams(2, 0)
    before, after = (draw_candidates(scenario, streams) for scenario in (wide, narrow))
    n = len(before.fate)
    assert len(after.fate) > n
    error = [
        streams.generator(Mechanism.SCREENING_PAIN, chunk).standard_normal(256)
        for chunk in range(n // 256)
    ]
    patients = before.patients.values
    told = screen_pain(wide.instruments.nrs, patients["pain"], np.concatenate(error))
    longest = wide.population.margins["duration"].levels.index(">12 weeks")
    short, low = patients["duration"] < longest, told < 6
    expected = np.array(before.fates, dtype=object)[before.fate]
    # Whoever has another reason not to be included keeps it; minima come before a refusal.
    otherwise_eligible = np.isin(expected, ["randomized", "refused to participate after screening"])
    expected[otherwise_eligible & short] = SHORT_EPISODE
    expected[otherwise_eligible & low] = LOW_PAIN
    assert np.array_equal(np.array(after.fates)[after.fate[:n]], expected)
    assert {LOW_PAIN, SHORT_EPISODE, "randomized"} < set(expected)
    assert np.array_equal(before.in_cohort, after.in_cohort[:n])


@pytest.mark.parametrize(
    "settings",
    [
        ["recruitment.minimum_pain=6", 'recruitment.minimum_duration=">12 weeks"'],
        ['recruitment.run_in={kind="app", days=14, needed_days=10}'],
    ],
)
def test_the_flow_adds_up_with_minima_and_a_run_in(settings):
    scenario = load_scenario("selfback_2021", ["trial.sample_size=80", *settings])
    counts = flow_counts(simulate(scenario, 0))
    inclusion = [e.reason for e in scenario.recruitment.exclusions if e.group == "inclusion"]
    limited = ("RMDQ below the minimum", LOW_PAIN, SHORT_EPISODE)
    assert counts["did not meet inclusion criteria"] == sum(
        counts.get(name, 0) for name in (*inclusion, *limited)
    )
    assert counts["excluded"] == (
        counts["did not meet inclusion criteria"]
        + counts["other reasons"]
        + counts["refused to participate after screening"]
        + counts.get("did not complete the run-in", 0)
    )
    assert counts["assessed for eligibility"] == counts["excluded"] + 80
    new = counts.get("did not complete the run-in", 0) + counts.get(LOW_PAIN, 0)
    assert new > 10
    assert ("did not complete the run-in" in counts) == ("run_in" in settings[0])


def test_a_minimum_takes_more_people_and_longer():
    size = "trial.sample_size=80"
    wide, narrow = (
        simulate(load_scenario("selfback_2021", [size, *minimum]), 0)
        for minimum in ([], ["recruitment.minimum_pain=6"])
    )
    assert narrow.recruitment_days > 1.5 * wide.recruitment_days
    told = [flow_counts(trial)["assessed for eligibility"] for trial in (wide, narrow)]
    assert told[1] > 1.5 * told[0]
