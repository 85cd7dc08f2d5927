"""Usual care in a trial: what is recorded of it, and what it changes where contacts relieve."""

import numpy as np
import pandas as pd
import pytest

from agents.symptoms import LEAD_IN
from scenarios.loading.load import load_scenario
from scenarios.people.care import CONTACT_KINDS
from scenarios.schema import Scenario
from sim.replicates.analysed import data_tables, run_trial
from sim.simulate import counterfactual_unasked, simulate, simulate_unasked
from sim.study.designs.null import DOSES, null_overrides
from sim.tables.care_tables import care_by_arm, care_summary, care_table
from sim.tables.trial_tables import participants_table, trial_data
from sim.tables.true_effects import true_effects
from sim.trial import Trial

SIZE = "trial.sample_size=150"
NO_RELIEF = tuple(f"care.{kind}.relief=0.0" for kind in CONTACT_KINDS)
NO_DOSE = tuple(f"pathway.{dose}=0.0" for dose in DOSES)


def read(*overrides: str) -> Scenario:
    return load_scenario("selfback_2021", [SIZE, *overrides])


def without_care(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"care": None})


def care_of(trial: Trial) -> pd.DataFrame:
    """Return a trial's table of care, with each participant's arm."""
    table = care_table(trial)
    assert table is not None
    frame = table.to_pandas()
    rows = trial.cohort.randomized
    return frame.assign(arm=trial.cohort.arm[rows[frame["participant"] - 1]])


@pytest.fixture(scope="module")
def base() -> Trial:
    return simulate(read(), 2)


def test_care_that_is_recorded_changes_no_other_table():
    scenario = read("care.relieves=false", "truth=true", "trial.sample_size=60")
    found, bare = run_trial(scenario, 1), run_trial(without_care(scenario), 1)
    with_care, without = found.data_tables(), bare.data_tables()
    assert set(with_care) - set(without) == {"care"}
    for name, table in without.items():
        assert table.equals(with_care[name]), name
    results = found.result_tables()
    for name, table in bare.result_tables().items():
        assert table.equals(results[name]), name


def test_a_row_is_a_contact_or_a_spell(base):
    care = care_of(base)
    assert set(care["kind"]) == {*CONTACT_KINDS, "sick_leave"}
    last = base.scenario.trial.visits[-1].day
    spells = care["kind"] == "sick_leave"
    assert care.loc[~spells, "day"].between(1, last).all()
    assert care.loc[~spells, "days"].isna().all()
    assert (care.loc[spells, "day"] >= 0).all()
    assert (care.loc[spells, "day"] + care.loc[spells, "days"] <= last + 1).all()
    cost = base.scenario.care.sick_leave.cost_per_day
    assert (care.loc[spells, "cost"] == cost * care.loc[spells, "days"]).all()
    for kind, each in zip(CONTACT_KINDS, base.scenario.care.kinds, strict=True):
        assert (care.loc[care["kind"] == kind, "cost"] == each.cost).all()
    assert care[["participant", "day"]].apply(tuple, axis=1).is_monotonic_increasing


def test_sick_leave_is_of_the_employed_alone(base):
    care = care_of(base)
    away = care.loc[care["kind"] == "sick_leave", "participant"].unique()
    assert len(away) > 10
    people = participants_table(base, trial_data(base)).to_pandas().set_index("participant")
    assert set(people["employment"]) == {"full-time", "other"}
    assert set(people.loc[away, "employment"]) == {"full-time"}


def test_a_year_of_usual_care_has_the_published_imaging_and_sick_leave():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=1500", "trial.visits.3.day=365"])
    trial = simulate_unasked(scenario, 0)
    by = {(each.quantity, each.arm): each.amounts for each in care_by_arm(trial)}
    imaging = by["any imaging", "control"]
    assert imaging.mean() == pytest.approx(0.34, abs=3.0 * 0.5 / np.sqrt(len(imaging)))
    away = np.concatenate([by["on sick leave at baseline", arm] for arm in scenario.arm_names])
    assert away.mean() == pytest.approx(0.25, abs=3.0 * 0.5 / np.sqrt(len(away)))


