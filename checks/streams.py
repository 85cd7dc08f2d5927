"""Makes the random streams of many names and looks whether two of them are one.

``python checks/streams.py``: every mechanism in 2,000 replicates, one mechanism in 100,000, and
occurrences by number and by name. A stream is its generator's state: where in its period it begins,
and which of its sequences it is.
"""

import sys
from collections.abc import Iterator
from itertools import product

import numpy as np
from kit.told import Told

from sim.core.streams import Mechanism, Streams

SEED = 20190308
NAMES = ("pain", "disability", "baseline", "month_3", "a", "b")


def generators() -> Iterator[tuple[str, np.random.Generator]]:
    """Yield what is looked at, with the kind of its name."""
    for replicate, mechanism in product(range(2000), Mechanism):
        kind = "mechanisms and replicates"
        yield kind, Streams(SEED, replicate).generator(mechanism)
    for replicate in range(2000, 100_000):
        yield "further replicates", Streams(SEED, replicate).generator(Mechanism.TRAITS)
    for replicate, mechanism in product(range(20), Mechanism):
        streams = Streams(SEED, replicate)
        for occurrence in (*range(20), *NAMES):
            yield "occurrences", streams.generator(mechanism, occurrence)
    for mechanism in Mechanism:
        yield "shared by all replicates", Streams(SEED, 0).shared(mechanism)


def main() -> int:
    """Run the check; return 1 if it fails."""
    told = Told()
    states: dict[tuple[int, int], str] = {}
    counts: dict[str, int] = {}
    places: set[int] = set()
    for kind, generator in generators():
        state = generator.bit_generator.state["state"]
        counts[kind] = counts.get(kind, 0) + 1
        states.setdefault((state["state"], state["inc"]), kind)
        places.add(state["state"])
    named = sum(counts.values())
    more = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    told.case("streams with a state of their own", len(states), named, more)
    told.case("streams that begin at a place of their own", len(places), named)
    return told.code


if __name__ == "__main__":
    sys.exit(main())
