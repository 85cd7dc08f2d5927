"""Median time of one fit of each estimator, and how many times longer the reference takes.

Run on one thread: ``OMP_NUM_THREADS=1 python benchmarks/estimators.py``. Ours and the reference fit
the same simulated trial of 461 participants in the same run.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.imputation.bayes_mi import BayesGaussMI

sys.path.insert(0, str(Path(__file__).parents[1]))

from analysis.clda import fit_random_intercept, fit_random_intercept_batch
from analysis.gee import fit_gee
from analysis.imputation import impute_normal
from analysis.mmrm import fit_mmrm

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Rows of answered visits: outcome, design matrix, participant; and the whole outcome table."""

    y: Floats
    X: Floats
    participant: NDArray[np.intp]
    visit: NDArray[np.intp]


def simulate(n: int = 461, seed: int = 1) -> Trial:
    """Simulate a trial of 5 visits, 4 of them missing in a quarter of the participants."""
    rng = np.random.default_rng(seed)
    participant, visit = np.repeat(np.arange(n), 5), np.tile(np.arange(5), n)
    arm = rng.integers(0, 2, n)[participant]
    visits = [(visit == v).astype(float) for v in range(1, 5)]
    country, reason = rng.integers(0, 3, n)[participant], rng.integers(0, 4, n)[participant]
    columns = [
        np.ones(5 * n),
        *visits,
        *(v * arm for v in visits),
        *((country == level).astype(float) for level in (1, 2)),
        *((reason == level).astype(float) for level in (1, 2, 3)),
        rng.normal(50, 12, n)[participant],
        rng.normal(27, 5, n)[participant],
        *rng.normal(size=(5, n))[:, participant],
    ]
    mean = 10 - 1.5 * np.sqrt(visit) - 0.8 * arm * (visit > 0)
    y = mean + rng.normal(0, 3.6, n)[participant] + rng.normal(0, 2.8, 5 * n)
    seen = (visit == 0) | (rng.random(5 * n) > 0.25)
    return Trial(y[seen], np.column_stack(columns)[seen], participant[seen], visit[seen])


def median_ms(call: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call in milliseconds, after one call to warm up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def report(name: str, ours: float, reference: float | None, tool: str) -> None:
    """Print one line of the table."""
    beside = "" if reference is None else f"{reference:10.1f} {reference / ours:8.0f}x  {tool}"
    print(f"{name:44} {ours:10.2f} {beside}")


def linear_models(trial: Trial) -> None:
    """Time the primary analysis, on one outcome and on 20 imputed ones."""
    y, X, cluster = trial.y, trial.X, trial.participant
    Y = y[:, None] + np.random.default_rng(2).normal(size=(len(y), 20))
    mixed = median_ms(lambda: sm.MixedLM(y, X, cluster).fit(reml=False), 5)
    one = median_ms(lambda: fit_random_intercept(y, X, cluster), 200)
    report("random intercept, ML", one, mixed, "MixedLM")
    one = median_ms(lambda: fit_random_intercept(y, X, cluster, method="reml"), 200)
    reml = median_ms(lambda: sm.MixedLM(y, X, cluster).fit(reml=True), 5)
    report("random intercept, REML", one, reml, "MixedLM")
    batch = median_ms(lambda: fit_random_intercept_batch(Y, X, cluster), 100)
    report("random intercept, ML, 20 imputed outcomes", batch, 20 * mixed, "20 x MixedLM")


def marginal_models(trial: Trial) -> None:
    """Time the analysis of responders at follow-up."""
    later = trial.visit > 0
    y = (trial.y < 7).astype(float)[later]
    X, cluster = np.delete(trial.X[later], 4, axis=1), trial.participant[later]

    def reference() -> object:
        exchangeable = sm.cov_struct.Exchangeable()
        model = sm.GEE(y, X, cluster, family=sm.families.Binomial(), cov_struct=exchangeable)
        return model.fit()

    ours = median_ms(lambda: fit_gee(y, X, cluster), 200)
    report("GEE, logistic, exchangeable, robust", ours, median_ms(reference, 5), "GEE")


def repeated_measures(trial: Trial) -> None:
    """Time the model with an unstructured covariance, which statsmodels does not have."""
    data = trial.y, trial.X, trial.participant, trial.visit
    report("repeated measures, unstructured", median_ms(lambda: fit_mmrm(*data), 50), None, "")


def imputations(trial: Trial) -> None:
    """Time 20 imputations of 4 visits, 100 steps apart, given 13 complete columns."""
    n = int(trial.participant.max()) + 1
    visits = np.full((n, 5), np.nan)
    visits[trial.participant, trial.visit] = trial.y
    baseline = trial.X[trial.visit == 0][:, 9:]
    data = np.column_stack([baseline, visits])

    def reference() -> None:
        spread = (data - np.nanmean(data, axis=0)) / np.nanstd(data, axis=0)
        sampler = BayesGaussMI(spread, rng=np.random.default_rng(1))
        for _ in range(20 * 100):
            sampler.update()

    rng = np.random.default_rng(1)
    ours = median_ms(lambda: impute_normal(data, imputations=20, burn_in=100, rng=rng), 10)
    name = f"20 normal imputations, {data.shape[1]} columns, 100 steps"
    report(name, ours, median_ms(reference, 1), "BayesGaussMI")


def main() -> None:
    """Print the table."""
    trial = simulate()
    print(f"{len(trial.y)} rows, {trial.X.shape[1]} columns, 461 participants; median ms per fit\n")
    print(f"{'':44} {'ours':>10} {'reference':>10} {'ratio':>9}")
    linear_models(trial)
    marginal_models(trial)
    repeated_measures(trial)
    imputations(trial)


if __name__ == "__main__":
    main()
