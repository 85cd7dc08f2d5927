"""Options of checks, and cases that are tried several at a time."""

import argparse
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

Case = TypeVar("Case")
Found = TypeVar("Found")

SEED = 20190308
"""Of what is chosen at random."""
AT_ONCE = 3
"""Cases that are tried at the same time: most of them wait most of the time."""


def options(description: str, **numbers: int) -> argparse.Namespace:
    """Read the options of a check: ``--only``, and numbers with their defaults."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="cases with this in their name")
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, metavar="N",
                            help=f"default {default}")  # fmt: skip
    return parser.parse_args()


def at_random(seed: int, name: str, turn: int) -> random.Random:
    """Return what chooses at random in a case, whatever was tried before."""
    return random.Random(f"{seed} {name} {turn}")


def in_parallel(
    check: Callable[[Case], Found], cases: Iterable[Case], at_once: int = AT_ONCE
) -> Iterator[Found]:
    """Yield what a check finds in each case, in turn; each is tried in a copy of this process."""
    tries = [partial(check, case) for case in cases]
    _TRIES[:] = tries
    with ProcessPoolExecutor(at_once, mp_context=get_context("fork")) as pool:
        yield from pool.map(_tried, range(len(tries)))


_TRIES: list[Callable] = []
"""What the copies of this process have, so that it need not be sent to them."""


def _tried(number: int) -> object:
    return _TRIES[number]()
