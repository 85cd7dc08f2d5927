"""Inserts the tables of a study into a page, between marks."""

from collections.abc import Mapping
from pathlib import Path


def insert(document: Path, filled: Mapping[str, str]) -> None:
    """Put each text between its marks ``<!-- NAME -->`` and ``<!-- /NAME -->`` of a document."""
    page = document.read_text(encoding="utf-8")
    for name, text in filled.items():
        opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
        if opening not in page or closing not in page:
            raise SystemExit(f"{document} has no marks {opening} and {closing}")
        before, rest = page.split(opening, 1)
        _, after = rest.split(closing, 1)
        page = f"{before}{opening}\n{text}\n{closing}{after}"
    document.write_text(page, encoding="utf-8")
