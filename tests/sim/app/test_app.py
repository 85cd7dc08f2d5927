"""The app arm from installation to the end: what was done, when, and what it brought."""

import numpy as np
import pytest

from agents.symptoms import LEAD_IN
from recommender.protocol import ATTRIBUTES
from scenarios.loading.load import load_scenario
from sim.app.records import USE
from sim.simulate import simulate
from sim.tables.app_tables import (
    app_weeks_table,
    messages_table,
    plans_table,
    steps_table,
    true_steps_table,
)
from sim.tables.trial_tables import plans_made
from sim.trial import Trial

REPLICATES = 4
SIZE = "trial.sample_size=120"
OFF = "mechanisms_off"


def trial_of(*overrides: str, replicate: int = 2, name: str = "selfback_2021") -> Trial:
    return simulate(load_scenario(name, [SIZE, *overrides]), replicate)


def users(trial: Trial) -> np.ndarray:
    rows = trial.cohort.randomized
    return rows[trial.cohort.installed[rows] < np.iinfo(np.int64).max]


@pytest.fixture(scope="module")
def trial() -> Trial:
    return trial_of()


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    scenario = load_scenario("selfback_2021")
    return [simulate(scenario, replicate) for replicate in range(REPLICATES)]


def test_adherence_is_as_published(trials):
    adherent, allocated = 0, 0
    for trial in trials:
        treated = trial.cohort.arm == 1
        adherent += int((plans_made(trial)[treated] >= 6).sum())
        allocated += int(treated.sum())
    published = 181 / 232
    error = np.sqrt(published * (1 - published) / allocated)
    assert adherent / allocated == pytest.approx(published, abs=3 * error)


def test_over_70_percent_use_the_app_in_over_half_of_the_first_weeks(trials):
    for trial in trials:
        weeks = app_weeks_table(trial).to_pandas()
        used = (
            weeks[weeks["week"] < 13].groupby("participant")["opened"].agg(lambda o: (o > 0).sum())
        )
        assert (used > 6.5).sum() / (trial.cohort.arm == 1).sum() > 0.70


def test_most_make_2_to_14_plans_in_3_months_and_nobody_more(trials):
    for trial in trials:
        plans = plans_table(trial).to_pandas()
        entry = trial.cohort.entry[trial.cohort.randomized][plans["participant"] - 1]
        early = plans[plans["day"] - entry < 92].groupby("participant").size()
        assert early.max() <= 14
        assert (early >= 2).sum() / (trial.cohort.arm == 1).sum() > 0.9


def test_hardly_engaged_users_gain_a_fraction_of_what_users_of_the_trial_gained():
    size = "trial.sample_size=300"
    gains = []
    for name in ("selfback_2021", "low_engagement"):
        some = trial_of(size, name=name)
        none = trial_of(size, "app.never_installed=1.0", name=name)
        here, there = some.scores_when_due()["rmdq"], none.scores_when_due()["rmdq"]
        gains.append((there - here)[some.cohort.arm == 1, 2].mean())
    full, low = gains
    assert full > 0
    assert -0.05 * full <= low < full / 3


def test_nothing_is_done_before_installation_after_quitting_or_in_a_pause(trial):
    cohort = trial.cohort
    done = np.zeros_like(trial.records.use, dtype=bool)
    for what in ("opened", "exercised", "session", "plan"):
        done |= trial.records.did(what)
    column = np.arange(done.shape[1])
    for row in users(trial):
        first = LEAD_IN + cohort.installed[row] - cohort.entry[row]
        assert not done[row, column < first].any()
        assert not done[row, column >= first + cohort.quit_after[row]].any()


def test_pauses_stop_use_and_end():
    pauses = ["app.pause_hazard=0.2", "app.pause_weeks=4.0", "app.quit_hazard=0.0"]
    often = trial_of(*pauses, name=OFF)
    never = trial_of("app.pause_hazard=0.0", "app.quit_hazard=0.0", name=OFF)
    rows = users(often)

    def longest_silence_before_the_last_opening(trial: Trial) -> float:
        silences = []
        for row in rows:
            days = np.flatnonzero(trial.records.did("opened")[row])
            silences.append(np.diff(days).max() if len(days) > 1 else 0)
        return float(np.median(silences))

    assert often.records.did("opened")[rows].sum() < never.records.did("opened")[rows].sum()
    assert longest_silence_before_the_last_opening(often) >= 28
    assert longest_silence_before_the_last_opening(never) < 28


def test_sessions_need_an_opening_and_come_a_week_apart_and_plans_need_a_session(trial):
    opened, session, plan = (trial.records.did(what) for what in ("opened", "session", "plan"))
    assert session.any()
    assert not (session & ~opened).any()
    assert not (plan & ~session).any()
    assert 0 < plan.sum() < session.sum()
    for row in users(trial):
        assert (np.diff(np.flatnonzero(session[row])) >= 7).all()


def test_reading_and_tools_need_an_opening(trial):
    opened = trial.records.did("opened")
    for what in ("read", "goal_setting", "mindfulness", "pain_relief", "sleep_reminders"):
        done = trial.records.did(what)
        assert done.any()
        assert not (done & ~opened).any()


