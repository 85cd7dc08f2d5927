"""How arms are told apart in figures: by colour, marker and line together."""

from itertools import cycle, islice
from typing import NamedTuple

_COLOURS = ("#7a7a7a", "#1f6f8b", "#d68910", "#8e5ea2", "#7d8c3a", "#2c3e50", "#a0522d")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")
_Line = str | tuple[int, tuple[int, ...]]
_LINES: tuple[_Line, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


class ArmStyle(NamedTuple):
    """Of one arm.

    Attributes
    ----------
    colour, marker, line
        As matplotlib takes them.
    """

    colour: str
    marker: str
    line: _Line


def arm_styles(arms: int) -> tuple[ArmStyle, ...]:
    """Return a style for each arm, the reference first; no two are the same.

    Two arms are told apart by their colours, of which one is a grey.

    >>> [style.marker for style in arm_styles(3)]
    ['o', 's', '^']
    """
    if arms == 2:
        return tuple(ArmStyle(colour, "o", "-") for colour in _COLOURS[:2])
    # The lengths of the three have no common divisor: 385 combinations come before a repetition.
    all_of_them = zip(cycle(_COLOURS), cycle(_MARKERS), cycle(_LINES), strict=True)
    return tuple(ArmStyle(*each) for each in islice(all_of_them, arms))
