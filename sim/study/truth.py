"""What the estimates of a study should have found."""

import pandas as pd

from analysis.plan.longitudinal import DIFFERENCE
from scenarios.design.analyses import registered
from scenarios.errors import InputError
from sim.study.store.reading import KeptStudy
from sim.tables.true_effects import ADHERERS, ALL

KEYS = ["outcome", "visit", "population"]


def study_estimates(study: KeptStudy) -> tuple[pd.DataFrame, pd.Series]:
    """Return a study's estimates and the true value of each.

    The truth of a mean difference is the average of the replicates' own true effects: among all
    randomized, and for the per-protocol analysis among would-be adherers. It is missing where the
    study did not ask for the truth, and for ratios and risks.

    Raises
    ------
    InputError
        If it has no estimates, or a table is damaged.
    """
    estimates = study["estimates"].to_pandas()
    if "decision" not in estimates.columns:
        raise InputError(
            f"{study.folder} was made by an earlier version, whose estimates do not tell in whose "
            "favour a trial rejects: run the study again"
        )
    if "truth" not in study:
        return estimates, pd.Series(float("nan"), index=estimates.index)
    effects = study["truth"].to_pandas().groupby(KEYS)["effect"].mean()
    population = estimates["analysis"].map(_population)
    keys = pd.MultiIndex.from_arrays([estimates["outcome"], estimates["visit"], population])
    truth = pd.Series(effects.reindex(keys).to_numpy(), index=estimates.index)
    return estimates, truth.where(estimates["contrast"] == DIFFERENCE)


def _population(analysis: str) -> str:
    """Return among whom an analysis estimates the effect."""
    entry = registered(analysis)
    return ADHERERS if entry is not None and entry.would_be_adherers else ALL
