"""Where every parameter comes from: the comment "unit; source" behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

import tomlkit

from scenarios.loading.identity import CONDUCT
from scenarios.loading.keys import Path, dotted, place_at
from scenarios.loading.layers import Merged, merge
from scenarios.loading.overrides import SET

UNITLESS = frozenset({"name", "names", "list", "table"})
"""Schema units of what has none: its comment is the source alone."""
OWN_UNIT = "own unit"
"""Schema unit of a margin, whose comment may say which unit that is."""
# How a run is done, not a parameter of the model.
_NO_COMMENT = frozenset((key,) for key in CONDUCT)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a scenario.

    Attributes
    ----------
    key
        Dotted key.
    value
        As in TOML.
    unit
        As the comment states it; the schema's where it states none, '' for a name.
    source
        Where the value comes from; ``--set`` if set by hand, '' if nothing is said.
    file
        The file that last set it, or ``--set``.
    """

    key: str
    value: Any
    unit: str
    source: str
    file: str


def provenance(
    name_or_path: str | FilePath, overrides: Sequence[str] = ()
) -> tuple[Parameter, ...]:
    """Return every parameter of a scenario with its unit and source, in the order of the files.

    Raises
    ------
    ScenarioError
        If a file or an override cannot be read.
    """
    return tuple(parameters_of(merge(name_or_path, overrides)).values())


def parameters_of(merged: Merged) -> dict[Path, Parameter]:
    """Return every parameter of merged layers, by its path, in the order of the files."""
    comments = _comments(merged)
    return {
        path: _parameter(path, value, merged, comments) for path, value in values_in(merged.data)
    }


def undocumented(name_or_path: str | FilePath) -> tuple[str, ...]:
    """Return a line for each parameter without a source, or with another unit than the schema's."""
    merged = merge(name_or_path)
    comments = _comments(merged)
    lines = []
    for path, value in values_in(merged.data):
        place = place_at(path, merged.data)
        if place is None or path in _NO_COMMENT or path[-1] in {"kind", "model"}:
            continue
        found = _parameter(path, value, merged, comments)
        wanted = "" if place.unit in UNITLESS else place.unit
        where = f"{found.file}: {found.key}"
        if not found.source:
            lines.append(f"{where} needs a comment '{f'{wanted}; ' if wanted else ''}source'")
        elif wanted not in {OWN_UNIT, found.unit}:
            lines.append(f"{where} is said to be in {found.unit!r}, the schema says {wanted!r}")
    return tuple(lines)


def _parameter(
    path: Path, value: Any, merged: Merged, comments: Sequence[Mapping[Path, str]]
) -> Parameter:
    position = _set_by(path, merged)
    place = place_at(path, merged.data)
    unit = "" if place is None or place.unit in UNITLESS else place.unit
    label = merged.layers[position].label
    source = SET if label == SET else ""
    comment = _nearest_comment(path, comments[position])
    if comment:
        stated, semicolon, rest = (part.strip() for part in comment.partition(";"))
        if not unit:
            source = comment
        elif semicolon:
            # Behind an inline table, "table; source" speaks for keys of several units.
            unit, source = unit if stated in UNITLESS else stated, rest
    return Parameter(dotted(path), value, unit, source, label)


def _set_by(path: Path, merged: Merged) -> int:
    """Return the layer that set a value, or the last element of it: a list sets its elements."""
    inside = [at for key, at in merged.origins.items() if key[: len(path)] == path]
    if inside:
        return max(inside)
    for length in range(len(path), 0, -1):
        if path[:length] in merged.origins:
            return merged.origins[path[:length]]
    raise KeyError(dotted(path))


def _nearest_comment(path: Path, comments: Mapping[Path, str]) -> str:
    """Return the comment behind a value, or behind the inline table or list that holds it."""
    for length in range(len(path), 0, -1):
        if path[:length] in comments:
            return comments[path[:length]]
    return ""


def _comments(merged: Merged) -> list[Mapping[Path, str]]:
    return [_comments_in(layer.text) if layer.text else {} for layer in merged.layers]


@lru_cache(maxsize=16)
def _comments_in(text: str) -> Mapping[Path, str]:
    """Return the comments of a file's text; files of the library are read again and again."""
    return MappingProxyType(dict(_read_comments(tomlkit.parse(text), ())))


def _read_comments(item: Any, path: Path) -> Iterator[tuple[Path, str]]:
    trivia = getattr(item, "trivia", None)
    # A comment behind the header of a table or of a list of tables says nothing of its values.
    if trivia is not None and not isinstance(item, tomlkit.items.Table | tomlkit.items.AoT):
        comment = trivia.comment.lstrip("#").strip()
        if comment:
            yield path, comment
    if isinstance(item, Mapping):
        container: Any = getattr(item, "value", None)
        if isinstance(item, tomlkit.container.Container):
            container = item
        for key, child in item.items():
            # A mapping yields true and false without their comments, its container does not.
            whole = container.item(key) if isinstance(child, bool) else child
            yield from _read_comments(whole, (*path, key))
    elif isinstance(item, list):
        for position, child in enumerate(item):
            yield from _read_comments(child, (*path, position))


def values_in(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value with its path: scalars and lists of scalars, whatever holds them."""
    if isinstance(data, Mapping):
        for key, child in data.items():
            yield from values_in(child, (*path, key))
    elif isinstance(data, list) and any(isinstance(child, Mapping) for child in data):
        for position, child in enumerate(data):
            yield from values_in(child, (*path, position))
    else:
        yield path, data
