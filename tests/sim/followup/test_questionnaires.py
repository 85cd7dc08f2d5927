"""Questionnaires: response on target, missingness with the stated mechanism."""

import numpy as np
import pytest
from scipy import stats

from scenarios.loading.load import load_scenario
from sim.core.reference_trial import REFERENCE_SIZE
from sim.simulate import counterfactual, simulate
from sim.tables.trial_tables import events_table
from sim.tables.truth_tables import missingness_table
from sim.trial import Trial

QUICK = [
    "recruitment.interest_per_day=30", "recruitment.screeners=20", "app.assistants=20",
]  # fmt: skip
STEEP = [
    'followup.missingness="mnar"', "followup.slopes.disability=-0.1",
    "followup.slopes.quit_app=-0.8",
]  # fmt: skip
KINDS = {
    "mcar": ['followup.missingness="mcar"'],
    "mar": ['followup.missingness="mar"', "followup.slopes.last=-0.08"],
    "mnar": STEEP,
}


def trial_of(size: int, *overrides: str, replicate: int = 2, name: str = "selfback_2021") -> Trial:
    return simulate(
        load_scenario(name, [f"trial.sample_size={size}", *QUICK, *overrides]), replicate
    )


@pytest.fixture(scope="module")
def trials() -> dict[str, Trial]:
    return {kind: trial_of(1500, *changes) for kind, changes in KINDS.items()}


def stays(trial: Trial, visit: int) -> np.ndarray:
    """Return who does not withdraw before the last answer to a questionnaire could come."""
    due = trial.scenario.trial.visits[visit - 1].day
    follow = trial.scenario.followup
    last = due + max(follow.reminder_days) + follow.answer_delay.longest
    return (trial.cohort.number >= 0) & (trial.cohort.withdraws_after > last)


@pytest.mark.parametrize("kind", KINDS)
def test_the_stated_shares_answer_whatever_missingness_depends_on(trials, kind):
    trial = trials[kind]
    cohort, rows = trial.cohort, trial.cohort.randomized
    follow = trial.scenario.followup
    for code, arm in enumerate((follow.arms["control"], follow.arms["intervention"])):
        members = rows[cohort.arm[rows] == code]
        probability = cohort.answer_probability[members, 1:]
        for visit, share in enumerate(arm.response):
            sent = stays(trial, visit + 1)[members]
            spread = np.std(probability[sent, visit])
            answered = ~np.isnan(cohort.answered[members, visit + 1][sent])
            n = sent.sum()
            # The sampling error of this trial and that of the reference.
            error = np.sqrt(share * (1 - share) / n + spread**2 / (REFERENCE_SIZE / 2))
            assert abs(answered.mean() - share) < 4.5 * error
            error = np.sqrt(spread**2 / n + spread**2 / (REFERENCE_SIZE / 2))
            assert abs(probability[sent, visit].mean() - share) < 4.5 * error + 1e-9


def silence_gap(trial: Trial, arm: int) -> tuple[float, float]:
    """Return the excess disability of non-responders when a questionnaire is due, and its error."""
    cohort = trial.cohort
    gaps, errors = [], []
    for visit, when in enumerate(trial.scenario.trial.visits, start=1):
        sent = (cohort.arm == arm) & ~np.isnan(cohort.answer_probability[:, visit])
        state = trial.trajectories.condition_on(when.day).disability[sent]
        silent = np.isnan(cohort.answered[sent, visit])
        gaps.append(state[silent].mean() - state[~silent].mean())
        errors.append(state.std() * np.sqrt(1 / silent.sum() + 1 / (~silent).sum()))
    return float(np.mean(gaps)), float(np.mean(errors))


@pytest.mark.parametrize("arm", [0, 1])
def test_non_responders_are_more_disabled_under_mnar_and_not_under_mcar(trials, arm):
    gap, error = silence_gap(trials["mnar"], arm)
    assert gap > 4.5 * error
    gap, error = silence_gap(trials["mcar"], arm)
    assert abs(gap) < 4.5 * error