def test_another_clinician_has_other_rates():
    scenario = read("trial.sample_size=600", "care.imaging.ratios.clinician.physiotherapist=0.0")
    trial = simulate_unasked(scenario, 0)
    care = care_of(trial)
    rows = trial.cohort.randomized
    levels = [stratum.levels["clinician"] for stratum in scenario.trial.strata]
    clinician = np.array(levels)[trial.cohort.stratum[rows]]
    imaged = clinician[care.loc[care["kind"] == "imaging", "participant"] - 1]
    assert len(imaged) > 50
    assert "physiotherapist" not in imaged
    manual = clinician[care.loc[care["kind"] == "manual_therapy", "participant"] - 1]
    by_chiropractor = (manual == "chiropractor").sum() / (clinician == "chiropractor").sum()
    by_gp = (manual == "general_practitioner").sum() / (clinician == "general_practitioner").sum()
    assert by_chiropractor > 3.0 * by_gp


@pytest.mark.parametrize("relieves", [False, True])
def test_a_ratio_of_the_app_acts_in_the_app_arm_alone_and_while_it_is_used(relieves):
    acting = f"care.relieves={str(relieves).lower()}"
    plain, fewer = (
        simulate_unasked(read(acting, *more), 2)
        for more in ((), ("care.advice.app_ratio=0.0", "care.imaging.app_ratio=3.0"))
    )
    here, there = care_of(plain), care_of(fewer)
    control = [frame.query("arm == 0").reset_index(drop=True) for frame in (here, there)]
    pd.testing.assert_frame_equal(*control)
    count = pd.concat([here, there], keys=["plain", "fewer"], names=["trial"]).query("arm == 1")
    number = count.groupby(["trial", "kind"]).size()
    assert number["fewer", "advice"] < number["plain", "advice"]
    assert number["fewer", "imaging"] > number["plain", "imaging"]
    row = fewer.cohort.randomized[there.loc[there["kind"] == "advice", "participant"] - 1]
    day = there.loc[there["kind"] == "advice", "day"].to_numpy()
    since = fewer.cohort.entry[row] + day - fewer.cohort.installed[row]
    # Who has the app is seen on the Sunday before a week.
    used = (since >= 7) & (since < fewer.cohort.quit_after[row])
    assert not used[fewer.cohort.arm[row] == 1].any()


def test_contacts_that_relieve_nothing_are_the_same_on_the_clock_and_afterwards():
    quiet = read("care.relieves=false", "course.usual_care.relief_per_contact=0.0")
    afterwards = simulate(quiet, 2)
    on_the_clock = simulate(read("care.relieves=true", *NO_RELIEF), 2)
    assert care_table(afterwards).equals(care_table(on_the_clock))
    for name in ("pain", "worst_pain", "pain_relief", "disability", "belief_progress"):
        one, other = (getattr(t.trajectories.natural, name) for t in (afterwards, on_the_clock))
        assert np.array_equal(one, other), name
    for outcome, scores in afterwards.scores.items():
        assert np.array_equal(scores, on_the_clock.scores[outcome], equal_nan=True)


def test_contacts_that_relieve_leave_baseline_and_ease_who_had_them():
    nothing = simulate_unasked(read("care.relieves=true", *NO_RELIEF), 2)
    relief = simulate_unasked(read("care.relieves=true", *NO_DOSE, "care.advice.relief=0.2"), 2)
    rows = relief.cohort.randomized
    until = LEAD_IN + 1 + relief.scenario.trial.visits[-1].day
    before, after = (t.trajectories.natural.pain[rows, :until] for t in (nothing, relief))
    assert np.array_equal(before[:, : LEAD_IN + 1], after[:, : LEAD_IN + 1])
    assert (after <= before).all()
    care = care_of(relief)
    treated = care["kind"].isin(["advice", "manual_therapy", "supervised_exercise"])
    treated &= care["day"] < relief.scenario.trial.visits[-1].day  # relief is from the day after
    had = np.isin(np.arange(1, len(rows) + 1), care.loc[treated, "participant"])
    assert 0 < (~had).sum() < len(rows)
    assert np.array_equal(before[~had], after[~had])
    assert (after[had, -1] < before[had, -1])[before[had, -1] > 0.0].all()


