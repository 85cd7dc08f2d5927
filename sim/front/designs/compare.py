"""``compare``: designs beside one another, on common random numbers."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.designs import draw_comparison
from analysis.figures.drawn import Drawn, save
from analysis.figures.formats import figure_file
from analysis.report.decision_words import words_of
from analysis.report.numbers import significant
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, overrides
from sim.front.scenario import scenario as read_scenario
from sim.study.designs.comparison import (
    COMPARISON,
    PAIRED,
    Comparison,
    make_designs,
    quantities_of,
    run_comparison,
)
from sim.study.setting import How, set_up
from sim.study.store.place import Place

FIGURE = "comparison"
MOST = 4
"""Designs that are compared at once."""
NUMBERS = {
    "reference_mean": "A",
    "design_mean": "other",
    "difference": "difference",
    "mcse": "MC error",
    "mcse_unpaired": "unpaired",
    "variance_ratio": "variance ratio",
}


@dataclass(frozen=True, slots=True)
class Compared(Shown, Saved):
    """Designs compared with the first of them.

    Attributes
    ----------
    found
        As the study has it.
    place
        Of the studies; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (PAIRED, COMPARISON)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)
    more: ClassVar[str] = "a study for each design"

    found: Comparison = field(repr=False)
    place: Place

    @property
    def differences(self) -> pd.DataFrame:
        """A row a design and quantity: means, difference, its Monte Carlo errors."""
        return self.found.differences

    def print_to(self, console: Console) -> None:
        """Print a table for every design but the first."""
        reference = self.found.designs[0]
        plan = reference.scenario.analysis
        words = words_of([design.scenario.analysis for design in self.found.designs])
        for design in self.found.designs[1:]:
            rows = self.differences[self.differences["design"] == design.letter]
            cells = [
                (
                    str(row["quantity"]),
                    *(significant(row[name], 4) for name in NUMBERS),
                    str(row["pairs"]),
                )
                for row in rows.to_dict("records")
            ]
            heads = ("", *NUMBERS.values(), "pairs")
            heads = tuple(design.letter if head == "other" else head for head in heads)
            title = f"{design.label}, minus {reference.label}"
            print_table(TextTable(title, heads, cells), console)
        console.print(
            f"\nEffects on {plan.primary_outcome} at the primary visit; true effect: over all "
            "participants in each arm; rejected in favour: share of trials that "
            f"{words.in_favour}; against: that {words.against}.\n"
            "MC error: Monte Carlo standard error of the difference, on common random numbers; "
            "unpaired: on independent ones; variance ratio: the square of their ratio, so many "
            "times as many replicates would be needed without pairing; -: nothing differs."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.found.to_dict()}


def compare(
    *scenarios: Source | tuple[Source, Changes],
    shared: Changes = (),
    replicates: int = 200,
    **how: Unpack[How],
) -> Compared:
    """Compare designs with the first of them, on common random numbers.

    Parameters
    ----------
    scenarios
        Two to four; see :func:`sim.front.scenario.scenario`. One that comes as a pair with changes
        is labelled with these. All take the seed of the first.
    shared
        Changes in all of them, made before their own.
    replicates
        Number of trials of each.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If the scenarios cannot be compared, the folder cannot be written, or every replicate of one
        failed.
    """
    if not 2 <= len(scenarios) <= MOST:
        raise InputError(f"{len(scenarios)} scenarios are given: name two to {MOST}")
    pairs = [given if isinstance(given, tuple) else (given, ()) for given in scenarios]
    common = overrides(shared)
    own = [(source, overrides(changes)) for source, changes in pairs]
    read = [(read_scenario(source, [*common, *changes]), changes) for source, changes in own]
    setting = set_up(how)
    draw = partial(_draw, figure_format=setting.figure_format)
    found = run_comparison(make_designs(read), setting, replicates=replicates, finish=draw)
    return Compared(found, setting.place)


def _draw(found: Comparison, folder: Path, figure_format: str) -> None:
    save(comparison_figure(found), folder / figure_file(FIGURE, figure_format))


def comparison_figure(found: Comparison) -> Drawn:
    """Return the figure of designs compared."""
    labels = {design.letter: design.label for design in found.designs}
    plan = found.designs[0].scenario
    quantities = quantities_of(
        found.differences["quantity"],
        plan.outcome(plan.analysis.primary_outcome),
        plan.analysis.primary_analysis,
    )
    return draw_comparison(found.differences, labels, quantities)
