"""Grids over keys of a scenario: ``--vary trial.sample_size=200:600:50``."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from scenarios.errors import InputError, ScenarioError
from scenarios.loading.load import load_scenario
from scenarios.loading.toml_text import toml_text
from scenarios.schema import Scenario

SIZE = "trial.sample_size"
"""Key of the sample size; power curves are fitted in its root."""
LARGEST_GRID = 10_000
"""Cells: more are not simulated in an hour, and not read by anybody."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that it takes."""

    key: str
    values: tuple[Any, ...]

    @property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        return all(isinstance(v, int | float) and not isinstance(v, bool) for v in self.values)


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario of a grid, and the value of each key that makes it."""

    point: dict[str, Any]
    scenario: Scenario


def read_axis(text: str) -> Axis:
    """Read ``key=first:last:step``, or ``key=value,value,...`` with values as in TOML.

    Raises
    ------
    InputError
        If it is neither, or has more values than a grid has cells.

    Examples
    --------
    >>> read_axis("trial.sample_size=200:300:50").values
    (200, 250, 300)
    >>> read_axis("recommender.kind=cbr,guideline").values
    ('cbr', 'guideline')
    >>> read_axis("course.effect=[-1, -1],[-2, -2]").values
    ([-1, -1], [-2, -2])
    """
    key, equals, given = text.partition("=")
    if not equals or not key.strip() or not given.strip():
        raise InputError(
            f"--vary {text} is not allowed: write key=first:last:step or key=value,value, such as "
            "trial.sample_size=200:600:50"
        )
    values = _range(text, given) if given.count(":") == 2 else _list(given)
    if len({str(value) for value in values}) < len(values):
        raise InputError(f"--vary {text} is not allowed: a value is listed twice")
    return Axis(key.strip(), values)


def make_cells(name: str, overrides: Sequence[str], axes: Sequence[Axis]) -> list[Cell]:
    """Return the cells of a grid, the last axis fastest.

    Raises
    ------
    InputError
        If an axis is given twice, the grid is too large, a key does not exist or a value is not
        allowed.
    """
    keys = [axis.key for axis in axes]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"--vary {key} is given twice: name each key once")
    size = 1
    for axis in axes:
        size *= len(axis.values)
    if size > LARGEST_GRID:
        counts = " x ".join(str(len(axis.values)) for axis in axes)
        raise InputError(
            f"--vary: {counts} makes {size} cells, at most {LARGEST_GRID} are allowed: use wider "
            "steps or fewer keys"
        )
    cells = []
    for values in product(*(axis.values for axis in axes)):
        chosen = dict(zip(keys, values, strict=True))
        changes = [f"{key}={toml_text(value)}" for key, value in chosen.items()]
        try:
            scenario = load_scenario(name, [*overrides, *changes])
        except ScenarioError as error:
            where = f"--vary {', '.join(changes)}: " if changes else ""
            raise InputError(f"{where}{error}") from None
        cells.append(Cell(chosen, scenario))
    return cells


def _range(text: str, given: str) -> tuple[int | float, ...]:
    try:
        first, last, step = (float(part) for part in given.split(":"))
    except ValueError:
        first, last, step = 0.0, 0.0, 0.0
    if not (step > 0.0 and last >= first and last - first < float("inf")):
        raise InputError(
            f"--vary {text} is not allowed: first:last:step are numbers, last at least first and "
            "step above 0"
        )
    count = int((last - first) / step + 1e-9) + 1
    if count > LARGEST_GRID:
        raise InputError(
            f"--vary {text} makes {count} cells, at most {LARGEST_GRID} are allowed: use a wider "
            "step"
        )
    values = [first + step * place for place in range(count)]
    if all(part.strip().lstrip("+-").isdigit() for part in given.split(":")):
        return tuple(round(value) for value in values)
    return tuple(float(f"{value:.12g}") for value in values)


def _list(given: str) -> tuple[Any, ...]:
    try:
        return tuple(tomllib.loads(f"values = [{given}]")["values"])
    except (ValueError, RecursionError):
        return tuple(_value(part.strip()) for part in given.split(","))


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, KeyError, RecursionError):
        return text
