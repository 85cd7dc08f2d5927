"""Time of each estimator and of the whole plan on one simulated trial, compared with statsmodels.

``make bench`` or ``python benchmarks/bench.py``. Our estimators and the reference run alternately
on the same data and the same core; a line shows medians of processor time over the turns, and the
median of their ratios.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
import warnings
from collections.abc import Callable
from statistics import median

import numpy as np
import reference_plan as reference

from analysis.estimators.clda import fit_random_intercept, fit_random_intercept_batch
from analysis.estimators.gee import fit_gee
from analysis.estimators.imputation import impute_normal
from analysis.estimators.mmrm import fit_mmrm
from analysis.plan.analyse import analyse
from analysis.plan.design_matrix import covariate_matrix, long_data
from analysis.plan.longitudinal import outcome_layout
from analysis.plan.responders import Response
from analysis.plan.response import response_layout
from scenarios.loading.load import load_scenario
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

Call = Callable[[], object]


def seconds(call: Call, repeats: int) -> float:
    """Return the median processor time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return median(times)


def line(name: str, ours: Call, theirs: Call | None, turns: int, *, aim: int | None = None) -> None:
    """Print one line of the table."""
    ours()
    repeats = 15 if seconds(ours, 1) < 0.02 else 5
    mine: list[float] = []
    other: list[float] = []
    for _ in range(turns):
        mine.append(seconds(ours, repeats))
        if theirs is not None:
            other.append(seconds(theirs, 1))
    beside = ""
    if other:
        ratio = median(b / a for a, b in zip(mine, other, strict=True))
        wanted = "" if aim is None else f"   aim {aim}"
        beside = f"{1000 * median(other):12.1f} {ratio:9.0f}x{wanted}"
    print(f"{name:52} {1000 * median(mine):9.2f} {beside}", flush=True)


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    scenario = load_scenario("selfback_2021")
    plan = scenario.analysis
    data = trial_data(simulate(scenario, 0))
    covariates = covariate_matrix(data, plan.covariates)
    table = reference.imputation_table(data, plan)
    visits = len(data.visits)

    def impute(steps: int) -> np.ndarray:
        rng = np.random.default_rng(1)
        return impute_normal(table, imputations=plan.imputations, burn_in=steps, rng=rng)

    def step_through(steps: int) -> None:
        for _ in reference.imputed_tables(table, plan.imputations, steps):
            pass

    long = outcome_layout(data, plan.primary_outcome, covariates)
    cells = long.y, long.X, long.cluster
    whole = long_data(
        data, np.zeros((len(data), visits)), data.visits, covariates, constrained_baseline=True
    )
    Y = impute(plan.imputation_burn_in)[:, :, :visits].reshape(plan.imputations, -1).T
    binary = response_layout(data, Response("rmdq", 4.0, since_baseline=True), covariates)
    answers = binary.y, binary.X, binary.cluster
    visit = np.argmax(long.X[:, :visits], axis=1)

    shape = f"{len(long.y)} rows, {long.X.shape[1]} columns, {len(data)} participants"
    print(f"{shape}; median processor time in ms\n")
    print(f"{'':52} {'ours':>9} {'statsmodels':>12} {'ratio':>10}")
    line("cLDA, ML", lambda: fit_random_intercept(*cells),
         lambda: reference.mixed_model(*cells), 7, aim=100)  # fmt: skip
    line("cLDA, ML, 20 imputed outcomes",
         lambda: fit_random_intercept_batch(Y, whole.X, whole.cluster),
         lambda: [reference.mixed_model(y, whole.X, whole.cluster) for y in Y.T], 3,
         aim=1000)  # fmt: skip
    line("GEE, logistic", lambda: fit_gee(*answers), lambda: reference.logistic(binary), 7,
         aim=40)  # fmt: skip
    line("20 imputations, 100 steps between draws", lambda: impute(100),
         lambda: step_through(100), 3, aim=15)  # fmt: skip
    line("repeated measures, unstructured (not in statsmodels)",
         lambda: fit_mmrm(*cells, visit), None, 5)  # fmt: skip
    line("the whole plan", lambda: analyse(data, plan, np.random.default_rng(1)),
         lambda: reference.whole_plan(data, plan), 3, aim=50)  # fmt: skip


if __name__ == "__main__":
    main()
