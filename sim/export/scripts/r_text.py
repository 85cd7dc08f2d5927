"""Values and texts as R writes them."""

from collections.abc import Iterable

from scenarios.errors import one_line


def text(value: str) -> str:
    r"""Return a text in quotes, in plain letters whatever is in it.

    >>> print(text('3 "små" dager'))
    "3 \"sm\u00e5\" dager"
    """
    return '"' + "".join(map(_character, value)) + '"'


def _character(one: str) -> str:
    if one in {'"', "\\"}:
        return f"\\{one}"
    if " " <= one <= "~":
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"


def vector(values: Iterable[str | float]) -> str:
    """Return texts or numbers as a vector.

    >>> vector([-1.0, 0.5]), vector(["a"])
    ('c(-1, 0.5)', 'c("a")')
    """
    parts = (text(v) if isinstance(v, str) else f"{v:.17g}" for v in values)
    return f"c({', '.join(parts)})"


def comment(words: str, mark: str = "#", width: int = 98) -> str:
    """Return words as lines of a comment; nothing in them ends it or opens another."""
    plain = one_line(words).replace("*/", "* /").replace("/*", "/ *").replace("//", "/ /")
    lines, line = [], mark
    for word in plain.split(" "):
        if len(line) + len(word) + 1 > width and line != mark:
            lines.append(line)
            line = mark
        line += f" {word}"
    return "\n".join([*lines, line])