def test_synergy_and_a_ratio_are_effects_of_the_app_where_contacts_relieve():
    acting = ("care.relieves=true", *NO_DOSE)

    def effect(*overrides: str) -> float:
        found = true_effects(simulate(read(*acting, *overrides), 2)).to_pandas()
        one = found.query("population == 'all randomized' and outcome == 'rmdq'")
        return float(one.set_index("visit")["effect"]["9 months"])

    assert effect() == 0.0
    assert effect("care.synergy=3.0") < 0.0
    assert effect("care.advice.app_ratio=3.0", "care.manual_therapy.app_ratio=3.0") < 0.0


def test_a_life_in_the_other_arm_has_the_same_draws_of_care():
    trial = simulate(read(*NO_DOSE), 2)
    other = counterfactual_unasked(trial)
    assert (trial.cohort.arm != other.cohort.arm)[trial.cohort.randomized].all()
    assert care_table(trial).equals(care_table(other))


def test_care_of_one_kind_does_not_move_that_of_others(base):
    other = simulate_unasked(read("care.imaging.per_week=1.0"), 2)
    here, there = care_of(base), care_of(other)
    unmoved = [frame[frame["kind"] != "imaging"].reset_index(drop=True) for frame in (here, there)]
    pd.testing.assert_frame_equal(*unmoved)


def test_a_longer_follow_up_has_the_same_care_until_then(base):
    longer = simulate_unasked(read("trial.visits.3.day=300"), 2)
    here, there = (care_of(trial).query("kind != 'sick_leave'") for trial in (base, longer))
    until = there[there["day"] <= base.scenario.trial.visits[-1].day]
    pd.testing.assert_frame_equal(here.reset_index(drop=True), until.reset_index(drop=True))


def test_a_trial_that_was_stopped_has_no_later_care(base):
    closes = base.recruitment_days + 30.0
    stopped = simulate(base.scenario, 2, closes=np.ceil(closes))
    care = care_of(stopped)
    entry = stopped.cohort.entry[stopped.cohort.randomized][care["participant"] - 1]
    days = care["days"].fillna(1)
    assert (entry + care["day"] + days <= stopped.cohort.closes).all()
    whole = care_of(base)
    assert 0 < len(care) < len(whole)
    assert care_summary(stopped).title.endswith(", or until the trial was stopped")
    assert care_summary(base).title.endswith(" the last visit")


def test_a_normal_course_has_no_care():
    trial = simulate(load_scenario("null_exchangeable", ["trial.sample_size=40"]), 0)
    assert trial.care() is None
    assert care_by_arm(trial) == []
    assert "care" not in data_tables(trial, trial_data(trial))


def test_means_by_arm_are_those_of_the_table(base):
    care = care_of(base)
    rows = base.cohort.randomized
    for each in care_by_arm(base):
        code = base.scenario.arm_names.index(each.arm)
        mine = care[care["arm"] == code]
        if each.quantity in CONTACT_KINDS:
            assert each.amounts.sum() == (mine["kind"] == each.quantity).sum()
            assert len(each.amounts) == (base.cohort.arm[rows] == code).sum()
        if each.quantity == "days of sick leave":
            assert each.amounts.sum() == mine["days"].sum()
        if each.quantity == "cost of sick leave":
            away = mine["kind"] == "sick_leave"
            assert each.amounts.sum() == pytest.approx(mine.loc[away, "cost"].sum())


def test_the_null_of_care_that_relieves_has_no_effect():
    scenario = read("care.relieves=true", "care.synergy=2.0", "care.advice.app_ratio=2.0")
    null = load_scenario("selfback_2021", [SIZE, "care.relieves=true", *null_overrides(scenario)])
    truth = true_effects(simulate(null, 0)).to_pandas()
    assert (truth["effect"].dropna() == 0.0).all()
