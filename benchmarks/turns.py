"""Fair timing: everything is measured in turns with a yardstick, and as a multiple of it.

What a computer does at the same time, and how fast it is, touches the yardstick as much as what is
measured beside it. So a multiple can be compared between runs and between machines; a time cannot.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

Call = Callable[[], object]

# What `Streams.uniforms` and `Streams.normals` drew in replicate 1 of selfback_2021 in version 0.1.
# Fixed, so that multiples of different versions are of the same unit even where a version draws
# more or fewer numbers.
UNIFORMS, NORMALS = 2_257_000, 1_093_000
_LOOP = 2_000_000


def yardstick() -> None:
    """Draw as many random numbers as one trial of `selfback_2021` does, in two calls."""
    generator = np.random.Generator(np.random.PCG64(1))
    generator.random(UNIFORMS, dtype=np.float32)
    generator.standard_normal(NORMALS, dtype=np.float32)


def python_loop() -> None:
    """Add up two million numbers: what plain Python costs."""
    total = 0
    for number in range(_LOOP):
        total += number * number % 7


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement.

    Attributes
    ----------
    milliseconds
        Median processor time.
    multiple
        Median over the turns of the ratio to the unit's time in the same turn.
    """

    milliseconds: float
    multiple: float


def seconds(call: Call) -> float:
    """Return the processor time of a call, of a call that measures itself what it returns."""
    start = time.process_time()
    own = call()
    return own if isinstance(own, float) else time.process_time() - start


def in_turns(
    calls: Mapping[str, Call], units: Mapping[str, str], turns: int
) -> dict[str, Measured]:
    """Measure calls in alternating turns.

    Parameters
    ----------
    calls
        What to measure, by name. A call that returns a float has measured its own seconds.
    units
        Name of the call that each is a multiple of.
    turns
        How often; medians are over these.
    """
    for call in calls.values():
        call()  # fills caches, loads what is imported late
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(turns):
        for name, call in calls.items():
            times[name].append(seconds(call))
    return {
        name: Measured(
            1000 * median(mine),
            median(a / b for a, b in zip(mine, times[units[name]], strict=True)),
        )
        for name, mine in times.items()
    }
