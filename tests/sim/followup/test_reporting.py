"""Knowing one's arm: answers move, states do not; the disappointed leave and seek care."""

import numpy as np
import pytest

from agents.instruments import ITEMS
from agents.instruments.eq_5d import index
from scenarios.loading.load import load_scenario
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.simulate import counterfactual_unasked, simulate
from sim.trial import Trial

SIZE = "trial.sample_size=80"
BLIND = 'followup.missingness="mcar"'  # under MAR who answers depends on what was answered
SD = {
    "rmdq": 5.0, "nrs_average": 2.3, "nrs_worst": 2.6, "pseq": 10.6, "fabq": 5.5, "bipq": 13.9,
    "eq_vas": 17.0, "eq_5d": 0.13, "sgpals": 0.8, "gpe": 1.9,
}  # fmt: skip
HOPE = 0.5
HOPES = (
    "reporting.expectation.intervention={" + ", ".join(f"{name}={HOPE}" for name in SD) + "}",
    "reporting.sd={" + ", ".join(f"{name}={sd}" for name, sd in SD.items()) + "}",
)


def trial_of(*sets: str) -> Trial:
    return simulate(load_scenario("selfback_2021", [SIZE, BLIND, *sets]), 3)


@pytest.fixture(scope="module")
def told() -> Trial:
    """A trial in which everybody answers as they are."""
    return trial_of()


@pytest.fixture(scope="module")
def hoping() -> Trial:
    return trial_of(*HOPES)


@pytest.mark.parametrize("state", ["capacity", "beliefs", "disability_relief", "true_steps", "use"])
def test_what_the_app_sees_and_does_is_the_same(told, hoping, state):
    here, there = (getattr(trial.records, state) for trial in (told, hoping))
    assert here.any()
    assert np.array_equal(here, there)


def test_symptoms_care_plans_withdrawals_and_who_answers_are_the_same(told, hoping):
    for name, values in told.daily_symptoms().items():
        assert np.array_equal(values, hoping.daily_symptoms()[name]), name
    assert np.array_equal(told.care().contacts, hoping.care().contacts)
    assert len(told.plan_log) == len(hoping.plan_log)
    for here, there in zip(told.plan_log, hoping.plan_log, strict=True):
        assert np.array_equal(here.plans.attributes, there.plans.attributes)
    for name in ("withdraws_after", "answered", "reminders", "quit_after", "withdrawal_reason"):
        here, there = getattr(told.cohort, name), getattr(hoping.cohort, name)
        assert np.array_equal(here, there, equal_nan=name != "withdrawal_reason"), name


def test_answers_of_the_state_are_those_of_a_trial_without_expectation(told, hoping):
    for name, scores in told.scores_when_due().items():
        there = hoping.scores_when_due(shifted=False)[name]
        assert np.array_equal(scores, there, equal_nan=True), name


@pytest.mark.parametrize("name", SD)
def test_answers_of_the_arm_that_hopes_move_towards_better_after_baseline_alone(told, hoping, name):
    better = 1.0 if INSTRUMENT_SCALES[name].higher_is_better else -1.0
    gain = better * (hoping.scores_when_due()[name] - told.scores_when_due()[name])
    app = hoping.cohort.arm == 1
    assert not np.nan_to_num(gain[~app]).any()
    if INSTRUMENT_SCALES[name].has_baseline:
        assert not gain[:, 0].any()
    moved = gain[app][:, 1:]
    assert moved.min() >= 0.0
    # Rounding and the ends of a scale take some of it; nothing adds to it.
    error = moved.std() / np.sqrt(moved.size / 4)  # four visits of a person are not independent
    assert 0.5 * HOPE * SD[name] < moved.mean() < HOPE * SD[name] + 3.0 * error


def test_items_and_totals_agree_and_keep_to_their_scales(hoping):
    items = hoping.item_answers()
    levels = np.stack([items[code] for code in ITEMS["eq_5d"]], axis=2)
    answered = ~np.isnan(hoping.scores["rmdq"])
    total = sum(items[code] for code in ITEMS["rmdq"])
    assert np.array_equal(total[answered], hoping.scores["rmdq"][answered])
    assert np.array_equal(index(levels[answered]), hoping.scores["eq_5d"][answered])
    for name, scores in hoping.scores.items():
        scale = INSTRUMENT_SCALES[name]
        given = scores[~np.isnan(scores)]
        assert scale.low <= given.min() <= given.max() <= scale.high
    worst, average = hoping.scores["nrs_worst"], hoping.scores["nrs_average"]
    assert (worst[answered] >= average[answered]).all()


