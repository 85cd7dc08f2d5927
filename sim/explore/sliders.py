"""Ranges in which numbers are moved: about their value, within what the schema allows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, floor, log10
from typing import Any

from annotated_types import Ge, Gt, Le, Lt

MOST_STEPS, TIMES, NEAR = 400, 3.0, 4.0
"""Steps of a slider; how many times the value it goes to, where the schema has no limit that is
near; and how many times the value is near."""
FROM_ZERO, WHOLE_FROM_ZERO = 10.0, 100.0
"""How far it goes from 0, where the schema has no limit before."""
TINY = 1e-9
"""Steps that rounding may be off by."""


@dataclass(frozen=True, slots=True)
class Slider:
    """A range in which a number can be moved; any other that is allowed can be typed."""

    low: float
    high: float
    step: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the schema allows of a number: from ``low`` or above it, to ``high`` or below it."""

    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False


def limits_of(part: Any, name: str) -> Limits:
    """Return the lowest and the highest value that the schema allows, as far as it says."""
    found = Limits()
    for limit in _metadata(type(part).model_fields[name]):
        match limit:
            case Ge(ge=low):
                found = replace(found, low=float(low))  # type: ignore[arg-type]
            case Gt(gt=low):
                found = replace(found, low=float(low), above=True)  # type: ignore[arg-type]
            case Le(le=high):
                found = replace(found, high=float(high))  # type: ignore[arg-type]
            case Lt(lt=high):
                found = replace(found, high=float(high), below=True)  # type: ignore[arg-type]
    return found


def _metadata(field: Any) -> Iterator[Any]:
    for each in (*field.metadata, *getattr(field.annotation, "__metadata__", ())):
        yield from _metadata(each) if hasattr(each, "metadata") else (each,)


def slider_about(value: float, limits: Limits, *, whole: bool) -> Slider:
    """Return a range about a value, in even steps: to the limits of the schema if they are near.

    >>> slider_about(350.0, Limits(0.0, 200000.0, above=True), whole=True)
    Slider(low=5.0, high=1050.0, step=5.0)
    >>> slider_about(0.3, Limits(0.0, 1.0), whole=False)
    Slider(low=0.0, high=1.0, step=0.005)
    >>> slider_about(0.05, Limits(1e-10, 0.5, below=True), whole=False)
    Slider(low=0.0005, high=0.15, step=0.0005)
    >>> slider_about(-2.0, Limits(), whole=False)
    Slider(low=-6.0, high=6.0, step=0.05)
    """
    reach = TIMES * abs(value) or (WHOLE_FROM_ZERO if whole else FROM_ZERO)
    near = NEAR * abs(value) or reach
    high = reach if limits.high is None or limits.high > near else limits.high
    low = -reach if limits.low is None or limits.low < -near else limits.low
    step = _round_step((high - low) / MOST_STEPS)
    step = max(1.0, float(round(step))) if whole else step
    first, last = ceil(low / step - TINY), floor(high / step + TINY)
    first += limits.above and first * step <= low
    last -= limits.below and last * step >= high == limits.high
    bottom, top = (float(f"{times * step:.12g}") for times in (first, last))
    return Slider(bottom, top, step)


def _round_step(step: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least as large.

    >>> [_round_step(each) for each in (0.003, 5.2, 0.06)]
    [0.005, 10.0, 0.1]
    """
    power = 10.0 ** floor(log10(step))
    return float(
        next(f"{n * power:.12g}" for n in (1, 2, 5, 10) if n * power >= step * (1.0 - TINY))
    )
