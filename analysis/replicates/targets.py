"""The simulated number of each target, replicate by replicate."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from scenarios.targets import Target

Group = tuple[str, str, tuple[str, ...]]
"""Table, column with the number, and columns that are selected on."""


def simulated_numbers(
    tables: Mapping[str, pa.Table], targets: Sequence[Target]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each replicate found for each target.

    Numbers are on the scale they were estimated on: a target's ``transform`` is not applied.

    Parameters
    ----------
    tables
        The result tables of one or more replicates.
    targets
        Those wanted.

    Returns
    -------
    replicates : (r,) int
        Numbers of the replicates, ascending.
    values : (r, t) float
        NaN where a replicate has no such result, or has it without a number; and where a table
        is not there.

    Raises
    ------
    ValueError
        If a target selects several rows of a replicate.
    """
    replicates = np.unique(np.concatenate([t["replicate"].to_numpy() for t in tables.values()]))
    values = np.full((len(replicates), len(targets)), np.nan)
    groups: dict[Group, list[int]] = {}
    for position, target in enumerate(targets):
        key = (target.table, target.result_column, tuple(sorted(target.select)))
        groups.setdefault(key, []).append(position)
    for (table, column, selected), positions in groups.items():
        if table not in tables:
            continue
        rows = _Rows(tables[table], selected)
        numbers = tables[table][column].to_numpy().astype(float)
        # Targets that select on the same columns share one sorted index of the table.
        at = np.searchsorted(replicates, tables[table]["replicate"].to_numpy())
        for position in positions:
            found = rows.of(targets[position].select)
            if len(np.unique(at[found])) < len(found):
                raise ValueError(f"target {targets[position].label!r} selects several results")
            values[at[found], position] = numbers[found]
    return replicates, values


class _Rows:
    """Finds the rows of a table by the values of some text columns."""

    def __init__(self, table: pa.Table, columns: tuple[str, ...]) -> None:
        self._names: dict[str, dict[str, int]] = {}
        codes = np.zeros(table.num_rows, dtype=np.int64)
        for column in columns:
            texts = table[column]
            if not pa.types.is_dictionary(texts.type):
                texts = texts.dictionary_encode()
            texts = texts.unify_dictionaries().combine_chunks()
            names = texts.dictionary.to_pylist()
            self._names[column] = {name: code for code, name in enumerate(names)}
            codes = codes * len(names) + texts.indices.to_numpy()
        # A row's values as one number in mixed radix: all rows with some values are then a range.
        self._order = np.argsort(codes, kind="stable")
        self._codes = codes[self._order]

    def of(self, select: Mapping[str, str]) -> np.ndarray:
        """Return the numbers of the rows with these values, ascending; none if there are none."""
        wanted = 0
        for column, names in self._names.items():
            if select[column] not in names:
                return self._order[:0]
            wanted = wanted * len(names) + names[select[column]]
        first, last = np.searchsorted(self._codes, [wanted, wanted + 1])
        return self._order[first:last]


def to_published_scale(target: Target, values: np.ndarray) -> np.ndarray:
    """Apply a target's transform: an odds ratio is estimated as its logarithm."""
    return np.exp(values) if target.transform == "exp" else values


def published_on_scale(target: Target) -> tuple[float, float, float]:
    """Return the published number and the bounds of its rounding, on the simulated scale."""
    value, reach = target.value, target.rounding
    if target.transform == "exp":
        return math.log(value), math.log(value - reach), math.log(value + reach)
    return value, value - reach, value + reach
