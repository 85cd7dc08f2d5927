"""Each estimator beside statsmodels, and beside lme4 and nlme where R has them, on one trial.

All in turns on the same data and the same core, so that the ratio of two medians means something.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import reference_plan as reference
from turns import Call, seconds

from analysis.estimators.clda import fit_random_intercept, fit_random_intercept_batch
from analysis.estimators.clustered_design import ClusteredDesign
from analysis.estimators.gee import fit_gee
from analysis.estimators.imputed.chains import impute_normal
from analysis.estimators.mmrm import fit_mmrm
from analysis.plan.analyse import analyse
from analysis.plan.design_matrix import LongData, covariate_matrix, long_data
from analysis.plan.longitudinal import outcome_layout
from analysis.plan.responses.definitions import Response
from analysis.plan.responses.ratios import response_layouts
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

OURS, STATSMODELS = "ours", "statsmodels"
CLDA = "cLDA, ML"
_SLOW_TURNS = 3
"""Turns of what takes seconds."""
_R_SCRIPT = Path(__file__).parent / "mixed_models.R"


def measured(turns: int) -> dict[str, dict[str, float]]:
    """Return median milliseconds by estimator and tool; a tool that lacks one is left out."""
    found = {}
    for name, (ours, theirs, slow) in _pairs().items():
        repeats = min(turns, _SLOW_TURNS) if slow else turns
        ours()
        mine, other = [], []
        for _ in range(repeats):
            mine.append(seconds(ours))
            if theirs is not None:
                other.append(seconds(theirs))
        found[name] = {OURS: _milliseconds(mine)}
        if other:
            found[name][STATSMODELS] = _milliseconds(other)
    found[CLDA] |= in_r(_primary(), turns)
    return found


def in_r(long: LongData, turns: int) -> dict[str, float]:
    """Return median milliseconds of lme4 and nlme; empty without R, or of those that it has."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    names = [f"x{column}" for column in range(long.X.shape[1])]
    table = pd.DataFrame(long.X, columns=names).assign(y=long.y, cluster=long.cluster)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "long.csv"
        table.to_csv(file, index=False)
        done = subprocess.run(  # noqa: S603 - our own script
            [program, str(_R_SCRIPT), str(file), str(turns)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    lines = (line.split() for line in done.stdout.splitlines())
    return {package: float(ms) for package, ms in lines}


def _milliseconds(times: list[float]) -> float:
    return float(f"{1000 * median(times):.4g}")


def _primary() -> LongData:
    scenario = load_scenario("selfback_2021")
    data = trial_data(simulate(scenario, 1))
    covariates = covariate_matrix(data, scenario.analysis.covariates)
    return outcome_layout(data, scenario.analysis.primary_outcome, covariates)


def _pairs() -> dict[str, tuple[Call, Callable[[], object] | None, bool]]:
    """Return our call, that of statsmodels and whether it takes seconds, by what is fitted."""
    scenario = load_scenario("selfback_2021")
    plan = scenario.analysis
    data = trial_data(simulate(scenario, 1))
    covariates = covariate_matrix(data, plan.covariates)
    table = reference.imputation_table(data, plan)
    visits = len(data.visits)

    def impute() -> np.ndarray:
        rng = np.random.default_rng(1)
        return impute_normal(table, imputations=plan.imputations, rng=rng)

    def step_through() -> None:
        for _ in reference.imputed_tables(table, plan.imputations, reference.STEPS_BETWEEN):
            pass

    long = outcome_layout(data, plan.primary_outcome, covariates)
    cells = long.y, long.X, long.cluster
    whole = long_data(
        data, np.zeros((len(data), visits)), data.visits, covariates, constrained_baseline=True
    )
    Y = impute()[:, :, :visits].reshape(plan.imputations, -1).T
    improved = Response(data.outcomes["rmdq"], 4.0, since_baseline=True)
    ((_, binary),) = response_layouts(data, [improved], covariates)
    visit = np.argmax(long.X[:, :visits], axis=1)
    return {
        CLDA: (
            lambda: fit_random_intercept(*cells), lambda: reference.mixed_model(*cells), False,
        ),
        f"cLDA, ML, {plan.imputations} imputed tables": (
            lambda: fit_random_intercept_batch(Y, whole.X, whole.cluster),
            lambda: [reference.mixed_model(y, whole.X, whole.cluster) for y in Y.T], True,
        ),
        "unstructured covariance (MMRM), ML": (lambda: fit_mmrm(*cells, visit), None, False),
        "GEE, logistic": (
            lambda: fit_gee(binary.y, ClusteredDesign(binary.X, binary.cluster)),
            lambda: reference.logistic(binary), False,
        ),
        f"{plan.imputations} imputed tables": (impute, step_through, True),
        "the whole plan": (
            lambda: analyse(data, plan, np.random.default_rng(1)),
            lambda: reference.whole_plan(data, plan), True,
        ),
    }  # fmt: skip
