"""Common random numbers: a participant has the same draws under every design."""

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.trial import Trial

SIZE = "trial.sample_size=60"


def trial_of(*overrides: str) -> Trial:
    return simulate(load_scenario("selfback_2021", [SIZE, *overrides]), 3)


@pytest.fixture(scope="module")
def base() -> Trial:
    return trial_of()


@pytest.fixture(scope="module", params=["care.relieves=false", "care.relieves=true"])
def with_care(request) -> tuple[str, Trial]:
    return request.param, trial_of(request.param)


@pytest.mark.parametrize(
    "change",
    [
        'recommender.kind="guideline"',
        'recommender.kind="random"',
        "trial.randomization.block_sizes=[2]",
        "arms[0].share=2",
        "trial.randomization.kind=simple",
        (
            'trial.randomization={kind="minimization", factors=["sex"], imbalance="range", '
            "probability=0.9}"
        ),
        "app.quit_hazard=0.5",
    ],
)
def test_a_control_course_does_not_depend_on(with_care, change):
    care, base = with_care
    extra = ["trial.randomization.block_sizes=[6]"] if "share" in change else []
    other = trial_of(care, *extra, change)
    assert np.array_equal(base.cohort.randomized, other.cohort.randomized)
    rows = base.cohort.randomized
    control = rows[(base.cohort.arm[rows] == 0) & (other.cohort.arm[rows] == 0)]
    assert len(control) > 5
    # What contacts relieve depends on pain as it is felt, with the app or without.
    same = control if care == "care.relieves=true" else np.arange(len(base.cohort.patients))
    for name in ("pain", "worst_pain", "pain_relief", "disability", "belief_progress"):
        here, there = (getattr(t.trajectories.natural, name) for t in (base, other))
        assert np.array_equal(here[same], there[same]), name
    for outcome, scores in base.scores.items():
        assert np.array_equal(scores[control], other.scores[outcome][control], equal_nan=True)


def test_another_block_size_does_change_the_arms(base):
    other = trial_of("trial.randomization.block_sizes=[2]")
    rows = base.cohort.randomized
    assert not np.array_equal(base.cohort.arm[rows], other.cohort.arm[rows])


@pytest.mark.parametrize(
    "limit",
    [
        "recruitment.minimum_pain=6",
        'recruitment.minimum_duration=">12 weeks"',
        'recruitment.run_in={kind="questionnaire", days=14, response=0.8}',
        'recruitment.run_in={kind="steps", days=14, needed_days=12}',
    ],
)
def test_people_left_by_limits_or_a_run_in_are_the_same_with_the_same_draws(base, limit):
    blind = 'followup.missingness="mcar"'  # under MAR it depends on when what was reported
    base, narrowed = trial_of(blind), trial_of(blind, limit)
    n = len(base.cohort.patients)
    for trait, values in base.cohort.patients.values.items():
        assert np.array_equal(values, narrowed.cohort.patients.values[trait][:n])
    assert np.array_equal(base.trajectories.natural.kind, narrowed.trajectories.natural.kind[:n])
    both = np.intersect1d(base.cohort.randomized, narrowed.cohort.randomized)
    assert 5 < len(both) < 60
    control = both[(base.cohort.arm[both] == 0) & (narrowed.cohort.arm[both] == 0)]
    assert len(control) > 3
    came = [~np.isnan(trial.cohort.answered[control]) for trial in (base, narrowed)]
    assert np.array_equal(*came)


def test_another_recommender_changes_the_plans_but_not_the_patients(base):
    other = trial_of('recommender.kind="guideline"')
    assert np.array_equal(base.cohort.arm, other.cohort.arm)
    assert not np.array_equal(base.records.capacity, other.records.capacity)
    treated = base.cohort.randomized[base.cohort.arm[base.cohort.randomized] == 1]
    assert np.array_equal(base.cohort.installed[treated], other.cohort.installed[treated])


def test_under_mcar_another_recommender_does_not_change_who_answers():
    blind = 'followup.missingness="mcar"'
    base, other = trial_of(blind), trial_of(blind, 'recommender.kind="guideline"')
    assert np.array_equal(base.cohort.answered, other.cohort.answered, equal_nan=True)


def test_a_cohort_of_60_is_the_first_60_of_a_cohort_of_150(base):
    large = trial_of("trial.sample_size=150")
    first = large.cohort.randomized[:60]
    rows = base.cohort.randomized
    assert np.array_equal(rows, first)
    assert np.array_equal(base.cohort.arm[rows], large.cohort.arm[first])
    assert np.array_equal(base.cohort.entry[rows], large.cohort.entry[first])
    for trait, values in base.cohort.patients.values.items():
        assert np.array_equal(values[rows], large.cohort.patients.values[trait][first])
    control = rows[base.cohort.arm[rows] == 0]
    for outcome, scores in base.scores.items():
        assert np.array_equal(scores[control], large.scores[outcome][control], equal_nan=True)


def test_the_app_arm_too_is_the_same_in_a_larger_cohort_when_nothing_is_learned():
    frozen = 'recommender.retain="never"'
    staff = "app.assistants=50"
    base, large = trial_of(frozen, staff), trial_of(frozen, staff, "trial.sample_size=150")
    rows = base.cohort.randomized
    for outcome, scores in base.scores.items():
        assert np.array_equal(scores[rows], large.scores[outcome][rows], equal_nan=True)


def test_replicates_and_seeds_differ(base):
    base_pain = base.trajectories.natural.pain[:20]
    scenario = load_scenario("selfback_2021", [SIZE])
    assert not np.array_equal(base_pain, simulate(scenario, 4).trajectories.natural.pain[:20])
    other = simulate(scenario.model_copy(update={"seed": 1}), 3)
    assert not np.array_equal(base_pain, other.trajectories.natural.pain[:20])
