"""Numeric parameters of a scenario, each moved down and up by a share of its value.

Down is towards none of it, up is away from that. A value is multiplied by 1 - share and by
1 + share. Where the schema bounds it by 0 and 1, as it does probabilities, its odds are multiplied
instead; where by -1 and 1, and of every correlation, Fisher's z, the inverse hyperbolic tangent. So
it stays within its bounds, and the sign stays too. A whole number is rounded, and moves by at least
1. All numbers of a list are moved together, each on its own scale; where they are proportions that
sum to 1, the odds of the last are multiplied, and the others share the rest as they did before.
"""

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scenarios.errors import ScenarioError
from scenarios.free_parameters import set_value
from scenarios.loading.identity import CONDUCT
from scenarios.loading.keys import Path, Place, place_at
from scenarios.loading.layers import Merged
from scenarios.loading.load import validate
from scenarios.loading.provenance import Parameter
from scenarios.schema import Scenario

VALUE, ODDS, FISHER, WHOLE, PARTS = (
    "value",
    "odds",
    "Fisher's z",
    "whole number",
    "odds of the last",
)
"""Scales on which a number is moved."""
DATES = frozenset({"weekday", "day of the year", "hour of day", "year"})
"""Units of what says when: a share of it means nothing."""
_DIGITS = 12
_CLEARLY = 0.1
"""Share of a value by which it is moved to see whether it can be moved at all."""
_WHOLE = 1e-6
"""By which proportions of a whole may miss 1, as the schema has it."""


@dataclass(frozen=True, slots=True)
class Move:
    """A parameter with the values that it is moved to.

    Attributes
    ----------
    parameter, path
        Which; its value is where it is moved from.
    scale
        One of :data:`VALUE`, :data:`ODDS`, :data:`FISHER`, :data:`WHOLE`, :data:`PARTS`.
    down, up
        Values as in TOML: a number, or a list of them.
    scenarios
        With the one and with the other.
    """

    parameter: Parameter
    path: Path
    scale: str
    down: Any
    up: Any
    scenarios: tuple[Scenario, Scenario]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A parameter that is not moved.

    Attributes
    ----------
    key, reason
        Which, and why, in a few words.
    """

    key: str
    reason: str


def is_numeric(value: Any) -> bool:
    """Return whether a value is a number, or a list of numbers or of such lists.

    >>> is_numeric(0.5), is_numeric([[1, 2.0]]), is_numeric(True), is_numeric([]), is_numeric("1")
    (True, True, False, False, False)
    """
    if isinstance(value, list):
        return bool(value) and all(map(is_numeric, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def can_move(path: Path, parameter: Parameter) -> bool:
    """Return whether a parameter is a number of the trial, and not of how a study is done."""
    return path[0] not in CONDUCT and is_numeric(parameter.value)


def moves_of(
    merged: Merged, chosen: Sequence[tuple[Path, Parameter]], share: float
) -> Iterator[Move | LeftOut]:
    """Yield each of some numeric parameters with the values that it is moved to, or why not.

    Parameters
    ----------
    merged
        The scenario's layers.
    chosen
        The parameters, with their paths.
    share
        Of its value by which each is moved, above 0 and below 1.
    """
    for path, parameter in chosen:
        if parameter.unit in DATES:
            yield LeftOut(parameter.key, "says when, and has no size")
            continue
        place = place_at(path, merged.data) or Place(float, "")
        scale = PARTS if _are_parts(parameter.value, place) else scale_of(place)
        down, up = (moved(parameter.value, place, 1.0 + sign * share) for sign in (-1.0, 1.0))
        if down == parameter.value == up:
            yield LeftOut(parameter.key, _why_unmoved(parameter.value, scale, place, share))
            continue
        try:
            scenarios = (_scenario(merged, path, down), _scenario(merged, path, up))
        except ScenarioError as error:
            yield LeftOut(parameter.key, f"not allowed if moved: {_bare(error, merged)}")
            continue
        yield Move(parameter, path, scale, down, up, scenarios)


def moved(value: Any, place: Place, factor: float) -> Any:
    """Return a value that is moved on its scale, see :mod:`scenarios.moved`.

    Parameters
    ----------
    value
        A number, or a list.
    place
        Where it stands in the schema.
    factor
        By which it is multiplied, on its scale.

    >>> moved(0.5, Place(float, "", ()), 1.1), moved(3, Place(int, ""), 1.1)
    (0.55, 4)
    """
    if _are_parts(value, place):
        *others, last = value
        changed = _odds(last, factor)
        return [*(_neat(each * (1.0 - changed) / (1.0 - last)) for each in others), changed]
    if isinstance(value, list):
        inside = _inside(place)
        return [moved(each, inside, factor) for each in value]
    scale = scale_of(place)
    if scale == WHOLE:
        step = math.copysign(1.0, (factor - 1.0) * value) if value else 0.0
        found = round(value * factor)
        return found if found != value else int(value + step)
    if scale == ODDS and 0.0 < value < 1.0:
        return _odds(value, factor)
    if scale == FISHER and abs(value) < 1.0:
        return _neat(math.tanh(factor * math.atanh(value)))
    return value if scale in {ODDS, FISHER} else _neat(value * factor)


def scale_of(place: Place) -> str:
    """Return the scale on which what stands there is moved; of a list that of its numbers."""
    while place.element() is not None:
        place = _inside(place)
    if place.is_whole:
        return WHOLE
    if place.unit == "correlation":
        return FISHER  # of a matrix, whose bound is that it is positive definite
    return {(0.0, 1.0): ODDS, (-1.0, 1.0): FISHER}.get(place.bounds, VALUE)


def _odds(value: float, factor: float) -> float:
    odds = factor * value / (1.0 - value)
    return _neat(odds / (1.0 + odds))


def _are_parts(value: Any, place: Place) -> bool:
    """Return whether numbers are proportions of a whole."""
    return (
        isinstance(value, list)
        and place.unit == "proportion"
        and len(value) > 1
        and all(isinstance(each, int | float) and 0.0 < each < 1.0 for each in value)
        and abs(sum(value) - 1.0) < _WHOLE
    )


def _inside(place: Place) -> Place:
    return place.element() or place


def _neat(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _why_unmoved(value: Any, scale: str, place: Place, share: float) -> str:
    if moved(value, place, 1.0 + _CLEARLY) != value:
        return f"does not change if moved by {share:g} of its value, which is too little"
    several = "all are" if isinstance(value, list) else "is"
    return f"{several} 0" if scale in {VALUE, WHOLE} else f"{several} 0 or at an end of the scale"


def _scenario(merged: Merged, path: Path, value: Any) -> Scenario:
    data = copy.deepcopy(merged.data)
    set_value(data, path, value)
    return validate(replace(merged, data=data))


def _bare(error: ScenarioError, merged: Merged) -> str:
    """Return what is wrong without the file, which has done nothing wrong."""
    problem = error.problems[0]
    labels = [f"{layer.label}: " for layer in merged.layers if problem.startswith(layer.label)]
    return problem.removeprefix(labels[0]) if labels else problem
