"""A trial that is over leaves no memory to the garbage collector."""

import gc
import weakref

import pytest

from scenarios.loading.load import load_scenario
from sim.simulate import simulate


@pytest.mark.parametrize("closes", [float("inf"), 60])
def test_a_trial_is_freed_at_once(closes):
    scenario = load_scenario("selfback_2021", ["trial.sample_size=40", "followup.missingness=mcar"])
    gc.disable()
    try:
        trial = simulate(scenario, 0, closes=closes)
        pain, use = weakref.ref(trial.trajectories.natural.pain), weakref.ref(trial.records.use)
        del trial
        assert pain() is None
        assert use() is None
    finally:
        gc.enable()