def test_under_mnar_participants_who_quit_the_app_answer_less_often(trials):
    trial = trials["mnar"]
    cohort = trial.cohort
    unused = trial.trajectories.condition_on(trial.scenario.trial.visits[-1].day).quit_app
    sent = ~np.isnan(cohort.answer_probability[:, -1])
    silent = np.isnan(cohort.answered[:, -1])
    left, using = sent & unused, sent & ~unused & (cohort.arm == 1)
    assert not unused[cohort.arm == 0].any()
    table = [[(silent & group).sum(), (~silent & group).sum()] for group in (left, using)]
    assert silent[left].mean() > silent[using].mean()
    assert stats.fisher_exact(table).pvalue < 1e-4


def test_under_mar_the_probability_is_a_function_of_what_was_reported(trials):
    trial = trials["mar"]
    cohort, slopes = trial.cohort, trial.scenario.followup.slopes
    scores = trial.scores["rmdq"]
    for arm in (0, 1):
        rows = np.flatnonzero((cohort.arm == arm) & ~np.isnan(cohort.answer_probability[:, 3]))
        last = scores[rows, 0].copy()
        for visit in (1, 2):
            last = np.where(np.isnan(scores[rows, visit]), last, scores[rows, visit])
        inclined = (
            slopes.age * cohort.patients.scores["age"][rows]
            + slopes.baseline * scores[rows, 0]
            + slopes.last * last
        )
        limit = stats.norm.ppf(cohort.answer_probability[rows, 3]) - inclined
        assert np.ptp(limit) < 1e-6


def test_the_recorded_probability_is_the_one_used(trials):
    """Among all questionnaires sent, answers are as frequent as their probabilities say."""
    for trial in trials.values():
        probability = trial.cohort.answer_probability[:, 1:]
        answered = ~np.isnan(trial.cohort.answered[:, 1:])
        sent = np.column_stack([stays(trial, visit) for visit in range(1, 5)])
        groups = np.digitize(probability[sent], np.quantile(probability[sent], [0.25, 0.5, 0.75]))
        for group in np.unique(groups):
            p, hit = probability[sent][groups == group], answered[sent][groups == group]
            # A person's questionnaires depend on one another: at most as if all four were one.
            error = np.sqrt(4 * (p * (1 - p)).sum()) / len(p)
            assert abs(hit.mean() - p.mean()) < 4.5 * error


def test_equal_thresholds_give_equal_answers_in_both_arms():
    same = [
        'followup.missingness="mcar"',
        "followup.arms.intervention.response=[0.789, 0.892, 0.863, 0.871]",
        "followup.arms.intervention.withdrawal=[0.0480, 0.0218, 0.0087, 0.0087]",
    ]
    scenario = load_scenario("selfback_2021", ["trial.sample_size=100", *same])
    here = simulate(scenario, 0)
    there = counterfactual(here)
    assert np.array_equal(here.cohort.answered, there.cohort.answered, equal_nan=True)
    assert np.isnan(here.cohort.answered[here.cohort.randomized]).any()


def test_reminders_change_only_the_answers_that_follow_them():
    three = trial_of(300, *KINDS["mcar"])
    one = trial_of(300, *KINDS["mcar"], "followup.reminder_days=[3]")
    rows = three.cohort.randomized
    assert np.array_equal(rows, one.cohort.randomized)
    assert np.array_equal(three.cohort.arm, one.cohort.arm)
    assert np.array_equal(three.records.capacity[:, :280], one.records.capacity[:, :280])
    more = three.cohort.answered[rows, 1:]
    fewer = one.cohort.answered[rows, 1:]
    sent = three.cohort.reminders[rows, 1:]
    early = ~np.isnan(more) & (sent == 0)
    assert np.array_equal(more[early], fewer[early])
    # Who needed at most one reminder answers anyway, but for a withdrawal in between.
    brought = ~np.isnan(more) & (sent > 1)
    assert np.isnan(fewer[brought]).all()
    assert (~np.isnan(fewer)).sum() < (~np.isnan(more)).sum() - 50


