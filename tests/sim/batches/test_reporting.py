"""Trials at once, in which answers differ from the state, are those by events to the last bit."""

import numpy as np
import pytest

from scenarios.loading.load import load_scenario
from sim.batches.plain import trials_at_once
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

SHARES = "[0.8, 0.9, 0.7, 0.75]"
RESPONSE = (
    f"followup.arms.control.response={SHARES}",
    f"followup.arms.intervention.response={SHARES}",
)
LOSS = ("followup.dropout=0.2", "reporting.disappointment.control.withdrawal=1.79")


@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("reporting.half_life=60.5", "reporting.expectation.control.rmdq=-0.1"),
        ("course.on_scale=true", *LOSS),
        (*RESPONSE, 'followup.missingness="mar"', "followup.slopes.last=-0.1", *LOSS),
        (*RESPONSE, 'followup.missingness="mnar"', "followup.slopes.disability=-0.1"),
    ],
    ids=["hopes", "fading", "scale and loss", "mar", "mnar"],
)
def test_trials_at_once_are_those_by_events(sets):
    scenario = load_scenario("unblinded_null_plain", ["trial.sample_size=60", *sets])
    replicates = (0, 3)
    for number, at_once in zip(replicates, trials_at_once(scenario, replicates), strict=True):
        by_events = trial_data(simulate(scenario, number))
        assert np.array_equal(at_once.arm, by_events.arm)
        for outcome, scores in by_events.scores.items():
            assert np.array_equal(at_once.scores[outcome], scores, equal_nan=True)
            assert np.isfinite(scores).any()


def test_the_shift_is_in_the_scores_that_are_analysed():
    sets = ["trial.sample_size=60"]
    scenario = load_scenario("unblinded_null_plain", sets)
    told = load_scenario("unblinded_null_plain", [*sets, "reporting.expectation.intervention={}"])
    (here,), (there,) = (trials_at_once(each, (1,)) for each in (scenario, told))
    added = here.scores["rmdq"] - there.scores["rmdq"]
    app = here.arm == 1
    assert not added[~app].any()
    assert not added[:, 0].any()
    assert added[app][:, 1:] == pytest.approx(np.full((30, 4), -0.17 * 5.06))
