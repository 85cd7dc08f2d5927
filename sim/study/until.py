"""A study that goes on until it is precise enough, or has as many replicates as it may."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.contrasts.labels import name_of
from analysis.contrasts.planned import primary_labels
from analysis.replicates.precision import (
    MEASURES,
    NEED_TRUTH,
    is_reached,
    sizes,
    standard_errors,
)
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario
from sim.study.store.shards import Shards
from sim.study.truth import population_of

OPTION = "--until-mcse"


def check_asked(asked: Mapping[str, float], scenario: Scenario) -> None:
    """Refuse measures that there are not, or that the scenario's study does not determine.

    Raises
    ------
    InputError
        With the first.
    """
    check_measures(asked, MEASURES)
    for name in asked:
        if name in NEED_TRUTH and not scenario.truth:
            raise InputError(f"{OPTION} {name} needs true effects: add --truth, or leave it out")


def check_measures(asked: Mapping[str, float], allowed: Sequence[str]) -> None:
    """Refuse what is none of the measures, errors that are not above 0, and to ask for nothing.

    Raises
    ------
    InputError
        With the first.
    """
    if not isinstance(asked, Mapping):
        raise InputError(f"until_mcse = {asked!r} is not allowed: must be a dictionary of measures")
    for name, most in asked.items():
        if name not in allowed:
            close = nearest(name, allowed)
            hint = f"did you mean {close}?" if close else f"must be {', '.join(allowed)}"
            raise InputError(f"{OPTION} {name} is not allowed: {hint}")
        is_number = isinstance(most, int | float)
        if not (is_number and 0.0 < most < float("inf")):
            told = f"{most:g}" if is_number else repr(most)
            raise InputError(f"{OPTION} {name}={told} is not allowed: must be above 0")
    if not asked:
        raise InputError(f"{OPTION} asks for nothing: must be measures such as power=0.005")


@dataclass(slots=True)
class Until:
    """Precision that is asked for, and the replicates looked at so far.

    It is that of the primary analysis: of the difference of the primary outcome at the primary
    visit, and of several contrasts the one with the largest error.

    Attributes
    ----------
    scenario
        What is simulated.
    asked
        Measure to its Monte Carlo standard error at most.
    errors
        Those of the last look.
    """

    scenario: Scenario
    asked: Mapping[str, float]
    errors: dict[str, float] = field(default_factory=dict)
    _seen: int = 0
    _estimates: dict[str, list[pa.Table]] = field(default_factory=dict)
    _effects: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def sizes(self, most: int) -> Iterator[int]:
        """Yield after how many replicates it is looked at."""
        return sizes(most)

    def is_reached(self, shards: Shards, first: int, size: int) -> bool:
        """Return whether the replicates from ``first`` on, so many, are precise enough."""
        new = range(first + self._seen, first + size)
        for record in shards:
            if record.numbers.stop > new.start and record.numbers.start < new.stop:
                self._take(record.tables(), new)
        self._seen = size
        of_each = [
            self._errors(tables, self._effects.get(label, []))
            for label, tables in self._estimates.items()
        ]
        self.errors = {name: max(errors[name] for errors in of_each) for name in self.asked}
        return is_reached(self.errors, self.asked)

    def _errors(self, tables: Sequence[pa.Table], found: Sequence[np.ndarray]) -> dict[str, float]:
        """Return the Monte Carlo standard errors of one contrast."""
        estimates: pd.DataFrame = pa.concat_tables(tables).to_pandas()
        effects = np.concatenate(found) if found else np.empty(0)
        truth = float(effects.mean()) if len(effects) else float("nan")
        return standard_errors(estimates, truth, self.asked)

    def describe(self, most: int) -> dict[str, Any]:
        """Return as plain data what was asked for."""
        return {"asked": dict(self.asked), "most": most}

    def told(self, replicates: int) -> str:
        """Return in a line what was reached."""
        return reached(self.errors, self.asked, f"{replicates} replicates")

    def _take(self, tables: Mapping[str, pa.Table], numbers: range) -> None:
        plan = self.scenario.analysis
        at = {"outcome": plan.primary_outcome, "visit": plan.primary_visit}
        for label in primary_labels(plan, self.scenario.arms):
            if "estimates" in tables:
                chosen = {"analysis": plan.primary_analysis, **at, "contrast": label}
                rows = _rows(tables["estimates"], numbers, chosen)
                self._estimates.setdefault(label, []).append(rows)
            if "truth" in tables:
                pair = {"contrast": name_of(label)} if name_of(label) else {}
                among = {"population": population_of(plan.primary_analysis)}
                rows = _rows(tables["truth"], numbers, {**at, **pair, **among})
                self._effects.setdefault(label, []).append(rows["effect"].to_numpy())


def reached(errors: Mapping[str, float], asked: Mapping[str, float], after: str) -> str:
    """Return in a line what precision there is after so many replicates."""
    each = ", ".join(f"{name} {error:.3g}" for name, error in errors.items())
    ended = "precise enough" if is_reached(errors, asked) else "not precise enough"
    return f"{ended} after {after}: Monte Carlo standard error of {each}"


def _rows(table: pa.Table, numbers: range, chosen: Mapping[str, str]) -> pa.Table:
    """Return the rows of some replicates that have these values."""
    of = table["replicate"]
    wanted = pc.and_(pc.greater_equal(of, numbers.start), pc.less(of, numbers.stop))
    for column, value in chosen.items():
        wanted = pc.and_(wanted, pc.equal(table[column], value))
    return table.filter(wanted)
