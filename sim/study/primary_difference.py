"""The difference of the primary outcome at the primary visit, by analyses that are named."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.plan.analyse import analysis_names
from analysis.replicates.interim_summary import LOOKS
from analysis.sequential.looks import NOT_HELD
from scenarios.design.analyses import DIFFERENCE, OWN_ANALYSES, names_of, primary_contrast, suits
from scenarios.design.hypothesis import WITH_MARGIN
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from sim.study.store.reading import KeptStudy

COLUMNS = (
    "replicate", "analysis", "estimate", "se", "p", "converged", "failure", "p_decision",
    "decision",
)  # fmt: skip


def with_analyses(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """Return a scenario whose plan has some analyses of the primary difference.

    Alternatives, and analyses of a user's own, that it does not have are added.

    Raises
    ------
    InputError
        If there is no such analysis, or it yields no difference of the primary outcome.
    """
    plan = scenario.analysis
    known = dict.fromkeys([*analysis_names(plan), *names_of("alternative")])
    # A margin is in points: only analyses of differences have it.
    contrasts = {DIFFERENCE} if plan.hypothesis in WITH_MARGIN else {*map(primary_contrast, known)}
    allowed = [
        name
        for name in known
        if suits(name, scenario.primary_outcome.kind) and primary_contrast(name) in contrasts
    ]
    for name in names:
        try:
            OWN_ANALYSES.known_name(name, allowed)
        except ValueError:
            close = nearest(name, allowed)
            hint = f"did you mean {close}?" if close else f"must be one of {', '.join(allowed)}"
            raise InputError(
                f"--analysis {name} is not an analysis of the primary difference in "
                f"{scenario.name}: {hint}"
            ) from None
    missing = [name for name in names if name not in analysis_names(plan)]
    wider = plan.model_copy(update={"alternatives": (*plan.alternatives, *missing)})
    return scenario.model_copy(update={"analysis": wider, "truth": False})


def primary_trials(folder: Path, scenario: Scenario, analyses: Sequence[str]) -> pd.DataFrame:
    """Return a row a replicate and analysis of the primary difference: estimate, P, decision.

    With interim looks P values and decisions allow for them, and there are ``participants`` and
    ``day`` of the look that ended the trial.
    """
    study = KeptStudy(folder)
    chosen = primary_rows(study["estimates"].to_pandas(), scenario, analyses)
    if not scenario.trial.interim.looks:
        return chosen
    looks = study[LOOKS].to_pandas()
    ends = looks[looks["decision"] != NOT_HELD].groupby(["replicate", "analysis"]).last()
    return chosen.join(ends[["participants", "day"]], on=["replicate", "analysis"])


def primary_rows(table: pd.DataFrame, scenario: Scenario, analyses: Sequence[str]) -> pd.DataFrame:
    """Return the rows of the primary difference among estimates, see :func:`primary_trials`."""
    plan = scenario.analysis
    chosen: pd.DataFrame = table[
        (table["outcome"] == plan.primary_outcome)
        & (table["visit"] == plan.primary_visit)
        & (table["contrast"] == table["analysis"].map(primary_contrast))
        & table["analysis"].isin(analyses)
    ]
    return chosen[[*COLUMNS]]


def mean_ending(trials: pd.DataFrame, analysis: str) -> tuple[float | None, float | None]:
    """Return mean participants and days of trials with interim looks, None where there are none."""
    if "day" not in trials.columns:
        return None, None
    mine = trials[trials["analysis"] == analysis]
    return float(mine["participants"].mean()), float(mine["day"].mean())
