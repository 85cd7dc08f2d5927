"""What exported columns are: their labels, and the values that columns of categories can have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scenarios.schema import Scenario
from sim.tables.codebook import Entry, codebook

YES_NO = ("no", "yes")
_NOT_CODED = frozenset({"detail", "failure", "reason"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of an exported table.

    Attributes
    ----------
    table, column
        Where it stands, by its own name.
    entry
        What the codebook says of it.
    levels
        Texts that there are, in the order of their codes from 0; empty where it has no codes.
        Of true and false they are no and yes.
    """

    table: str
    column: str
    entry: Entry
    levels: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it is, with its unit and what day 0 is."""
        entry = self.entry
        more = [entry.unit] if entry.unit and entry.unit not in entry.meaning else []
        more += [f"day 0: {entry.day_0}"] if entry.day_0 else []
        label = f"{entry.meaning} ({'; '.join(more)})" if more else entry.meaning
        return label[:1].upper() + label[1:]


def variables(tables: Mapping[str, pa.Table], scenario: Scenario) -> dict[str, list[Variable]]:
    """Return the variables of each table, in the order of its columns."""
    names = {name: table.column_names for name, table in tables.items()}
    found: dict[str, list[Variable]] = {name: [] for name in tables}
    for entry in codebook(names, scenario):
        column = tables[entry.table].column(entry.column)
        levels = _levels(entry, column, scenario)
        found[entry.table].append(Variable(entry.table, entry.column, entry, levels))
    return found


def _levels(entry: Entry, column: pa.ChunkedArray, scenario: Scenario) -> tuple[str, ...]:
    """Return the levels of a column, none if it has others than those that are known."""
    if pa.types.is_boolean(column.type):
        return YES_NO
    if not pa.types.is_string(column.type) or entry.column in _NOT_CODED:
        return ()
    there = {value for value in pc.unique(column).to_pylist() if value}
    return next((each for each in _known(entry, scenario) if each and there <= {*each}), ())


def _known(entry: Entry, scenario: Scenario) -> Sequence[tuple[str, ...]]:
    if entry.column == "arm":
        return scenario.arm_names, (*scenario.arm_names, "all")
    if entry.column == "visit":
        visits = tuple(visit.name for visit in scenario.trial.visits)
        return (("baseline", *visits),)
    if entry.column in scenario.levels:
        return (scenario.levels[entry.column],)
    if entry.column == "withdrawal_reason":
        reasons = (reason for arm in scenario.follow_ups for reason in arm.withdrawal_reasons)
        return (tuple(dict.fromkeys(reasons)),)
    mark = "; " if "; " in entry.codes else ", "
    return (tuple(entry.codes.split(mark)) if entry.codes else (),)


def plain_values(column: pa.ChunkedArray) -> pd.Series:
    """Return a column as texts, empty where missing, or as numbers, NaN where missing."""
    if pa.types.is_string(column.type):
        return pd.Series([value or "" for value in column.to_pylist()], dtype=object)
    if pa.types.is_integer(column.type) and not column.null_count:
        return pd.Series(column.to_numpy())
    return pd.Series(column.cast(pa.float64()).to_numpy(), dtype=float)


def widest(values: pd.Series) -> int:
    """Return how many bytes the longest text has; 0 of numbers."""
    return widest_text(values) if values.dtype == object else 0


def widest_text(values: Iterable[object]) -> int:
    """Return how many bytes the longest of some texts has."""
    return max((len(str(text).encode()) for text in values), default=0)
