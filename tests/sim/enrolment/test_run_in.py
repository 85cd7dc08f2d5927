"""The run-in: who completes it, when, and what that foretells."""

import numpy as np
import pytest
from scipy import stats

from scenarios.loading.load import load_scenario
from sim.core.streams import Streams
from sim.enrolment.candidates import draw_candidates
from sim.enrolment.run_in import RunIn
from sim.simulate import simulate

QUESTIONNAIRE = 'recruitment.run_in={kind="questionnaire", days=10, response=0.7}'
APP = 'recruitment.run_in={kind="app", days=14, needed_days=10}'
STEPS = 'recruitment.run_in={kind="steps", days=14, needed_days=12}'


@pytest.fixture(scope="module")
def people():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=3000"])
    candidates = draw_candidates(scenario, Streams(4, 0))
    return candidates.patients.take(np.flatnonzero(candidates.in_cohort))


def completed(override, patients, *, pieces=1):
    scenario = load_scenario("selfback_2021", [override])
    run_in = RunIn(scenario.recruitment.run_in, scenario, Streams(4, 0))
    parts = np.array_split(np.arange(len(patients)), pieces)
    return np.concatenate([run_in.completed(patients.take(rows)) for rows in parts])


@pytest.mark.parametrize("override", [QUESTIONNAIRE, APP, STEPS])
def test_it_makes_no_difference_in_how_many_are_settled_at_once(override, people):
    few = people.take(np.arange(400))
    expected = completed(override, few)
    assert 0 < expected.sum() < 400
    assert np.array_equal(completed(override, few, pieces=7), expected)
    assert np.array_equal(completed(override, people)[:400], expected)


def test_the_stated_share_answers_the_questionnaire(people):
    found = completed(QUESTIONNAIRE, people).mean()
    assert abs(found - 0.7) < 4 * np.sqrt(0.7 * 0.3 / len(people))


def test_steps_are_recorded_on_days_on_which_the_source_is_worn(people):
    sources = load_scenario("selfback_2021").step_sources
    # In a fortnight wear falls, and bands are lost, by very little: at most this share of days.
    late = 2 * max(sources.mi_band.worn_decline, 2 * sources.mi_band.lost)
    expected = [
        sum(
            source.share * stats.binom.sf(11, 14, source.worn - lower)
            for source in (sources.mi_band, sources.other_band, sources.phone)
        )
        for lower in (late, 0.0)
    ]
    found = completed(STEPS, people).mean()
    error = 4 * np.sqrt(0.25 / len(people))
    assert expected[0] - error < found < expected[1] + error


def test_the_motivated_open_the_app(people):
    done = completed(APP, people)
    motivation = people.scores["motivation"]
    gap = motivation[done].mean() - motivation[~done].mean()
    assert gap > 4 * np.sqrt(1 / done.sum() + 1 / (~done).sum())


@pytest.mark.parametrize("frailty", [0.0, 0.8])
def test_those_who_answer_in_the_run_in_answer_more_later_as_far_as_it_is_the_persons(frailty):
    scenario = load_scenario(
        "selfback_2021",
        [
            "trial.sample_size=300",
            'followup.missingness="mcar"',
            f"followup.frailty={frailty}",
            "app.never_installed=1",
            QUESTIONNAIRE,
        ],
    )
    cohort, follow = simulate(scenario, 0).cohort, scenario.followup
    rows = cohort.randomized
    sent = ~np.isnan(cohort.answer_probability[rows, 1:])
    answered = ~np.isnan(cohort.answered[rows, 1:])
    # Both answers are given where two normals with the frailty as correlation are low enough.
    both = stats.multivariate_normal(cov=[[1.0, frailty], [frailty, 1.0]])
    shares = np.array([follow.arms["control"].response, follow.arms["intervention"].response])
    later = np.array(
        [[both.cdf([stats.norm.ppf(s), stats.norm.ppf(0.7)]) / 0.7 for s in arm] for arm in shares]
    )
    expected = later[cohort.arm[rows]][sent].mean()
    # At most the four answers of a person count as one.
    error = np.sqrt(expected * (1.0 - expected) * 4 / sent.sum())
    assert abs(answered[sent].mean() - expected) < 3 * error
    if frailty:
        assert expected - shares[cohort.arm[rows]][sent].mean() > 5 * error
    else:
        assert expected == pytest.approx(shares[cohort.arm[rows]][sent].mean())


def test_randomization_waits_for_the_run_in():
    size = "trial.sample_size=80"
    without, within = (
        simulate(load_scenario("planned_2018", [size, *extra]), 0).cohort
        for extra in ([], [QUESTIONNAIRE])
    )
    both = np.intersect1d(without.randomized, within.randomized)
    wait = [(c.entered - c.screened)[both] for c in (without, within)]
    assert len(both) > 20
    assert wait[1] - wait[0] == pytest.approx(np.full(len(both), 10.0))
