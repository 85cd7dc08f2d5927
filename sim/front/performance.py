"""``performance``: how the analyses of a study perform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from analysis.contrasts.labels import kind_of
from analysis.decision.rule import other_test
from analysis.replicates.interim_summary import (
    LOOKS,
    InterimSummary,
    SeveralInterim,
    summarize_looks,
)
from analysis.replicates.performance import performance as measure
from analysis.report.decision_words import Words, test_words
from analysis.report.numbers import fixed, share
from analysis.report.print_looks import print_looks
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.analyses.register import primary_contrast
from scenarios.errors import InputError
from sim.front.print_family import print_family
from sim.front.results import Shown
from sim.study.family import FamilyPerformance, family_performance
from sim.study.store.reading import KeptStudy
from sim.study.truth import study_estimates

COLUMNS = {
    "bias": "bias",
    "empirical_se": "empirical SE",
    "model_se": "model SE",
    "coverage": "coverage",
    "power": "in favour",
    "against": "against",
    "convergence": "converged",
}
"""Measures that are printed; ``measures`` has them all."""
MEASURED = ("value", "mcse", "n")
SHARES = ("coverage", "power", "against", "convergence")
"""Measures that are shares of trials."""
NOT_ADJUSTED = "* P values and intervals are not adjusted for the looks."
GROUP = ["analysis", "outcome", "visit", "contrast"]


@dataclass(frozen=True, slots=True)
class Performance(Shown):
    """How each analysis of an outcome performs over the replicates of a study.

    Attributes
    ----------
    measures
        See :func:`analysis.replicates.performance.performance`; with interim looks also whether P
        values and limits allow for them.
    trials
        Replicates with estimates.
    looks
        What interim looks did; None without them.
    known
        Whether true effects were stored, without which there is no bias and no coverage.
    words
        What the test of the primary outcome shows.
    family
        What the plan's procedure does for its family of hypotheses; None where it has none.
    """

    measures: pd.DataFrame = field(repr=False)
    trials: int
    looks: InterimSummary | SeveralInterim | None
    known: bool
    words: Words
    family: FamilyPerformance | None = None

    def print_to(self, console: Console) -> None:
        """Print a table a visit, each measure with its Monte Carlo standard error."""
        measures = self.measures
        for visit in measures["visit"].unique():
            mine = measures[measures["visit"] == visit]
            print_table(_table(str(visit), mine, self.trials), console)
        console.print(
            "\nIn brackets: Monte Carlo standard errors; of shares of trials (coverage, in favour, "
            "against, converged) Wilson's 95% Monte Carlo intervals.\nIn favour: trials that "
            f"{self.words.in_favour}; against: that {self.words.against}."
        )
        if self.looks is not None:
            console.print(NOT_ADJUSTED)
            print_looks(self.looks, console)
        if self.family is not None:
            print_family(self.family, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        found: dict[str, Any] = {"measures": self.measures.to_dict("records")}
        if self.family is not None:
            found["family"] = {
                "procedure": self.family.procedure,
                "hypotheses": self.family.hypotheses.to_dict("records"),
                "measures": None
                if self.family.measures is None
                else self.family.measures.to_dict("records"),
            }
        return found


def performance(directory: str | Path, outcome: str | None = None) -> Performance:
    """Return each analysis's performance measures with their Monte Carlo errors.

    Parameters
    ----------
    directory
        Of a study.
    outcome
        The primary one by default.

    Raises
    ------
    InputError
        If the folder holds no study, or none of the outcome.
    """
    study = KeptStudy(Path(directory))
    estimates, truth = study_estimates(study)
    plan = study.scenario["analysis"]
    asked = outcome or plan["primary_outcome"]
    chosen = estimates["outcome"] == asked
    if not chosen.any():
        known = ", ".join(estimates["outcome"].unique()) or "no estimates"
        raise InputError(f"--outcome {asked} is not in {directory}: it has {known}")
    measures = measure(estimates[chosen], truth[chosen])
    looks = summarize_looks(study.manifest, study.get(LOOKS))
    if looks is not None:
        measures["adjusted_for_looks"] = _adjusted(measures, plan, study)
    primary = asked == plan["primary_outcome"]
    test = (plan["hypothesis"], plan["alpha"], plan["margin"])
    if not primary:
        test = other_test(plan["hypothesis"], plan["alpha"])
    return Performance(
        measures,
        estimates["replicate"].nunique(),
        looks,
        not truth[chosen].isna().all(),
        test_words(*test, ""),
        family_performance(study) if primary else None,
    )


def _adjusted(measures: pd.DataFrame, plan: Mapping[str, Any], study: KeptStudy) -> pd.Series:
    """Return which rows have P values and limits that allow for the study's looks."""
    held = study[LOOKS]["analysis"].unique().to_pylist()
    return (
        measures["analysis"].isin(held)
        & measures["outcome"].eq(plan["primary_outcome"])
        & measures["visit"].eq(plan["primary_visit"])
        & measures["contrast"].map(kind_of).eq(measures["analysis"].map(primary_contrast))
    )


def _table(visit: str, measures: pd.DataFrame, trials: int) -> TextTable:
    rows: list[tuple[str, ...]] = []
    for (analysis, _, _, contrast), group in measures.groupby(GROUP, sort=False):
        by_name = group.set_index("measure")
        cells = [
            measure_text(name, *(by_name.loc[name, column] for column in MEASURED))
            for name in COLUMNS
        ]
        plain = "adjusted_for_looks" in group and not group["adjusted_for_looks"].all()
        rows.append((f"{analysis}, {contrast}{' *' if plain else ''}", *cells))
    reached = measures["n"].max()
    some = f", {reached} of {trials} trials" if reached < trials else ""
    return TextTable(f"At {visit}{some}", ("", *COLUMNS.values()), rows)


def measure_text(name: str, *measured: object) -> str:
    """Return a measure as tables show it, with its Monte Carlo error in brackets.

    Parameters
    ----------
    name
        Of the measure.
    measured
        Its value, Monte Carlo standard error and number of replicates.
    """
    number, error, n = (float(str(each)) for each in measured)
    if name in SHARES and np.isfinite(number):
        return share(round(number * n), int(n))
    return f"{fixed(number, 3)} ({fixed(error, 3)})" if np.isfinite(error) else fixed(number, 3)
