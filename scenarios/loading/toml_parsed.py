"""TOML as scenarios have it: integers of 64 bits, as its standard promises, and not too deep."""

import tomllib
from typing import Any

DEEPEST = 40
"""Tables and lists within one another."""
_MOST = 2**63
_TOO_DEEP = f"more than {DEEPEST} lists or tables are in one another"


class TooLargeError(ValueError):
    """It is TOML, and more than a scenario can hold."""


def parsed(text: str) -> dict[str, Any]:
    """Read a document.

    Raises
    ------
    ValueError
        If it is no TOML.
    TooLargeError
        If an integer has more than 64 bits, or tables are too deep in one another.
    """
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise TooLargeError(_TOO_DEEP) from None
    # Not by recursion: dotted keys may be deeper than that goes.
    left: list[tuple[Any, int]] = [(document, 0)]
    while left:
        value, depth = left.pop()
        if depth > DEEPEST:
            raise TooLargeError(_TOO_DEEP)
        if isinstance(value, dict | list):
            inside = value.values() if isinstance(value, dict) else value
            left += [(each, depth + 1) for each in inside]
        elif isinstance(value, int) and not -_MOST <= value < _MOST:
            raise TooLargeError("an integer has more than 64 bits")
    return document
