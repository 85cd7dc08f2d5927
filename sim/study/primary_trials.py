"""The primary difference of every trial of a study, by analysis."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from analysis.interim import NOT_HELD
from analysis.interim_summary import LOOKS
from analysis.longitudinal import DIFFERENCE
from scenarios.schema import Scenario


def primary_trials(study: Path, scenario: Scenario, analyses: Sequence[str]) -> pd.DataFrame:
    """Return a row a replicate and analysis of the primary difference: estimate, se, P value.

    With interim looks the P value allows for them, and there are ``participants`` and ``day`` of
    the look that ended the trial.
    """
    plan = scenario.analysis
    table: pd.DataFrame = pq.read_table(study / "estimates.parquet").to_pandas()
    chosen = table[
        (table["outcome"] == plan.primary_outcome)
        & (table["visit"] == plan.primary_visit)
        & (table["contrast"] == DIFFERENCE)
        & table["analysis"].isin(analyses)
    ]
    chosen = chosen[["replicate", "analysis", "estimate", "se", "p", "converged"]]
    if not scenario.trial.interim.looks:
        return chosen
    looks = pq.read_table(study / LOOKS).to_pandas()
    ends = looks[looks["decision"] != NOT_HELD].groupby(["replicate", "analysis"]).last()
    return chosen.join(ends[["participants", "day"]], on=["replicate", "analysis"])


def mean_ending(trials: pd.DataFrame, analysis: str) -> tuple[float | None, float | None]:
    """Return mean participants and days of trials with interim looks, None where there are none."""
    if "day" not in trials.columns:
        return None, None
    mine = trials[trials["analysis"] == analysis]
    return float(mine["participants"].mean()), float(mine["day"].mean())
