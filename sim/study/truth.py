"""What the estimates of a study should have found."""

import pandas as pd

from analysis.contrasts.labels import kind_of, name_of
from analysis.plan.longitudinal import DIFFERENCE
from analysis.plan.responses.ratios import RISK_DIFFERENCE
from scenarios.analyses.register import registered
from scenarios.errors import InputError
from sim.study.store.reading import KeptStudy
from sim.tables.true_effects import ADHERERS, ALL

KEYS = ["outcome", "visit", "population", "contrast"]


def study_estimates(study: KeptStudy) -> tuple[pd.DataFrame, pd.Series]:
    """Return a study's estimates and the true value of each.

    The truth of a difference of means or risks is the average of the replicates' own: among all
    randomized, and for the per-protocol analysis among would-be adherers. It is missing where the
    study did not ask for the truth, and for ratios.

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
    # Two arms have one contrast, which estimates do not name.
    only = dict.fromkeys([""], effects.index.unique("contrast")[0])
    population = estimates["analysis"].map(population_of)
    compared = estimates["contrast"].map(name_of).replace(only)
    keys = pd.MultiIndex.from_arrays(
        [estimates["outcome"], estimates["visit"], population, compared]
    )
    truth = pd.Series(effects.reindex(keys).to_numpy(), index=estimates.index)
    kinds = estimates["contrast"].map(kind_of)
    return estimates, truth.where(kinds.isin([DIFFERENCE, RISK_DIFFERENCE]))


def population_of(analysis: str) -> str:
    """Return among whom an analysis estimates the effect."""
    entry = registered(analysis)
    return ADHERERS if entry is not None and entry.would_be_adherers else ALL
