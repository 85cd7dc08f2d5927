import sys

import pytest

from scenarios.errors import InputError
from sim.replicates.analysed import run_trial
from sim.simulate import simulate
from sim.study.executors import DaskExecutor, JoblibExecutor
from sim.tables.app_summaries import replaced_plans

FAILURES = {
    "Raises": "making plans: recommend raised LookupError: no idea",
    "Late": "making plans: recommend: no answer within 0.1 s",
    "Unknown": "has attribute load nan, must be 0 to 1",
    "Outside": "but the catalogue has 0 to",
    "TooFew": "attributes: 0 answers to 1 requests",
    "Nothing": "the answer is NoneType, not Plans",
}


@pytest.fixture
def team(scenario):
    """Read the quick trial with a recommender of the team."""
    return lambda name, *more: scenario(f"recommenders_of_a_team:{name}", *more)


@pytest.mark.slow
def test_a_module_of_the_folder_is_found_by_every_worker(folder, team, study):
    run = team("Shifted")
    alone = study(folder / "alone", run, JoblibExecutor(1), 6)
    assert alone["failures"].num_rows == 0
    mean = alone["estimates"].to_pandas().groupby("replicate")["sum"].mean()
    assert mean.nunique() == 6  # each replicate has a generator of its own
    for executor in (JoblibExecutor(2), DaskExecutor(1)):
        assert study(folder / executor.name, run, executor, 6) == alone


@pytest.mark.parametrize(("name", "reason"), FAILURES.items())
def test_a_failure_is_a_row_with_its_reason_and_the_study_continues(
    folder, name, reason, team, study
):
    run = team(name, "recommender.plugin.timeout=0.1")
    failures = study(folder / "study", run, JoblibExecutor(1))["failures"].to_pylist()
    assert [(row["replicate"], row["stage"]) for row in failures] == [
        (0, "recommender"),
        (1, "recommender"),
    ]
    assert reason in failures[0]["reason"]
    assert "\n" not in failures[0]["reason"]


@pytest.mark.parametrize("name", FAILURES)
def test_the_fallback_replaces_a_failing_recommender_and_is_counted(folder, name, scenario, team):
    fallback = "recommender.on_failure=fallback"
    trial = simulate(team(name, fallback, "recommender.plugin.timeout=0.1"), 0)
    guideline = simulate(scenario("guideline"), 0)
    assert replaced_plans(trial) == sum(len(batch.rows) for batch in trial.plan_log) > 0
    for ours, theirs in zip(trial.plan_log, guideline.plan_log, strict=True):
        assert (ours.plans.attributes == theirs.plans.attributes).all()
        assert (ours.plans.exercises == theirs.plans.exercises).all()


def test_the_fallbacks_are_in_the_summaries(folder, team):
    trial = run_trial(team("Raises", "recommender.on_failure=fallback", "trial.sample_size=60"), 0)
    rows = [row for row in trial.summaries if row[0] == "plans by the fallback"]
    assert [row[4] for row in rows] == [replaced_plans(trial.trial)]


def test_a_recommender_that_cannot_learn_fails_or_continues_without(folder, team, study):
    failures = study(folder / "study", team("CannotLearn"), JoblibExecutor(1))["failures"]
    assert "learning: learn raised LookupError: too hard" in failures["reason"][0].as_py()
    trial = simulate(team("CannotLearn", "recommender.on_failure=fallback"), 0)
    assert replaced_plans(trial) == 0


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("no_module_of_ours:Mine", "there is no module 'no_module_of_ours'"),
        ("recommenders_of_a_team:Mine", "recommenders_of_a_team has no 'Mine'"),
        ("recommenders_of_a_team:broken", "cannot be created: LookupError: not today"),
        ("recommenders_of_a_team:time.sleep", "cannot be created: TypeError"),
        ("recommenders_of_a_team:np.pi", "is float, must be a class or function"),
        ("recommenders_of_a_team:dict", "recommenders_of_a_team has no 'dict'"),
    ],
)
def test_a_missing_recommender_is_reported_before_any_replicate(
    folder, kind, reason, scenario, study
):
    for on_failure in ("fail", "fallback"):
        run = scenario(kind, f"recommender.on_failure={on_failure}")
        with pytest.raises(InputError, match=reason) as caught:
            study(folder / "study", run, JoblibExecutor(2))
        assert "\n" not in str(caught.value)
    assert not (folder / "study").exists()


def test_a_built_in_recommender_imports_no_other_code(folder, monkeypatch, scenario):
    monkeypatch.setattr("sim.recommenders.own.find_factory", pytest.fail)
    simulate(scenario("guideline"), 0)
    assert "recommenders_of_a_team" not in sys.modules
