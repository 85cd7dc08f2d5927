"""Permuted blocks of random size within strata."""

from collections.abc import Iterator

import numpy as np

from scenarios.design import Design
from sim.streams import Mechanism, Streams

CONTROL, INTERVENTION = 0, 1
ARMS = ("control", "intervention")


class Randomizer:
    """Conceals and reveals the allocation list of every stratum.

    Each stratum has its own list, so who is allocated what depends on the order of arrival in
    that stratum only.
    """

    def __init__(self, design: Design, streams: Streams) -> None:
        self._lists = [
            permuted_blocks(
                design.block_sizes,
                design.allocation_ratio,
                streams.generator(Mechanism.ALLOCATION, stratum),
            )
            for stratum in range(len(design.strata))
        ]

    def allocate(self, stratum: int) -> int:
        """Return the next arm of a stratum, 0 for control and 1 for intervention."""
        return next(self._lists[stratum])


def permuted_blocks(
    sizes: tuple[int, ...], ratio: tuple[int, int], generator: np.random.Generator
) -> Iterator[int]:
    """Yield arms for ever, in permuted blocks whose size is drawn anew for each block.

    Parameters
    ----------
    sizes
        Possible block sizes, each a multiple of the sum of ``ratio``, equally likely.
    ratio
        Control to intervention.
    generator
        Source of the sizes and permutations.
    """
    unit = sum(ratio)
    while True:
        size = int(generator.choice(sizes))
        block = np.repeat([CONTROL, INTERVENTION], [size // unit * part for part in ratio])
        yield from generator.permutation(block).tolist()
