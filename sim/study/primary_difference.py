"""The difference of the primary outcome at the primary visit, by analyses that are named."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pandas as pd
import pyarrow.parquet as pq

from analysis.longitudinal import DIFFERENCE
from analysis.plan import analysis_names
from analysis.response import LOGISTIC, POISSON
from scenarios.design import Alternative
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario


def with_analyses(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """Return a scenario whose plan has some analyses of the primary difference.

    Alternatives that it does not have are added.

    Raises
    ------
    InputError
        If there is no such analysis, or it yields no difference of the primary outcome.
    """
    plan = scenario.analysis
    known = dict.fromkeys([*analysis_names(plan), *get_args(Alternative)])
    allowed = [name for name in known if name not in {LOGISTIC, POISSON}]
    for name in names:
        if name not in allowed:
            close = nearest(name, allowed)
            hint = f"did you mean {close}?" if close else f"must be one of {', '.join(allowed)}"
            raise InputError(
                f"--analysis {name} is not an analysis of the primary difference in "
                f"{scenario.name}: {hint}"
            )
    missing = [n for n in names if n in get_args(Alternative) and n not in plan.alternatives]
    wider = plan.model_copy(update={"alternatives": (*plan.alternatives, *missing)})
    return scenario.model_copy(update={"analysis": wider, "truth": False})


def primary_trials(study: Path, scenario: Scenario, analyses: Sequence[str]) -> pd.DataFrame:
    """Return a row a replicate and analysis of the primary difference: estimate, se, P value."""
    plan = scenario.analysis
    table: pd.DataFrame = pq.read_table(study / "estimates.parquet").to_pandas()
    chosen = table[
        (table["outcome"] == plan.primary_outcome)
        & (table["visit"] == plan.primary_visit)
        & (table["contrast"] == DIFFERENCE)
        & table["analysis"].isin(analyses)
    ]
    return chosen[["replicate", "analysis", "estimate", "se", "p", "converged"]]
