import numpy as np
import pytest

from agents.activity import GoalRules, stationary, steps_towards_goal, usual_steps, weekday_factor
from scenarios.loading.load import load_scenario
from scenarios.people.quantiles import values_from_scores


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("selfback_2021")


def test_steps_have_the_persons_mean_and_fall_with_pain(scenario):
    normals = np.random.default_rng(0).standard_normal((2000, 60)).astype(np.float32)
    habitual = np.full((2000, 1), 5000.0)
    usual = usual_steps(scenario.activity, habitual, np.zeros((2000, 60)), normals)
    assert usual.mean() == pytest.approx(5000, rel=0.01)
    in_pain = usual_steps(scenario.activity, habitual, np.full((2000, 60), 3.0), normals)
    assert (in_pain < usual).all()


def test_a_single_day_has_the_intraclass_correlation_that_pedometers_found(scenario):
    persons, days = 4000, 12
    generator = np.random.default_rng(1)
    margin = scenario.population.margins["steps"]
    habitual = values_from_scores(margin, generator.standard_normal(persons))[:, None]
    normals = generator.standard_normal((persons, days)).astype(np.float32)
    factors = [weekday_factor(scenario.activity, day % 7) for day in range(days)]
    steps = usual_steps(scenario.activity, habitual, np.zeros((persons, days)), normals) * factors
    # One-way random effects: ICC(1) of single days.
    within = steps.var(axis=1, ddof=1).mean()
    between = steps.mean(axis=1).var(ddof=1) - within / days
    icc = between / (between + within)
    # The literature has one figure, 0.41; its own uncertainty is larger than ours here (0.01).
    assert icc == pytest.approx(0.41, abs=0.03)
    six_days = 6 * icc / (1 + 5 * icc)
    assert six_days > 0.79


def test_sundays_are_lower_and_the_week_averages_1(scenario):
    factors = [weekday_factor(scenario.activity, day) for day in range(7)]
    assert min(factors) == factors[6]
    assert np.mean(factors) == pytest.approx(1.0)


def test_a_goal_raises_steps_below_it_and_leaves_those_above(scenario):
    goal = np.float32(6000.0)
    rules = GoalRules(np.float32(0.5), np.float32(0.0))
    reaching = rules._replace(reach=np.float32(2000.0))
    assert steps_towards_goal(rules, np.float32(3000.0), goal) == 4500
    assert steps_towards_goal(reaching, np.float32(3000.0), goal) == 5000
    assert steps_towards_goal(reaching, np.float32(4500.0), goal) == 6000
    assert steps_towards_goal(reaching, np.float32(1000.0), goal) == 3500
    for each in (rules, reaching):
        assert steps_towards_goal(each, np.float32(9000.0), goal) == 9000


def test_a_goal_within_reach_is_met_to_the_last_bit():
    generator = np.random.default_rng(3)
    rules = GoalRules(np.float32(0.5), np.float32(3000.0))
    goals = generator.uniform(1500.0, 3000.0, 3000).astype(np.float32)
    usual = goals * generator.uniform(0.05, 0.5, 3000).astype(np.float32)
    assert all(steps_towards_goal(rules, *day) == day[1] for day in zip(usual, goals, strict=True))


def test_days_are_alike_as_stated_and_a_longer_trial_extends_a_shorter_one():
    normals = np.random.default_rng(2).standard_normal((3000, 30)).astype(np.float32)
    days = stationary(normals, 0.4)
    pairs = np.corrcoef(days[:, 10], days[:, 11])[0, 1]
    assert pairs == pytest.approx(0.4, abs=4.5 * (1 - 0.4**2) / np.sqrt(3000))
    assert days[:, 0].std() == pytest.approx(1.0, abs=4.5 / np.sqrt(2 * 3000))
    assert days[:, 29].std() == pytest.approx(1.0, abs=4.5 / np.sqrt(2 * 3000))
    assert np.array_equal(stationary(normals[:, :20], 0.4), days[:, :20])
    assert stationary(normals, 0.0) is normals


def test_nobody_walks_more_than_anybody_can(scenario):
    normals = np.full((1, 3), 5.0, dtype=np.float32)
    bounded = scenario.activity.model_copy(update={"most_steps": 30000.0})
    steps = usual_steps(bounded, np.array([[9000.0]]), np.zeros((1, 3)), normals)
    assert (steps == 30000.0).all()
