"""What a trial asks of compiled loops: nothing where they are not needed, never another result."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SMALL_TRIAL = """
import sys
import numpy as np
from scenarios.loading.load import load_scenario
from sim.simulate import simulate

# Answers and reasons as stated, for which no reference trial is needed.
small = [f"trial.sample_size={sys.argv[2]}", "followup.missingness=mcar", "followup.reasons={}",
         "recommender.seed_cases=30", "recommender.capacity=40", "recommender.missing=left_out",
         "care.relieves=true",
         "reporting.disappointment.control.contacts=1.55", "step_sources.mi_band.adds=1500",
         "step_sources.mi_band.adds_half_life=90"]
trial = simulate(load_scenario("selfback_2021", small), 3)
plans = [batch.plans for batch in trial.plan_log]
care = trial.care()
np.savez(
    sys.argv[1],
    **trial.scores,
    contacts=care.contacts,
    away=care.spells.day,
    days_away=care.spells.days,
    use=trial.records.use,
    steps=trial.records.true_steps,
    capacity=trial.records.capacity,
    relief=trial.records.disability_relief,
    attributes=np.concatenate([plan.attributes for plan in plans]),
    exercises=np.concatenate([plan.exercises for plan in plans]),
    similarity=np.concatenate([plan.similarity for plan in plans]),
    goal=np.concatenate([plan.step_goal for plan in plans]),
    cases=np.concatenate([plan.cases for plan in plans]),
)
"""
PLAIN_TRIAL = """
import sys
import sim.study.runner
from scenarios.loading.load import load_scenario
from sim.simulate import simulate

simulate(load_scenario("planned_2018"), 0)
slow = {"numba", "scipy.stats", "scipy.signal"} & set(sys.modules)
assert not slow, slow
"""


def run(script: str, *arguments: str, **environment: str) -> None:
    """Run a script in a process of its own."""
    root = str(Path(__file__).parents[2])
    subprocess.run(  # noqa: S603 - its own Python
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": root} | environment,
        check=True,
    )


@pytest.mark.parametrize(
    ("size", "plans"), [(6, 20), pytest.param(24, 100, marks=pytest.mark.slow)]
)
def test_a_trial_in_plain_python_is_the_same_to_the_last_digit(tmp_path, size, plans):
    for disabled in ("0", "1"):
        out = tmp_path / f"{disabled}.npz"
        run(SMALL_TRIAL, str(out), str(size), NUMBA_DISABLE_JIT=disabled)
    compiled, python = (np.load(tmp_path / f"{disabled}.npz") for disabled in ("0", "1"))
    assert compiled.files == python.files
    assert compiled["attributes"].shape[0] > plans
    for name in compiled.files:
        assert np.array_equal(compiled[name], python[name], equal_nan=True), name


def test_a_plain_trial_waits_for_nothing_that_it_does_not_need():
    run(PLAIN_TRIAL)