def test_answers_come_between_two_contacts_and_reminders_stop_with_them(trials):
    trial = trials["mar"]
    cohort, rows = trial.cohort, trial.cohort.randomized
    contacts = np.array([0.0, *trial.scenario.followup.reminder_days, np.inf])
    for visit, when in enumerate(trial.scenario.trial.visits, start=1):
        came = ~np.isnan(cohort.answered[rows, visit])
        after = cohort.answered[rows, visit][came] - when.day
        sent = cohort.reminders[rows, visit][came]
        assert (contacts[sent] <= after).all()
        assert (after <= contacts[sent + 1]).all()
        assert (after <= contacts[sent] + trial.scenario.followup.answer_delay.longest).all()


def test_nothing_is_sent_or_answered_after_withdrawal():
    trial = trial_of(300, "followup.dropout=0.5")
    cohort, rows = trial.cohort, trial.cohort.randomized
    leaves = cohort.withdraws_after[rows]
    assert (leaves < 274).mean() > 0.4
    answered = cohort.answered[rows]
    assert not (answered >= leaves[:, None]).any()
    log = events_table(trial).to_pandas()
    assert (np.diff(log["day"]) >= 0).all()
    left = log[log["what"] == "withdrew"].set_index("participant")["day"]
    later = log[log["participant"].map(left) < log["day"]]
    assert set(later["what"]) <= {"adverse event reviewed"}
    planned = [(batch.day, row) for batch in trial.plan_log for row in batch.rows]
    entered = cohort.entry + cohort.withdraws_after
    assert all(day <= entered[row] for day, row in planned)


def test_the_shock_lowers_response_after_it():
    before, after = (
        trial_of(
            400, "shock.enabled=true", f"shock.begins={date}", "shock.response_probit=-2.0",
            *KINDS["mcar"],
        )
        for date in ("2021-01-01", "2019-03-08")
    )  # fmt: skip
    plain = trial_of(400, *KINDS["mcar"])
    assert np.array_equal(before.cohort.answered, plain.cohort.answered, equal_nan=True)
    shares = [
        (~np.isnan(trial.cohort.answered[trial.cohort.randomized, 1:])).mean()
        for trial in (after, plain)
    ]
    assert shares[0] < shares[1] - 0.3


def test_the_scores_behind_missing_answers_are_stored(trials):
    trial = trials["mnar"]
    table = missingness_table(trial).to_pandas()
    assert len(table) == 4 * 1500
    assert table["probability"].isna().eq(~table["sent"]).all()
    assert not table.loc[~table["sent"], "answered"].any()
    assert table["rmdq"].notna().all()
    visits = trial.scores["rmdq"][trial.cohort.randomized, 1:].ravel()
    assert np.array_equal(table["answered"], ~np.isnan(visits))


def test_a_normal_course_can_be_missing_not_at_random():
    changes = [
        'followup.missingness="mnar"', "followup.dropout=0.0", "followup.slopes.disability=-0.2",
        "followup.arms.control.response=[0.8, 0.8, 0.8, 0.8]",
        "followup.arms.intervention.response=[0.8, 0.8, 0.8, 0.8]",
    ]  # fmt: skip
    trial = trial_of(800, *changes, name="planned_2018")
    gap, error = silence_gap(trial, 0)
    assert gap > 4.5 * error
    answered = ~np.isnan(trial.cohort.answered[trial.cohort.randomized, 1:])
    spread = np.std(trial.cohort.answer_probability[trial.cohort.randomized, 1:])
    error = np.sqrt(0.16 / 800 + spread**2 / REFERENCE_SIZE)
    assert abs(answered.mean() - 0.8) < 4.5 * error
