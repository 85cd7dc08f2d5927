"""Recommenders in a trial: what they know, what they change, and what they do not change."""

from collections.abc import Callable

import numpy as np
import pytest

from recommender.catalogue import load_catalogue
from recommender.protocol import FEATURES, Plans, Requests, check_plans
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim import simulate as simulation
from sim.core.streams import Streams
from sim.recommenders.build import expert_cases
from sim.recommenders.pilot import pilot_trial, successful_cases
from sim.replicates.analysed import run_trial
from sim.simulate import simulate
from sim.tables.app_summaries import plan_summaries
from sim.tables.app_tables import plan_fits_table, plans_table, regret
from sim.trial import Trial

KINDS = ("cbr", "nearest", "static", "guideline", "random", "oracle")
SHIPPED = load_scenario("selfback_2021")


def scenario_of(*overrides: str, name: str = "selfback_2021") -> Scenario:
    return load_scenario(name, ["trial.sample_size=100", "followup.missingness=mcar", *overrides])


def trial_of(*overrides: str, replicate: int = 1, name: str = "selfback_2021") -> Trial:
    return simulate(scenario_of(*overrides, name=name), replicate)


def fits(trial: Trial) -> np.ndarray:
    return np.concatenate([batch.fit for batch in trial.plan_log])


@pytest.fixture(scope="module")
def trials() -> dict[str, Trial]:
    return {kind: trial_of(f"recommender.kind={kind}") for kind in KINDS}


def watched(monkeypatch, watch: Callable[[Requests, Plans], None], *overrides: str) -> None:
    """Simulate a trial and show every evening's requests and plans."""
    build = simulation.build_recommender

    class Watched:
        """Shows what another recommender is asked and what it answers."""

        def __init__(self, recommender):
            self.recommender, self.learn = recommender, recommender.learn

        def recommend(self, requests: Requests) -> Plans:
            plans = self.recommender.recommend(requests)
            watch(requests, plans)
            return plans

    monkeypatch.setattr(simulation, "build_recommender", lambda *given: Watched(build(*given)))
    trial_of(*overrides)


def test_the_oracles_plans_fit_in_full_and_nobodys_fit_better(trials):
    assert regret(fits(trials["oracle"])) == pytest.approx(0.0, abs=1e-12)
    for trial in trials.values():
        fit = fits(trial)
        assert ((fit >= 0.0) & (fit <= 1.0)).all()


def test_advice_from_cases_fits_better_than_the_guideline_and_chance(trials):
    mean = {kind: fits(trial).mean() for kind, trial in trials.items()}
    assert mean["oracle"] > mean["cbr"] > mean["guideline"] > mean["random"]
    assert mean["cbr"] > mean["nearest"]


def test_without_recommender_there_are_sessions_but_no_plans():
    trial = trial_of("recommender.kind=none")
    assert trial.records.did("session").any()
    assert not trial.records.did("plan").any()
    assert not trial.records.did("exercised").any()
    assert not trial.plan_log
    assert plans_table(trial).num_rows == 0
    assert plan_summaries(trial) == []


def test_a_static_plan_is_each_participants_first_plan(trials):
    columns = ["load", "strength_share", "reassurance", "progression", "exercises", "step_goal"]
    plans = plans_table(trials["static"]).to_pandas().groupby("participant")[columns]
    assert (plans.nunique() == 1).all().all()
    assert (
        plans_table(trials["cbr"]).to_pandas().groupby("participant")["load"].nunique() > 1
    ).any()


def test_the_recommender_changes_plans_but_not_participants_or_their_draws(trials):
    first = trials["cbr"]
    for trial in trials.values():
        assert np.array_equal(trial.cohort.randomized, first.cohort.randomized)
        assert np.array_equal(trial.cohort.installed, first.cohort.installed)
        assert np.array_equal(trial.cohort.patients.needs, first.cohort.patients.needs)


@pytest.mark.parametrize("kind", ["cbr", "static", "random"])
def test_every_plan_of_a_trial_can_be_used_and_stays_within_the_participants_limits(
    monkeypatch, kind
):
    catalogue = load_catalogue()
    seen = []

    def watch(asked: Requests, plans: Plans) -> None:
        check_plans(asked, plans, catalogue)
        for row in range(len(asked)):
            exercises = [catalogue.exercises[p] for p in plans.exercises[row] if p >= 0]
            assert exercises
            assert sum(e.minutes for e in exercises) <= asked.available_minutes[row]
            assert not any(e.load_bits & asked.contraindications[row] for e in exercises)
        seen.append(len(asked))

    watched(monkeypatch, watch, f"recommender.kind={kind}")
    assert sum(seen) > 500


def test_the_recommender_gets_only_what_the_app_knows(monkeypatch):
    first: list[float] = []

    def watch(asked: Requests, plans: Plans) -> None:
        known = {name: asked.features[:, column] for column, name in enumerate(FEATURES)}
        new = np.isnan(asked.previous[:, 0])
        assert np.array_equal(np.isnan(known["sessions"]), new)
        seen = ~np.isnan(asked.recent_steps).all(axis=1)
        means = np.nanmean(asked.recent_steps[seen], axis=1)
        assert known["steps"][seen] == pytest.approx(means, rel=1e-5)
        assert ((known["pain"] >= 0) & (known["pain"] <= 10)).all()
        assert ((known["disability"] >= 0) & (known["disability"] <= 24)).all()
        assert set(asked.available_minutes) <= set(SHIPPED.limits.minutes.choices)
        for name in ("sleep", "barriers", "work_load", "stress", "age"):
            assert not np.isnan(known[name]).any()
        first.extend(asked.week[new])

    watched(monkeypatch, watch)
    assert len(first) > 40


