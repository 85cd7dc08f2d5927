"""Trials of three and four arms, each simulated once."""

from pathlib import Path

import pytest

from scenarios.loading.load import load_scenario
from sim.replicates.analysed import AnalysedTrial, run_trial
from sim.simulate import all_counterfactuals, simulate
from sim.trial import Trial

HERE = Path(__file__).parent
FEW = ["trial.sample_size=48", "followup.missingness=mcar", "truth=true"]
"""Mechanisms, and participants enough for every arm; no reference trial is needed."""


@pytest.fixture(scope="session")
def with_band() -> AnalysedTrial:
    """Usual care, a wristband alone, and the app."""
    return run_trial(load_scenario(HERE / "three_arms.toml", FEW), 0)


@pytest.fixture(scope="session")
def in_all_arms() -> tuple[Trial, ...]:
    """The same trial, and everybody in the other two arms."""
    trial = simulate(load_scenario(HERE / "three_arms.toml", FEW), 0)
    return trial, *all_counterfactuals(trial)


@pytest.fixture(scope="session", params=["three_arms_plain", "four_arms_plain"])
def plain(request) -> AnalysedTrial:
    """A plain course in three arms, and in four of unequal shares."""
    return run_trial(load_scenario(HERE / f"{request.param}.toml"), 0)
