"""What was set by hand, as a file: it extends the scenario, and has what was changed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scenarios.loading.identity import IDENTITY
from scenarios.loading.keys import Path, dotted
from scenarios.loading.layers import Merged
from scenarios.loading.overrides import SET
from scenarios.loading.toml_document import toml_document
from scenarios.loading.toml_text import toml_text

OWN_CHOICE = "own choice"
"""Source of a value that somebody chose."""


def variant_document(merged: Merged, *, extends: str, name: str) -> str:
    """Return the TOML of a variant: read again, it is the same scenario.

    Parameters
    ----------
    merged
        The layers of a scenario that is valid, with what was set by hand, if anything was.
    extends
        The scenario without it, as the file is to name it.
    name
        Of the variant.
    """
    by_hand = merged.layers[-1]
    changes: Mapping[str, Any] = by_hand.data if by_hand.label == SET else {}
    lines = [
        f"extends = {toml_text(extends)}",
        f"name = {toml_text(name)}",
        f"title = {toml_text(merged.data['title'])}",
    ]
    if merged.data.get("published"):
        lines.append(f"published = {toml_text(merged.data['published'])}")
    tables = [dotted(path) for path in by_hand.replaced if path == _as_stated(path, merged)]
    if changes and tables:
        lines.append(f"replace = {toml_text(sorted(tables))}")
    paths = list(dict.fromkeys(_stated(changes, (), merged)))
    text = "\n".join(lines) + "\n"
    if not paths:
        return text
    return f"{text}\n{toml_document(merged, paths, by_hand=OWN_CHOICE)}"


def whole_document(merged: Merged, *, name: str) -> str:
    """Return the TOML of a scenario under another name, with all its values; it extends nothing."""
    return toml_document(replace(merged, data={**merged.data, "name": name}), by_hand=OWN_CHOICE)


def _stated(changes: Mapping[Any, Any], above: Path, merged: Merged) -> Iterator[Path]:
    """Yield the paths that a file must state: of each value that was set, of lists the whole."""
    for step, value in changes.items():
        path = (*above, step)
        if path[0] in IDENTITY:
            continue
        cut = _as_stated(path, merged)
        if cut != path or not isinstance(value, Mapping) or not value:
            yield cut
        else:
            yield from _stated(value, path, merged)


def _as_stated(path: Path, merged: Merged) -> Path:
    """Return how much of a path a file can state: it cannot set an element of a list."""
    data: Any = merged.data
    for length, step in enumerate(path):
        if isinstance(data, list):
            return path[:length]
        data = data.get(step) if isinstance(data, Mapping) else None
    return path
