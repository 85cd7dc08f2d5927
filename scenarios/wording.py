"""Long lists of names in a sentence, cut short."""

from collections.abc import Sequence


def few(names: Sequence[str], most: int = 6) -> str:
    """Return the first names, and how many there are more.

    >>> few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
