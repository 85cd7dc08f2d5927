import numpy as np
import pandas as pd
import pytest

from analysis.report.journal.flow import flow_over_trials
from analysis.report.journal.results import Results
from analysis.report.journal.tables import (
    baseline_over_trials,
    outcomes_over_trials,
    primary_over_trials,
    responses_over_trials,
)
from scenarios.loading.load import load_scenario
from scenarios.targets import load_published
from sim.replicates.analysed import run_replicate

TRIALS = 2


def of(name, *overrides):
    scenario = load_scenario(name, overrides)
    tables = [run_replicate(scenario, replicate) for replicate in range(TRIALS)]
    joined = {
        table: pd.concat([each[table].to_pandas() for each in tables])
        for table in ("summaries", "estimates", "flow")
    }
    # A trial that was changed is compared with no published number; here they are wanted.
    targets = load_published(name).targets if name == "selfback_2021" else ()
    return Results(scenario, joined["summaries"], joined["estimates"], targets), joined["flow"]


@pytest.fixture(scope="module")
def selfback():
    return of("selfback_2021", "trial.sample_size=80")


def cells(table, label):
    return next(row for row in table.rows if row[0].strip() == label)


def test_a_mean_is_that_of_the_trials(selfback):
    found, _ = selfback
    table = baseline_over_trials(found)
    own = found.summaries.query("quantity == 'mean' and outcome == 'age' and arm == 'all'")["value"]
    assert cells(table, "Age, years")[1].startswith(f"{own.mean():.1f} (")
    assert table.heads[2] == "published"
    assert cells(table, "Age, years")[2] == "47.5 (14.7)"


def test_a_ratio_is_of_mean_logarithms_beside_the_published_one(selfback):
    found, _ = selfback
    table = responses_over_trials(found)
    start = next(i for i, row in enumerate(table.rows) if "improved by 4 (gee logistic)" in row[0])
    row = next(row for row in table.rows[start:] if row[0].strip() == "3 months")
    own = found.estimates.query(
        "analysis == 'gee logistic' and outcome == 'rmdq improved by 4' and visit == '3 months' "
        "and contrast == 'log odds ratio'"
    )["estimate"]
    assert row[3].startswith(f"{np.exp(own.mean()):.2f} (")
    assert row[4] == "1.76 (1.15 to 2.70)"


def test_differences_stand_beside_the_published_ones(selfback):
    found, _ = selfback
    row = next(row for row in outcomes_over_trials(found).rows if row[0].strip() == "3 months")
    assert row[-1] == "-0.79 (-1.51 to -0.06)"
    assert cells(primary_over_trials(found), "3 months (primary)")[1] == row[-2]


def test_the_flow_is_in_order_with_what_was_published(selfback):
    found, flow = selfback
    before, by_arm = flow_over_trials(flow, found.scenario.arms, found.targets)
    assert before.rows[0][0] == "Interested"
    assert cells(before, "Randomized")[1:] == ("80", "461")
    assert by_arm.heads[1:] == (
        "Control", "Control, published", "Intervention", "Intervention, published",
    )  # fmt: skip
    assert cells(by_arm, "Allocated")[2] == "229"


@pytest.mark.parametrize("name", ["knee_koos", "depression_phq9"])
def test_another_trial_has_its_own_words_alone(name):
    found, flow = of(name, "trial.sample_size=60")
    made = (baseline_over_trials, outcomes_over_trials, responses_over_trials, primary_over_trials)
    tables = [make(found) for make in made] + flow_over_trials(flow, found.scenario.arms)
    told = str(tables).lower()
    for word in ("back", "rmdq", "wristband", "published"):
        assert word not in told


def test_every_arm_and_contrast_has_columns():
    found, _ = of("three_arms", "trial.sample_size=90")
    heads = outcomes_over_trials(found).heads
    for arm in found.scenario.arms:
        assert arm.label in heads
    assert sum("difference (95% range)" in head for head in heads) == 2
