"""Withdrawals: days and numbers whatever the reasons, and reasons that the life bears out."""

import numpy as np
import pytest

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import events_table

TECHNICAL = "technical problem with app or wristband"
MANY = [
    "trial.sample_size=1200", "followup.missingness=mcar", "recruitment.interest_per_day=30",
    "recruitment.screeners=20", "app.assistants=20",
    "followup.arms.intervention.withdrawal=[0.3, 0.1, 0.1, 0.1]", "app.never_installed=0.2",
]  # fmt: skip
RULES = [
    f'followup.reasons."{TECHNICAL}".needs_app=true', "followup.reasons.surgery.per_pain=1.0",
    'followup.reasons."work pressure".traits={employment=1.0}',
    "followup.reasons.questionnaire.if_stopped=2.0",
]  # fmt: skip
OFF = ["followup.reasons={}"]


@pytest.fixture(scope="module")
def trials():
    return [simulate(load_scenario("selfback_2021", [*MANY, *how]), 1) for how in (OFF, RULES)]


def withdrawn(trial):
    cohort = trial.cohort
    rows = cohort.randomized
    return rows[(cohort.arm[rows] == 1) & np.isfinite(cohort.withdraws_after[rows])]


def test_reasons_move_neither_days_nor_answers(trials):
    without, given = (trial.cohort for trial in trials)
    assert np.array_equal(without.withdraws_after, given.withdraws_after)
    assert np.array_equal(without.answered, given.answered, equal_nan=True)
    assert (without.withdrawal_reason != given.withdrawal_reason).any()


def test_shares_of_reasons_stay_those_stated(trials):
    weights = trials[0].scenario.followup.arms["intervention"].withdrawal_reasons
    total = sum(weights.values())
    for trial in trials:
        reasons = trial.cohort.withdrawal_reason[withdrawn(trial)]
        for name, weight in weights.items():
            share = weight / total
            # The sampling error of this trial, and that of the reference trial's arm of 500.
            error = np.sqrt(share * (1 - share) * (1 / len(reasons) + 1 / 500))
            assert abs((reasons == name).mean() - share) < 4.5 * error


def test_a_technical_problem_needs_an_app(trials):
    for trial, some in zip(trials, (True, False), strict=True):
        cohort = trial.cohort
        rows = withdrawn(trial)
        without = rows[cohort.installed[rows] == np.iinfo(np.int64).max]
        assert len(without) > 20
        assert (cohort.withdrawal_reason[without] == TECHNICAL).any() == some


def test_surgery_follows_pain_and_weariness_of_questions_follows_having_stopped(trials):
    _, trial = trials
    cohort, rows = trial.cohort, withdrawn(trial)
    days = cohort.withdraws_after[rows]
    reasons = cohort.withdrawal_reason[rows]
    pain = trial.trajectories.more_pain(rows, days.astype(int))
    surgery = reasons == "surgery"
    error = np.sqrt(pain.var() * (1 / surgery.sum() + 1 / len(rows)))
    assert pain[surgery].mean() - pain.mean() > 3.0 * error
    use_ended = cohort.installed[rows] - cohort.entry[rows] + cohort.quit_after[rows]
    stopped = use_ended < days - 1.0
    tired = reasons == "questionnaire"
    share = stopped.mean()
    error = np.sqrt(share * (1 - share) * (1 / tired.sum() + 1 / len(rows)))
    assert stopped[tired].mean() - share > 2.5 * error


def test_the_log_has_every_withdrawal_with_its_reason(trials):
    _, trial = trials
    log = events_table(trial).to_pandas()
    left = log[log["what"] == "withdrew"].set_index("participant")
    cohort = trial.cohort
    rows = cohort.randomized[np.isfinite(cohort.withdraws_after[cohort.randomized])]
    assert len(left) == len(rows)
    told = left.loc[cohort.number[rows] + 1]
    assert (told["detail"].to_numpy() == cohort.withdrawal_reason[rows]).all()
    assert np.allclose(told["day"], cohort.entered[rows] + cohort.withdraws_after[rows])


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("followup.reasons.surgry.per_pain=1.0", "did you mean 'surgery'"),
        ('followup.reasons."randomized to usual care".needs_app=true', "which gets no app"),
        (
            "followup.arms.intervention={withdrawal_reasons={surgery=1.0}}", "all need an app"
        ),
        ("followup.reasons.surgery.traits={ages=1.0}", "ages"),
        ("followup.reasons.surgery.traits={age=1000.0}", "must be at most 5"),
        ("followup.reasons.surgery.per_pain=1000.0", "must be at most 5"),
        ("followup.reasons.surgery.if_stopped=-1000.0", "must be at least -10"),
    ],
)  # fmt: skip
def test_reasons_that_cannot_be_are_refused(override, told):
    with pytest.raises(InputError, match=told):
        load_scenario("selfback_2021", [*OFF, "followup.reasons.surgery.needs_app=true", override])


def test_a_normal_course_has_no_life_for_reasons_to_come_from():
    size = ["trial.sample_size=300", "followup.arms.control.withdrawal=[0.2, 0.0, 0.0, 0.0]"]
    plain, ruled = (
        simulate(load_scenario("planned_2018", [*size, *how]), 0)
        for how in (OFF, ["followup.reasons.surgery.per_pain=5.0", *RULES])
    )
    told = plain.cohort.withdrawal_reason
    assert (told != "").any()
    assert (told == ruled.cohort.withdrawal_reason).all()


def test_reasons_of_what_a_scenario_extends_may_be_without_effect():
    reasons = 'followup.arms.control.withdrawal_reasons={"moved house"=1.0}'
    found = load_scenario("selfback_2021", ['followup.reasons."work pressure"={}', reasons])
    assert set(found.followup.arms["control"].withdrawal_reasons) == {"moved house"}