def test_cases_are_learned_and_named_only_where_the_scenario_says_so():
    seed_cases = SHIPPED.recommender.seed_cases

    def named(retain: str) -> np.ndarray:
        trial = trial_of(f"recommender.retain={retain}")
        return np.concatenate([batch.plans.cases.ravel() for batch in trial.plan_log])

    assert named("never").max() < seed_cases
    assert named("shared").max() >= seed_cases
    assert named("per_participant").max() >= seed_cases


def test_with_one_app_arm_cases_of_the_arm_are_shared_cases():
    def attributes(retain: str) -> np.ndarray:
        trial = trial_of(f"recommender.retain={retain}")
        return np.concatenate([batch.plans.attributes for batch in trial.plan_log])

    assert np.array_equal(attributes("shared"), attributes("per_arm"))
    assert not np.array_equal(attributes("shared"), attributes("per_participant"))


def test_expert_cases_are_the_same_in_every_replicate_and_more_are_added_at_the_end_of_each_draw():
    scenario = scenario_of()
    features, attributes = expert_cases(scenario, Streams(scenario.seed, 0))
    again, _ = expert_cases(scenario, Streams(scenario.seed, 5))
    assert np.array_equal(features, again, equal_nan=True)
    assert ((attributes >= 0) & (attributes <= 1)).all()
    assert np.isnan(features[:, FEATURES.index("sessions")]).all()


def test_a_pilots_successes_make_a_case_base():
    scenario = scenario_of("recommender.cases_from=pilot", "recommender.pilot_size=40")
    first, second = simulate(scenario, 0), simulate(scenario, 0)
    assert np.array_equal(fits(first), fits(second))
    assert not np.array_equal(fits(first), fits(simulate(scenario_of(), 0)))
    cases = np.concatenate([batch.plans.cases.ravel() for batch in first.plan_log])
    assert cases.min() >= 0
    pilot = pilot_trial(scenario)
    assert pilot.trial.sample_size == 40
    assert pilot.recommender.cases_from == "experts"


def test_a_pilot_without_success_is_reported():
    scenario = scenario_of("recommender.cases_from=pilot")
    with pytest.raises(RuntimeError, match="0 successful cases"):
        successful_cases(scenario, lambda _: [])


def test_a_trial_summarizes_its_plans():
    result = run_trial(scenario_of("truth=true"), 1)
    rows = {name: value for name, _, _, arm, value in result.summaries if arm == "intervention"}
    assert rows["plan fit"] == pytest.approx(fits(result.trial).mean())
    assert rows["plan regret"] == pytest.approx(1.0 - rows["plan fit"])
    told = {name for name, *_ in run_trial(scenario_of(), 1).summaries}
    assert not told & {"plan fit", "plan regret"}


def test_the_table_of_plans_explains_each_of_them(trials):
    plans = plans_table(trials["cbr"]).to_pandas()
    cases = plans["cases"].str.split()
    assert (cases.str.len() == SHIPPED.recommender.neighbours).all()
    weights = plans["case_weights"].str.split().map(lambda row: sum(map(float, row)))
    assert weights.to_numpy() == pytest.approx(1.0, abs=0.005)
    codes = {exercise.code for exercise in load_catalogue().exercises}
    assert set(" ".join(plans["exercises"]).split()) <= codes
    reasons = set("; ".join(plans["revised"]).split("; "))
    assert {"load cut in a flare", "change of load limited", "step goal held in a flare"} <= reasons
    fit = plan_fits_table(trials["cbr"]).to_pandas()
    assert fit[["participant", "day"]].equals(plans[["participant", "day"]])
    assert (fit["regret"].between(0, 1)).all()
    guideline = plans_table(trials["guideline"]).to_pandas()
    assert guideline["similarity"].isna().all()
    assert (guideline["cases"] == "").all()


def test_an_infeasible_plan_fits_less():
    class Stubborn:
        """Asks everybody for the same exercises, allowed or not."""

        def __init__(self, inner):
            self.inner = inner

        def recommend(self, requests):
            plans = self.inner.recommend(requests)
            plans.exercises[:] = [0, 1, 2, 3, 4, 5]
            return plans

        def learn(self, experience):
            pass

    import sim.simulate as module  # noqa: PLC0415

    build = module.build_recommender
    # Where plans do not change what people do, and needs stay, sessions are the same.
    usual = trial_of("recommender.kind=oracle", name="mechanisms_off")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "build_recommender", lambda *given: Stubborn(build(*given)))
        stubborn = trial_of("recommender.kind=oracle", name="mechanisms_off")
    assert fits(usual)[:, 0] == pytest.approx(1.0)
    minutes = sum(exercise.minutes for exercise in load_catalogue().exercises[:6])
    # Nobody has more than 30 minutes, some have 10, and some must not do one or more of the six.
    assert (fits(stubborn)[:, 0] <= max(1.0, 30 / minutes)).all()
    assert 0.2 < fits(stubborn)[:, 0].mean() < 0.95
    assert np.array_equal(fits(usual)[:, 1:], fits(stubborn)[:, 1:])