def test_badges_are_given_on_mondays_for_targets_met_in_the_week_before(trial):
    app, records = trial.scenario.app, trial.records
    targets = {
        "badge_exercise": ("exercised", trial.scenario.recommender.sessions_per_week),
        "badge_steps": ("goal_reached", app.badge_step_days),
        "badge_education": ("read", app.badge_readings),
    }
    opens = trial.scenario.trial.opens.weekday()
    for badge, (what, target) in targets.items():
        given, done = records.did(badge), records.did(what).astype(int)
        assert given.any()
        for row, column in np.argwhere(given):
            day = trial.cohort.entry[row] + column - LEAD_IN
            assert (opens + day) % 7 == 0
            assert done[row, column - 7 : column].sum() >= target


def test_messages_without_effect_change_nothing_but_that_they_are_sent():
    # Messages lead nobody away here; where they do, they have an effect.
    without = ("app.notification_logit=0.0", "app.leaving.per_message=0.0")
    silent, idle = trial_of("app.message_gap=100000", *without), trial_of(*without)
    for what in USE:
        if what in {"commended", "encouraged"}:
            assert idle.records.did(what).sum() > silent.records.did(what).sum()
        else:
            assert np.array_equal(idle.records.did(what), silent.records.did(what))
    assert np.array_equal(idle.records.capacity, silent.records.capacity)


def test_tiring_users_open_less_than_users_who_do_not_tire():
    loud = "app.notification_logit=1.5"
    tiring = trial_of(loud, "app.notification_fatigue=1.0")
    untiring = trial_of(loud, "app.notification_fatigue=1e6")
    assert tiring.records.did("opened").sum() < untiring.records.did("opened").sum()


def test_no_opening_no_dose(trial):
    closed = trial_of("app.open_logit=-1000.0")
    assert not closed.records.did("opened").any()
    assert not closed.records.did("exercised").any()
    assert not closed.records.capacity.any()
    assert not closed.records.beliefs.any()
    assert not closed.plan_log


def test_the_recommender_sees_only_steps_that_were_synced():
    def relative_goals(trial: Trial) -> np.ndarray:
        plans = plans_table(trial).to_pandas()
        rise = trial.scenario.recommender.step_rise * plans["progression"]
        return (plans["step_goal"] / (1 + rise)).to_numpy()

    never = [f"step_sources.{name}.sync_delay=1e9" for name in ("mi_band", "other_band", "phone")]
    calm = "recommender.flare_pain=10.0"  # in a flare the goal does not rise
    unseen = trial_of(*never, calm, name=OFF)
    first_steps = unseen.scenario.recommender.first_steps
    assert relative_goals(unseen) == pytest.approx(
        np.full(len(relative_goals(unseen)), first_steps)
    )
    assert np.ptp(relative_goals(trial_of(calm, name=OFF))) > 1000


def test_the_table_of_weeks_counts_what_was_done(trial):
    weeks = app_weeks_table(trial).to_pandas()
    for what in USE:
        assert weeks[what].sum() == trial.records.did(what)[users(trial)].sum()
        assert (weeks[what] <= weeks["days"]).all()
    assert weeks["days"].between(1, 7).all()
    assert (weeks["plan"] <= 1).all()
    assert ((weeks["minutes"] > 0) == (weeks["opened"] > 0)).all()


def test_the_table_of_steps_follows_the_source(trial):
    steps = steps_table(trial).to_pandas()
    walked = true_steps_table(trial).to_pandas()
    assert walked[["participant", "day"]].equals(steps[["participant", "day"]])
    assert (walked["true_steps"] > 0).all()
    assert steps.loc[~steps["worn"], "recorded_steps"].isna().all()
    synced = steps["synced_day"].notna()
    assert steps.loc[synced, "recorded_steps"].notna().all()
    assert (steps["synced_day"] >= steps["day"])[synced].all()
    last = steps.groupby("participant").tail(1).set_index("participant")["source"]
    first = steps.groupby("participant").head(1).set_index("participant")["source"]
    changed = last[last != first]
    assert len(changed) > 0
    assert (changed == "phone").all()


def test_the_table_of_messages_has_a_row_for_each_message_at_most_one_in_the_gap(trial):
    messages = messages_table(trial).to_pandas()
    weeks = app_weeks_table(trial).to_pandas()
    for kind, what in (("commending", "commended"), ("encouraging", "encouraged")):
        assert (messages["kind"] == kind).sum() == weeks[what].sum() > 0
    apart = messages.groupby("participant")["day"].diff().dropna()
    assert apart.min() >= trial.scenario.app.message_gap


def test_the_table_of_plans_has_a_row_for_each_plan(trial):
    plans = plans_table(trial).to_pandas()
    assert len(plans) == trial.records.did("plan").sum()
    assert plans["questions_answered"].between(0, 4).all()
    for name in ATTRIBUTES:
        assert plans[name].between(0, 1).all()
