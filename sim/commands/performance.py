"""``selfback performance``: how the analyses of a study perform."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.interim_summary import summarize_looks
from analysis.performance import performance as measure
from analysis.print_looks import print_looks
from analysis.report_trial import print_table
from analysis.tables import TextTable
from scenarios.errors import InputError
from sim.commands.output import print_json, say, stdout_console
from sim.study.folder import MANIFEST
from sim.study.truth import study_estimates

COLUMNS = {
    "bias": "bias",
    "empirical_se": "empirical SE",
    "model_se": "model SE",
    "coverage": "coverage",
    "power": "rejected",
    "convergence": "converged",
}
"""Measures shown on the terminal; JSON has them all."""
GROUP = ["analysis", "outcome", "visit", "contrast"]


def performance(directory: Path, *, outcome: str | None, as_json: bool) -> int:
    """Print each analysis's performance measures with their Monte Carlo errors.

    Raises
    ------
    InputError
        If the folder holds no study, or none of the outcome.
    """
    estimates, truth = study_estimates(directory)
    plan = json.loads((directory / MANIFEST).read_text("utf-8"))["scenario"]["analysis"]
    chosen = estimates["outcome"] == (outcome or plan["primary_outcome"])
    if not chosen.any():
        known = ", ".join(estimates["outcome"].unique())
        raise InputError(f"--outcome {outcome} is not in {directory}: it has {known}")
    measures = measure(estimates[chosen], truth[chosen], alpha=plan["alpha"])
    if as_json:
        print_json(measures.to_dict("records"))
        return 0
    console = stdout_console()
    for visit in measures["visit"].unique():
        print_table(_table(str(visit), measures[measures["visit"] == visit]), console)
    console.print("\nMonte Carlo standard errors in brackets.")
    looks = summarize_looks(directory)
    if looks is not None:
        print_looks(looks, console)
    if truth[chosen].isna().all():
        say("no truth was kept, so no bias and no coverage: run with --set truth=true")
    return 0


def _table(visit: str, measures: pd.DataFrame) -> TextTable:
    rows: list[tuple[str, ...]] = []
    for (analysis, _, _, contrast), group in measures.groupby(GROUP, sort=False):
        by_name = group.set_index("measure")
        cells = [_cell(by_name.loc[name, "value"], by_name.loc[name, "mcse"]) for name in COLUMNS]
        rows.append((f"{analysis}, {contrast}", *cells))
    return TextTable(f"At {visit}", ("", *COLUMNS.values()), rows)


def _cell(value: object, mcse: object) -> str:
    number, error = float(str(value)), float(str(mcse))
    if not np.isfinite(number):
        return "-"
    return f"{number:.3f} ({error:.3f})" if np.isfinite(error) else f"{number:.3f}"
