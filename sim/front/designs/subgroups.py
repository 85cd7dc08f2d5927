"""``subgroups``: whom the intervention helps and harms, and what the trial sees of it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Unpack

import numpy as np
import pandas as pd
from rich.console import Console

from analysis.contrasts.planned import planned_contrasts
from analysis.report.compared import compared_in_labels
from analysis.report.decision_words import words_of
from analysis.report.numbers import NONE, fixed, share
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.analyses.register import ADJUSTED
from scenarios.schema import Scenario
from sim.front.results import Saved, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.replicates.subgroup_effects import USUAL, SubgroupReplicate, read_split
from sim.study.designs.subgroups import summarize_subgroups
from sim.study.runner import run_shown
from sim.study.setting import How, set_up
from sim.study.store.folder import write_json
from sim.study.store.place import Place

SUMMARY = "subgroups.json"
COLUMNS = {
    "effect": "true effect",
    "estimate": "estimate",
    "coverage": "coverage",
    "power": "in favour",
    "against": "against",
    "worse": "worse",
    "better": "better",
}
SHARES = ("coverage", "power", "against")
"""Columns that are shares of trials."""


@dataclass(frozen=True, slots=True)
class Subgroups(Shown, Saved):
    """Effects in subgroups, the true one beside the estimate.

    Attributes
    ----------
    scenario
        What was simulated.
    table
        See :func:`sim.study.designs.subgroups.summarize_subgroups`.
    failed, first_failure
        How many replicates failed; the reason of the first.
    place
        Of the study; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = ("subgroups.parquet", SUMMARY)

    scenario: Scenario
    table: pd.DataFrame = field(repr=False)
    failed: int
    first_failure: str
    place: Place

    def print_to(self, console: Console) -> None:
        """Print a row a subgroup, in a section a contrast where there are several."""
        plan, arms = self.scenario.analysis, self.scenario.arms
        rows: list[tuple[str, ...]] = []
        for contrast in planned_contrasts(plan, arms):
            if not contrast.only:
                rows.append((compared_in_labels(arms, contrast), *[""] * (1 + len(COLUMNS))))
            indent = "" if contrast.only else "  "
            mine = self.table[self.table["contrast"] == contrast.name]
            rows += [
                (
                    indent + f"{row['trait']} {row['subgroup']}".strip(),
                    fixed(row["n"], 0),
                    *(_cell(row, name) for name in COLUMNS),
                )
                for row in mine.to_dict("records")
            ]
        worse = (
            "in the intervention arm than in control"
            if len(arms) == 2
            else "in the one arm than in the other"
        )
        words = words_of([plan])
        what = f"{plan.primary_outcome} at {plan.primary_visit}"
        title = f"{self.scenario.name}: {what}, estimates by {ADJUSTED}"
        print_table(TextTable(title, ("", "n", *COLUMNS.values()), rows), console)
        console.print(
            "\nIn brackets: Monte Carlo standard errors; of shares of trials (coverage, in favour, "
            "against) Wilson's 95% Monte Carlo intervals. In favour: trials that "
            f"{words.in_favour}; against: that {words.against}. Worse and better: share of "
            f"participants who would score worse, or better, {worse}, on common random numbers."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, "subgroups": self.table.to_dict("records")}


def subgroups(
    scenario: Source, by: Sequence[str] = (), replicates: int = 200, **how: Unpack[How]
) -> Subgroups:
    """Show effects in subgroups, and who is worse off.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    by
        Traits to divide by, ``["pain=5", "duration"]``; the usual ones by default.
    replicates
        Number of trials.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If a trait is unknown, or the folder cannot be written.
    AllFailedError
        If every replicate failed.
    """
    read = read_scenario(scenario)
    splits = tuple(read_split(text, read) for text in by or USUAL)
    setting = set_up(how)
    result = run_shown(
        read,
        setting,
        replicates=replicates,
        finish=lambda folder: write_json(
            folder / SUMMARY, summarize_subgroups(folder).to_dict("records")
        ),
        replicate=SubgroupReplicate(splits),
    )
    table = summarize_subgroups(setting.place.path)
    return Subgroups(read, table, result.failed, result.first_failure, setting.place)


def _cell(row: dict[Hashable, Any], name: str) -> str:
    if name in SHARES:
        trials = row[f"{name}_n"]
        return share(round(row[name] * trials), trials) if np.isfinite(row[name]) else NONE
    return f"{fixed(row[name], 3)} ({fixed(row[f'{name}_error'], 3)})"
