"""Allocation to arms: permuted blocks, simple randomization, or minimization.

Allocation has streams of its own, so that another method moves nobody's other draws.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Protocol

import numpy as np

from scenarios.design.allocation import Minimization, Simple
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams
from sim.enrolment.minimization import Minimizer, factor_levels


class Allocator(Protocol):
    """Allocates participants, told by their rows in the cohort: the codes of their arms."""

    def __call__(self, row: int) -> int:
        """Return the arm of the next participant."""
        ...

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """Return the arms of the next participants, who come in this order."""
        ...

    def close(self, arm: int) -> None:
        """Allocate nobody to an arm from now on."""
        ...


def allocator(scenario: Scenario, streams: Streams, cohort: Cohort) -> Allocator:
    """Return what allocates the participants of one trial, to be asked in order of randomization.

    Parameters
    ----------
    scenario
        Method, shares of the arms, and strata.
    streams
        The trial's random streams.
    cohort
        Strata and traits of all who may be randomized.
    """
    design, ratio = scenario.trial, scenario.allocation_ratio
    method = design.randomization
    if isinstance(method, Simple):
        return SimpleRandomization(ratio, _draws(streams, len(cohort.patients)))
    if isinstance(method, Minimization):
        return Minimizer(
            method,
            ratio,
            factor_levels(method.factors, design, cohort),
            _draws(streams, len(cohort.patients)),
        )
    lists = np.zeros_like(cohort.stratum) if method.kind == "blocks" else cohort.stratum
    return BlockRandomization(method.block_sizes, ratio, lists, streams)


class BlockRandomization:
    """Allocates by concealed lists of permuted blocks.

    Each list is drawn for itself, so who is allocated what depends on the order of arrival in
    that list only. A newcomer whose next arm is closed is given the next open one of the list.

    Parameters
    ----------
    sizes, ratio
        See :func:`permuted_blocks`.
    lists
        (n,) number of the list of each row, at least 0: its stratum, or 0 for all.
    streams
        Source of the lists.
    """

    def __init__(
        self, sizes: tuple[int, ...], ratio: tuple[int, ...], lists: np.ndarray, streams: Streams
    ) -> None:
        self._list_of = lists
        self._lists = [
            permuted_blocks(sizes, ratio, streams.generator(Mechanism.ALLOCATION, number))
            for number in range(1 + int(lists.max(initial=0)))
        ]
        self._closed: set[int] = set()

    def __call__(self, row: int) -> int:
        """Return the next open arm of a row's list."""
        arms = self._lists[int(self._list_of[row])]
        return next(arm for arm in arms if arm not in self._closed)

    def close(self, arm: int) -> None:
        """Pass over an arm from now on."""
        self._closed.add(arm)

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """Return the next arms of the lists of some rows, in this order."""
        arms, lists = np.empty(len(rows), dtype=np.int64), self._list_of[rows]
        for number in np.flatnonzero(np.bincount(lists)).tolist():
            members = np.flatnonzero(lists == number)
            arms[members] = list(islice(self._lists[number], len(members)))
        return arms


class SimpleRandomization:
    """Simple randomization: allocates each person by a draw of its own.

    Whose arm is closed is given an open one, by their shares, by where in the part of its arm the
    draw lies; nobody else's arm changes.

    Parameters
    ----------
    ratio
        Share of each arm, in the order of their codes.
    draws
        (n,) uniforms.
    """

    def __init__(self, ratio: tuple[int, ...], draws: np.ndarray) -> None:
        self._ratio, self._draws = ratio, draws
        shares = np.array([sum(ratio[: code + 1]) / sum(ratio) for code in range(len(ratio) - 1)])
        self._edges = np.array([0.0, *shares, 1.0])
        self._drawn = np.searchsorted(shares, draws, side="right")
        self._arm = self._drawn
        self._closed: set[int] = set()

    def __call__(self, row: int) -> int:
        """Return the arm of a row."""
        return int(self._arm[row])

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """Return the arms of some rows."""
        return np.asarray(self._arm[rows])

    def close(self, arm: int) -> None:
        """Share a closed arm out among the open ones from now on."""
        self._closed.add(arm)
        arms = [code for code in range(len(self._ratio)) if code not in self._closed]
        shares = np.cumsum([self._ratio[code] for code in arms])
        first, last = self._edges[self._drawn], self._edges[self._drawn + 1]
        within = (self._draws - first) / (last - first)
        others = np.searchsorted(shares[:-1] / shares[-1], within, side="right")
        closed = np.isin(self._drawn, list(self._closed))
        self._arm = np.where(closed, np.array(arms)[others], self._drawn)


def _draws(streams: Streams, persons: int) -> np.ndarray:
    return streams.generator(Mechanism.ALLOCATION_COIN).random(persons)


def permuted_blocks(
    sizes: tuple[int, ...], ratio: tuple[int, ...], generator: np.random.Generator
) -> Iterator[int]:
    """Yield arms for ever, in permuted blocks whose size is drawn anew for each block.

    Parameters
    ----------
    sizes
        Possible block sizes, each a multiple of the sum of ``ratio``, equally likely.
    ratio
        Share of each arm, in the order of their codes.
    generator
        Source of the sizes and permutations.
    """
    blocks = _blocks_in_order(sizes, ratio)
    while True:
        block = blocks[generator.integers(len(sizes))]
        yield from generator.permutation(block).tolist()


@lru_cache(maxsize=32)
def _blocks_in_order(sizes: tuple[int, ...], ratio: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Return a block of each size, arm after arm."""
    unit = sum(ratio)
    return tuple(
        np.repeat(np.arange(len(ratio)), [size // unit * part for part in ratio]) for size in sizes
    )
