import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.replicates.analysed import run_replicate
from sim.simulate import simulate
from sim.tables.true_effects import ADHERERS, ALL, true_effects

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


def test_the_flipped_trial_has_the_same_people_in_the_other_arm(small):
    here, there = simulate(small, 0), simulate(small, 0, flipped=True)
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