def test_a_shift_that_fades_is_smaller_at_every_later_visit(told):
    fading = trial_of(*HOPES, "reporting.half_life=60")
    app = fading.cohort.arm == 1
    due = np.array([visit.day for visit in fading.scenario.trial.visits])
    for name in ("rmdq", "bipq"):
        scores = [trial.scores_when_due()[name][app][:, 1:] for trial in (told, fading)]
        gain = scores[0] - scores[1]
        assert (np.diff(gain.mean(axis=0)) < 0.0).all()
        # Whole points are answered, and the floor takes some of the shift.
        error = gain.std(axis=0) / np.sqrt(len(gain))
        stated = HOPE * SD[name] * 0.5 ** (due / 60.0)
        assert (gain.mean(axis=0) > 0.5 * stated - 3.0 * error).all()
        assert (gain.mean(axis=0) < stated + 3.0 * error).all()


@pytest.mark.parametrize("name", ["unblinded_null", "unblinded_null_plain"])
def test_without_an_effect_the_state_is_the_same_in_both_arms_and_the_answers_are_not(name):
    scenario = load_scenario(name, [SIZE])
    trial = simulate(scenario, 1)
    other = counterfactual_unasked(trial)
    rows = trial.cohort.randomized
    assert (trial.cohort.arm[rows] != other.cohort.arm[rows]).all()
    own = np.where(trial.cohort.arm[rows] == 1, 1.0, -1.0)[:, None]
    for outcome, scores in trial.scores_when_due(shifted=False).items():
        there = other.scores_when_due(shifted=False)[outcome]
        assert np.array_equal(scores[rows], there[rows], equal_nan=True), outcome
    reported = own * (trial.scores_when_due()["rmdq"] - other.scores_when_due()["rmdq"])[rows, 1:]
    if name == "unblinded_null_plain":
        assert reported == pytest.approx(np.full(reported.shape, -0.17 * 5.06))
    assert reported.mean() == pytest.approx(-0.17 * 5.06, abs=0.15)


def plain(*sets: str) -> Scenario:
    return load_scenario("unblinded_null_plain", [SIZE, *sets])


def test_a_plain_score_on_a_scale_keeps_to_its_ends_and_steps():
    scenario = plain("course.on_scale=true", "course.means=[3.0, 3.0, 2.0, 2.0, 2.0]")
    answers, states = (
        simulate(scenario, 2).scores_when_due(shifted=shifted)["rmdq"] for shifted in (True, False)
    )
    assert answers.min() == 0.0
    assert np.array_equal(answers, np.round(answers))
    assert (answers <= states).all()
    # Who is at the end already has nothing better to say.
    assert (answers[states == 0.0] == 0.0).all()


def test_who_answers_under_mnar_goes_by_the_state():
    sets = ('followup.missingness="mnar"', "followup.slopes.disability=-0.2",
            "followup.arms.control.response=[0.8, 0.8, 0.8, 0.8]",
            "followup.arms.intervention.response=[0.8, 0.8, 0.8, 0.8]")  # fmt: skip
    hoping = simulate(plain(*sets), 2)
    told = simulate(plain(*sets, "reporting.expectation.intervention.rmdq=0"), 2)
    assert np.isnan(hoping.scores["rmdq"]).any()
    assert np.array_equal(hoping.cohort.answered, told.cohort.answered, equal_nan=True)


def test_the_disappointed_withdraw_more_often_and_all_others_still_do(told):
    left = trial_of("reporting.disappointment.control.withdrawal=3")
    rows, control = told.cohort.randomized, told.cohort.arm[told.cohort.randomized] == 0
    before, after = (np.isfinite(t.cohort.withdraws_after[rows]) for t in (told, left))
    assert (before <= after)[control].all()
    assert after[control].sum() > before[control].sum()
    assert np.array_equal(before[~control], after[~control])


def test_the_disappointed_have_more_contacts_and_all_others_still(told):
    more = trial_of("reporting.disappointment.control.contacts=1.55")
    rows, control = told.cohort.randomized, told.cohort.arm[told.cohort.randomized] == 0
    before, after = (t.care().contacts[rows] for t in (told, more))
    assert np.array_equal(before[~control], after[~control])
    bits = [np.unpackbits(found[control]).sum() for found in (before, after)]
    # Poisson: the ratio of two totals, one of which holds the other.
    assert bits[1] / bits[0] == pytest.approx(1.55, abs=4.0 * 1.55 / np.sqrt(bits[0]))
