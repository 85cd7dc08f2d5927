from dataclasses import replace

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.replicates.analysed import run_replicate
from sim.simulate import counterfactual, counterfactual_unasked, simulate
from sim.tables.true_effects import ADHERERS, ALL, AS_ANSWERED, true_effects

SIZE = "trial.sample_size=80"


def test_a_stated_effect_is_the_truth():
    scenario = load_scenario("planned_2018", [SIZE])
    truth = true_effects(simulate(scenario, 0)).to_pandas()
    everybody = truth[truth["population"] == ALL]
    assert everybody["effect"].to_numpy() == pytest.approx(np.full(4, -2.0))
    assert (everybody["n"] == 80).all()


def test_an_app_that_does_nothing_has_no_true_effect():
    truth = true_effects(simulate(load_scenario("null_effect", [SIZE]), 0)).to_pandas()
    assert (truth["effect"].dropna() == 0).all()
    assert set(truth["outcome"]) >= {"rmdq", "gpe"}


def test_answers_have_an_effect_of_their_own_where_expectation_moves_them():
    truth = true_effects(simulate(load_scenario("unblinded_null_plain", [SIZE]), 0)).to_pandas()
    effects = truth.set_index("population")["effect"]
    assert (effects[ALL] == 0.0).all()
    assert effects[ALL + AS_ANSWERED].to_numpy() == pytest.approx(np.full(4, -0.17 * 5.06))
    same = "reporting.expectation.control.rmdq=0.17"
    both_hope = true_effects(simulate(load_scenario("unblinded_null_plain", [SIZE, same]), 0))
    effects = both_hope.to_pandas().set_index("population")["effect"]
    assert effects[ALL + AS_ANSWERED].to_numpy() == pytest.approx(np.zeros(4))


def test_the_truth_of_a_trial_of_the_unblinded_is_that_on_the_state(small):
    hopes = "reporting.expectation.intervention.rmdq=0.5", "reporting.sd.rmdq=5"
    told, hoping = (
        true_effects(simulate(load_scenario("selfback_2021", [SIZE, *sets]), 0)).to_pandas()
        for sets in ((), hopes)
    )
    answered = hoping["population"].str.endswith(AS_ANSWERED)
    assert told.equals(hoping[~answered].reset_index(drop=True))
    both = hoping[hoping["outcome"] == "rmdq"].groupby(answered)["effect"].mean()
    assert both[True] - both[False] == pytest.approx(-2.5, abs=0.8)
    others = hoping[answered & (hoping["outcome"] != "rmdq")]["effect"].to_numpy()
    state = told[told["outcome"] != "rmdq"]["effect"].to_numpy()
    assert np.array_equal(others, state, equal_nan=True)


def test_the_counterfactual_has_the_same_people_in_the_other_arm():
    # Contacts that relieve depend on pain as it is felt with the app.
    here = simulate(load_scenario("selfback_2021", [SIZE, "care.relieves=false"]), 0)
    there = counterfactual(here)
    rows = here.cohort.randomized
    assert np.array_equal(rows, there.cohort.randomized)
    assert np.array_equal(here.cohort.arm[rows], 1 - there.cohort.arm[rows])
    assert np.array_equal(
        here.trajectories.natural.disability, there.trajectories.natural.disability
    )


def test_adherers_gain_at_least_as_much_as_all(small):
    wide = small.model_copy(update={"trial": small.trial.model_copy(update={"sample_size": 300})})
    truth = true_effects(simulate(wide, 0)).to_pandas()
    rmdq = truth[(truth["outcome"] == "rmdq") & (truth["visit"] == "3 months")]
    by_population = rmdq.set_index("population")["effect"]
    assert by_population[ADHERERS] < by_population[ALL] < 0


def test_the_truth_is_kept_where_it_is_asked_for(small):
    assert "truth" not in run_replicate(small, 0)
    asked = small.model_copy(update={"truth": True})
    assert run_replicate(asked, 0)["truth"].num_rows == 2 * 10 * 4


def test_a_counterfactual_patient_is_advised_from_the_case_base_of_the_trial_as_randomized(small):
    """Two to one, so that the other arms together would learn from another number of people."""
    trial = small.trial.model_copy(update={"sample_size": 60})
    control, app = small.arms
    arms = (control, app.model_copy(update={"share": 2}))
    recommender = small.recommender.model_copy(
        update={"retain": "shared", "retain_above": 0.0, "redundant_above": 1.0}
    )
    scenario = small.model_copy(update={"trial": trial, "arms": arms, "recommender": recommender})
    here = simulate(scenario, 0)
    there = counterfactual_unasked(here)
    start = recommender.seed_cases
    (lessons,) = here.lessons
    assert there.lessons == here.lessons
    known_on = {
        batch.day: start + sum(len(e.outcome) for day, e in lessons if day <= batch.day)
        for batch in there.plan_log
    }
    learned = 0
    for batch in there.plan_log:
        assert batch.plans.cases.max() < known_on[batch.day]
        learned = max(learned, batch.plans.cases.max() - start + 1)
    assert learned > 0
    assert set(here.cohort.randomized[here.cohort.arm[here.cohort.randomized] == 0]) >= {
        row for batch in there.plan_log for row in batch.rows
    }


def test_who_could_not_learn_has_the_same_counterfactual_with_or_without_lessons(small):
    recommender = small.recommender.model_copy(update={"retain": "never"})
    here = simulate(small.model_copy(update={"recommender": recommender}), 0)
    untaught = replace(here, trajectories=replace(here.trajectories, lessons=[()]))
    taught, alone = (counterfactual_unasked(each).scores_when_due() for each in (here, untaught))
    for outcome, scores in taught.items():
        assert np.array_equal(scores, alone[outcome], equal_nan=True)


@pytest.mark.slow
def test_the_truth_of_declared_contrasts_is_kept():
    """A main effect of a plain course: its own effect and half of its interactions."""
    changed = ["trial.sample_size=64", 'factorial.effects."a x b"=2.0', "factorial.effects.c=1.0"]
    table = true_effects(simulate(load_scenario("factorial_power", changed), 0)).to_pandas()
    rows = table.query("population == 'all randomized' and visit == '3 months'")
    effects = rows.set_index("contrast")["effect"]
    assert effects[["a", "b", "c", "a x b", "a x c"]].tolist() == pytest.approx(
        [-2.0, -2.0, 1.0, 1.0, 0.0]
    )
    assert effects["a-b - none"] == pytest.approx(-4.0)
