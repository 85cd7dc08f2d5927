"""Who counts as a responder, worked by hand."""

import numpy as np
import pytest

from analysis.data.trial_data import TrialData
from analysis.describe.summaries import describe
from analysis.plan.analyse import analyse
from analysis.plan.responses.definitions import Response, ordered_categories, secondary_responses
from analysis.report.response_tables import secondary_table
from analysis.report.tables import category_table
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

OUTCOMES = load_scenario("selfback_2021").scales


def small_trial(**scores):
    n = 4
    return TrialData(
        participant=np.arange(n),
        arm=np.array([0, 0, 1, 1]),
        visits=("baseline", "later"),
        scores={name: np.array(values, dtype=float).T for name, values in scores.items()},
        traits={},
        levels={},
        plans_made=np.zeros(n),
        outcomes=OUTCOMES,
        arms=load_scenario("selfback_2021").arms,
        covariates={},
    )


@pytest.fixture(scope="module")
def shipped():
    scenario = load_scenario("selfback_2021", ["trial.sample_size=200"])
    return scenario.analysis, trial_data(simulate(scenario, 0))


def test_improvement_is_in_the_direction_that_is_better():
    data = small_trial(rmdq=[[10, 10, 10, 10], [6, 7, 14, np.nan]], pseq=[[10] * 4, [18, 17, 2, 8]])
    lower = Response(OUTCOMES["rmdq"], 4.0, since_baseline=True).met(data)
    np.testing.assert_array_equal(lower[:, 0], [1, 0, 0, np.nan])
    higher = Response(OUTCOMES["pseq"], 8.0, since_baseline=True).met(data)
    np.testing.assert_array_equal(higher[:, 0], [1, 0, 0, 0])


def test_a_level_is_reached_in_the_direction_that_is_better():
    data = small_trial(sgpals=[[1] * 4, [2, 3, 4, np.nan]], rmdq=[[10] * 4, [4, 5, 3, 24]])
    active = Response(OUTCOMES["sgpals"], 3.0, since_baseline=False)
    np.testing.assert_array_equal(active.met(data)[:, 0], [0, 1, 1, np.nan])
    assert active.name == "sgpals at least 3"
    well = Response(OUTCOMES["rmdq"], 4.0, since_baseline=False)
    np.testing.assert_array_equal(well.met(data)[:, 0], [1, 0, 1, 0])
    assert well.name == "rmdq at most 4"


def test_an_outcome_without_a_baseline_needs_none():
    data = small_trial(gpe=[[np.nan] * 4, [2, 1, np.nan, -5]])
    response = Response(OUTCOMES["gpe"], 2.0, since_baseline=False)
    np.testing.assert_array_equal(response.met(data)[:, 0], [1, 0, np.nan, 0])


def test_rounding_does_not_cost_a_response():
    data = small_trial(eq_5d=[[0.62] * 4, [0.70, 0.699, 0.701, 0.7]])
    met = Response(OUTCOMES["eq_5d"], 0.08, since_baseline=True).met(data)
    np.testing.assert_array_equal(met[:, 0], [1, 0, 1, 1])


def test_the_plan_yields_odds_ratios_and_risk_differences_of_every_response(shipped):
    plan, data = shipped
    estimates = analyse(data, plan, np.random.default_rng(1)).estimates
    for response in secondary_responses(plan, data):
        mine = [e for e in estimates if e.outcome == response.name]
        contrasts = [e.contrast for e in mine]
        assert contrasts.count("log odds ratio") == 4
        assert contrasts.count("risk difference") == 4
        assert len(mine) == 4 + 7 + 4


def test_odds_ratios_without_covariates_are_those_of_the_table(shipped):
    """With everybody answering, the model is saturated in arm and visit: plain odds ratios."""
    plan, data = shipped
    whole = data.take(~np.isnan(data.scores["sgpals"]).any(axis=1))
    bare = plan.model_copy(update={"covariates": ()})
    estimates = analyse(whole, bare, np.random.default_rng(1), ("gee logistic",)).estimates
    found = {e.visit: e for e in estimates
             if e.outcome == "sgpals at least 3" and e.contrast == "log odds ratio"}  # fmt: skip
    assert len(found) == 4
    for column, visit in enumerate(data.visits[1:], start=1):
        active = whole.scores["sgpals"][:, column] >= 3
        shares = [active[whole.arm == arm].mean() for arm in (0, 1)]
        odds = [share / (1 - share) for share in shares]
        assert found[visit].estimate == pytest.approx(np.log(odds[1] / odds[0]), abs=1e-8)


def test_levels_of_ordered_categories_add_up(shipped):
    plan, data = shipped
    assert ordered_categories(plan, data) == {"sgpals": (1.0, 2.0, 3.0, 4.0)}
    rows = describe(data, plan, analyse(data, plan, np.random.default_rng(1), ()))
    for arm in ("all", "control", "intervention"):
        for visit in data.visits:
            shares = [row[4] for row in rows
                      if row[0].startswith("level ") and row[2:4] == (visit, arm)]  # fmt: skip
            assert len(shares) == 4
            assert sum(shares) == pytest.approx(1.0)
    printed = category_table(data, plan).rows
    assert printed[1] == ("  baseline", *(f"n = {(data.arm == arm).sum()}" for arm in (0, 1)))
    assert len(printed) == 1 + 5 * 5


def test_the_table_of_other_responses_counts_who_answered(shipped):
    plan, data = shipped
    analysis = analyse(data, plan, np.random.default_rng(1), ("gee logistic", "gee poisson"))
    rows = secondary_table(data, plan, analysis).rows
    label = "Global perceived effect, at least 2, n = "
    start = next(i for i, row in enumerate(rows) if row[0].startswith(label))
    later = data.scores["gpe"][data.arm == 0, 1]
    seen = later[~np.isnan(later)]
    count = (seen >= 2).sum()
    assert rows[start + 1][1] == f"{count}/{len(seen)} ({100 * count / len(seen):.0f})"
    assert rows[start + 1][5].startswith("NN")
