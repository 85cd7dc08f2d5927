"""Small made-up trials for tests of what the data tell: the fixture ``made``."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.data.estimates import Estimate
from analysis.data.trial_data import TrialData
from analysis.plan.analyse import analyse
from scenarios.analyses.plan import AnalysisPlan
from scenarios.loading.load import load_scenario

VISITS = ("baseline", "6 weeks", "3 months", "9 months")
ALL = ("mmrm", "mmrm constrained", "ancova", "t-test on change", "clda reml")


def trial(n: int = 80, seed: int = 1) -> TrialData:
    """One score at four visits, a fifth of the follow-ups missing, and two covariates."""
    rng = np.random.default_rng(seed)
    person = rng.normal(12.0, 3.0, (n, 1))
    scores = np.round(person - [0.0, 2.0, 4.0, 4.5] + rng.normal(0.0, 3.0, (n, 4)))
    scores[:, 1:][rng.random((n, 3)) < 0.2] = np.nan
    return TrialData(
        participant=np.arange(n),
        arm=rng.permutation(np.arange(n) % 2),
        visits=VISITS,
        scores={"rmdq": scores},
        traits={"age": rng.normal(50.0, 10.0, n), "clinician": rng.integers(0, 3, n)},
        levels={"clinician": ("a", "b", "c")},
        plans_made=np.full(n, 9),
        outcomes=load_scenario("selfback_2021").scales,
        arms=load_scenario("selfback_2021").arms,
        covariates={},
    )


def plan(**changed: object) -> AnalysisPlan:
    """The shipped plan on that score."""
    update = {
        "continuous": ("rmdq",), "covariates": ("clinician", "age"), "responder_points": (4,),
        "secondary_response": {}, "secondary_level": {}, "alternatives": ALL, "imputations": 5,
    }  # fmt: skip
    return load_scenario("selfback_2021").analysis.model_copy(update=update | changed)


def estimates(data: TrialData, **changed: object) -> dict[tuple[str, str, str], Estimate]:
    """Run the plan; estimates by analysis, visit and contrast."""
    found = analyse(data, plan(**changed), np.random.default_rng(1)).estimates
    return {(e.analysis, e.visit, e.contrast): e for e in found}


def without(data: TrialData, members: np.ndarray, *visits: str) -> TrialData:
    """Return the data without the scores of some participants at some visits."""
    scores = data.scores["rmdq"].copy()
    for visit in visits:
        scores[members, data.visits.index(visit)] = np.nan
    return replace(data, scores={"rmdq": scores})


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(trial=trial, plan=plan, estimates=estimates, without=without)
