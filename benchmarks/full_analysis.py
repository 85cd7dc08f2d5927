"""Times the whole plan on one simulated trial, and the same models in statsmodels.

The statsmodels engine fits the mixed models and the logistic GEEs of the plan. It has no risk
differences by the plan's fallback and no pooled imputation, so the ratio is of what both do; the
time of the full plan stands apart.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
import warnings
from statistics import median

import numpy as np

from analysis.data import TrialData
from analysis.plan import analyse
from scenarios.design import AnalysisPlan
from scenarios.load import load_scenario
from sim.dataset import trial_data
from sim.trial import simulate


def seconds(data: TrialData, plan: AnalysisPlan, runs: int) -> float:
    """Return the median time of a plan over some runs, in seconds of one core."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        analyse(data, plan, np.random.default_rng(1))
        taken.append(time.process_time() - start)
    return median(taken)


def main() -> None:
    """Print the times."""
    warnings.simplefilter("ignore")
    scenario = load_scenario("selfback_2021")
    data = trial_data(simulate(scenario, 0))
    full = seconds(data, scenario.analysis, 9)
    both = scenario.analysis.model_copy(update={"sensitivity": ("complete case", "per protocol")})
    ours = seconds(data, both, 9)
    theirs = seconds(data, both.model_copy(update={"engine": "statsmodels"}), 1)
    print(f"full plan: {1000 * full:.0f} ms")
    print(f"without imputation: ours {1000 * ours:.0f} ms, with statsmodels {1000 * theirs:.0f} ms")
    print(f"ratio: {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
