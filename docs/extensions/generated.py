"""What directives that generate a part of the reference have in common."""

from collections.abc import Iterable, Sequence

from docutils import nodes


def section(title: str, anchor: str, *content: nodes.Node) -> nodes.section:
    """Return a section with a title, which stands in the contents of its page."""
    made = nodes.section("", nodes.title(title, title), *content, ids=[anchor])
    made["names"] = [nodes.fully_normalize_name(title)]
    return made


def sentence(*parts: str | nodes.Node) -> nodes.paragraph:
    """Return a paragraph; what stands in backquotes in a text becomes code.

    >>> sentence("the key `seed`").astext()
    'the key seed'
    """
    return nodes.paragraph("", "", *inline(*parts))


def inline(*parts: str | nodes.Node) -> list[nodes.Node]:
    """Return texts and nodes as nodes; what stands in backquotes in a text becomes code."""
    found: list[nodes.Node] = []
    for part in parts:
        if isinstance(part, nodes.Node):
            found.append(part)
            continue
        for position, text in enumerate(part.replace("``", "`").split("`")):
            if text:
                found.append(code(text) if position % 2 else nodes.Text(text))
    return found


def code(text: str) -> nodes.literal:
    """Return a piece of code within a sentence."""
    return nodes.literal(text, text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *classes: str) -> nodes.table:
    """Return a table of texts; what stands in backquotes in a cell becomes code."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    group += nodes.thead("", _row(heads))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=list(classes))


def _row(cells: Sequence[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", sentence(cell)) for cell in cells))
