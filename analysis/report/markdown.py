"""Tables in Markdown."""

from collections.abc import Iterable


def markdown_table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: bool = False
) -> str:
    """Return a table; with ``numbers`` all columns but the first are set flush right.

    >>> print(markdown_table(["arm", "n"], [["control", "229"]], numbers=True))
    | arm | n |
    |---|---:|
    | control | 229 |
    """
    first = list(heads)
    lines = [f"| {' | '.join(cells)} |" for cells in (first, *rows)]
    lines.insert(1, f"|---|{('---:|' if numbers else '---|') * (len(first) - 1)}")
    return "\n".join(lines)
