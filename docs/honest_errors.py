"""Compares mixed models on the same trials: type I error, standard errors, variance, sample size.

``python docs/honest_errors.py null_effect selfback_2021 --replicates 2000`` simulates the trials of
a scenario and of one with an effect, and fits the primary outcome of each with common covariate
effects and with effects by visit, with the model's own errors and with errors that are robust to
participants. It leaves ``docs/performance/honest_errors.csv`` and ``honest_errors.md``.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.plan.analyse import analyse
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams
from sim.simulate import simulate
from sim.tables.trial_tables import trial_data

MODELS = ("clda robust", "mmrm", "mmrm robust", "mmrm constrained", "mmrm constrained robust")
EFFECTS = ("common", "by visit")
ALONE = (
    "analysis.sensitivity=[]", "analysis.responder_points=[]", "analysis.secondary_response={}",
    "analysis.secondary_level={}", 'analysis.small_sample="kenward-roger"',
    f"analysis.alternatives={list(MODELS)}".replace("'", '"'),
)  # fmt: skip


def fitted(name: str, overrides: list[str], replicates: range) -> pd.DataFrame:
    """Simulate the trials of a scenario and fit all models to each: a row an estimate."""
    outcome = load_scenario(name, overrides).analysis.primary_outcome
    common, by_visit = (
        load_scenario(
            name,
            [*overrides, *ALONE, f'analysis.continuous=["{outcome}"]',
             f'analysis.covariate_effects="{effects}"'],
        )
        for effects in EFFECTS
    )  # fmt: skip
    rows = [
        row
        for replicate in replicates
        for row in _of_one(common, {"common": common, "by visit": by_visit}, replicate)
    ]
    return pd.DataFrame(rows)


def _of_one(
    scenario: Scenario, plans: dict[str, Scenario], replicate: int
) -> Iterator[dict[str, object]]:
    data = trial_data(simulate(scenario, replicate))
    for effects, planned in plans.items():
        rng = Streams(scenario.seed, replicate).generator(Mechanism.IMPUTATION)
        for row in analyse(data, planned.analysis, rng, ("clda", *MODELS)).estimates:
            yield {
                "scenario": scenario.name, "replicate": replicate, "effects": effects,
                "analysis": row.analysis, "visit": row.visit, "estimate": row.estimate,
                "se": row.se, "df": row.df, "p": row.p, "failure": row.failure,
            }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="+")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--keep", type=Path, help="a Parquet file for all estimates")
    given = parser.parse_args()
    for name in given.scenario:
        for start in range(0, given.replicates, 100):
            found = fitted(name, given.set, range(start, min(start + 100, given.replicates)))
            found.to_parquet(str(given.keep) + f".{name}.{start}.parquet")
        print(name, flush=True)


if __name__ == "__main__":
    main()
