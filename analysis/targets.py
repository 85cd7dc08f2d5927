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
        NaN where a replicate has no such result, or has it without a number.

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
        rows = _rows(tables[table], selected)
        numbers = tables[table][column].to_numpy().astype(float)
        at = np.searchsorted(replicates, tables[table]["replicate"].to_numpy())
        for position in positions:
            wanted = tuple(targets[position].select[name] for name in selected)
            found = rows.get(wanted if len(wanted) > 1 else wanted[0])
            if found is None:
                continue
            if len(np.unique(at[found])) < len(found):
                raise ValueError(f"target {targets[position].label!r} selects several results")
            values[at[found], position] = numbers[found]
    return replicates, values


def _rows(table: pa.Table, columns: tuple[str, ...]) -> dict[object, np.ndarray]:
    """Return the row numbers of each combination of the columns' values."""
    frame = table.select(list(columns)).to_pandas(strings_to_categorical=True)
    grouped: dict[object, np.ndarray] = frame.groupby(list(columns), observed=True).indices
    return grouped


def to_published_scale(target: Target, values: np.ndarray) -> np.ndarray:
    """Apply a target's transform: an odds ratio is estimated as its logarithm."""
    return np.exp(values) if target.transform == "exp" else values


def published_on_scale(target: Target) -> tuple[float, float, float]:
    """Return the published number and the limits of its rounding, on the simulated scale."""
    value, reach = target.value, target.rounding
    if target.transform == "exp":
        return math.log(value), math.log(value - reach), math.log(value + reach)
    return value, value - reach, value + reach
