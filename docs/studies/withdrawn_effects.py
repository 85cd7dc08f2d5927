"""Compares the true effect among all randomized with that among those who stay, visit by visit.

``python docs/studies/withdrawn_effects.py selfback_2021`` simulates trials with the potential
outcomes of all participants in both arms, and leaves the table of docs/background/performance.md in
``performance/withdrawn_effects.md`` beside it.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from pathlib import Path

import numpy as np

from analysis.report.markdown import markdown_table
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.simulate import counterfactual_unasked, simulate
from sim.tables.true_effects import gains

RECORD = Path(__file__).parent / "performance" / "withdrawn_effects.md"


def gains_and_withdrawn(scenario: Scenario, replicate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what the app did to each participant, and who had withdrawn with it, by visit."""
    trial = simulate(scenario, replicate)
    other = counterfactual_unasked(trial)
    rows = trial.cohort.randomized
    treated = np.isin(trial.cohort.arm[rows], scenario.app_arms)
    after = np.where(
        treated, trial.cohort.withdraws_after[rows], other.cohort.withdraws_after[rows]
    )
    days = np.array([visit.day for visit in scenario.trial.visits])
    return gains((trial, other))[scenario.analysis.primary_outcome], after[:, None] <= days


def main() -> None:
    """Record the table for the scenario named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    parser.add_argument("--replicates", type=int, default=100)
    given = parser.parse_args()
    scenario = load_scenario(given.scenario)
    found = [gains_and_withdrawn(scenario, replicate) for replicate in range(given.replicates)]
    gain, withdrawn = (np.concatenate(parts) for parts in zip(*found, strict=True))
    rows = []
    for name, members in (
        ("all randomized", np.ones_like(withdrawn)),
        ("had not withdrawn", ~withdrawn),
        ("had withdrawn", withdrawn),
    ):
        cells = []
        for column in range(gain.shape[1]):
            chosen = gain[members[:, column], column]
            error = chosen.std(ddof=1) / np.sqrt(len(chosen))
            share = len(chosen) / len(gain)
            cells.append(f"{chosen.mean():.3f} ({error:.3f}), {share:.1%}")
        rows.append((name, *cells))
    heads = ("with the app", *(visit.name for visit in scenario.trial.visits))
    outcome = scenario.analysis.primary_outcome
    command = (
        f"python docs/studies/withdrawn_effects.py {given.scenario} --replicates {given.replicates}"
    )
    lines = [f"`{command}`, seed {scenario.seed}: mean true effect on {outcome} (Monte Carlo"]
    lines += ["standard error), and the share of participants.", "", markdown_table(heads, rows)]
    RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
