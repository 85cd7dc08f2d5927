"""What a user sets by hand, ``key=value``, as a tree that can be laid over a scenario."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.errors import ScenarioError, nearest
from scenarios.loading.keys import (
    Path,
    dotted,
    element_position,
    names_in,
    place_at,
    read_key,
)
from scenarios.loading.toml_parsed import TooLargeError, parsed

SET = "--set"
"""What messages call an override."""


@dataclass(frozen=True, slots=True)
class Override:
    """One ``key=value``.

    Attributes
    ----------
    text
        As it was given.
    path
        Where the value goes. An element of a list is named by its position, an integer where it was
        written ``[0]``, digits where it was written ``.0``; or by its name, where it has one.
    value
        As TOML reads it; text where it is not TOML.
    """

    text: str
    path: Path
    value: Any


def read_override(text: str) -> Override:
    """Read one ``key=value``.

    Raises
    ------
    ScenarioError
        If it has no ``=``, does not begin with a dotted key, or the value is too large for TOML.
    """
    if "=" not in text:
        raise ScenarioError(f"{SET}: {text!r} has no '=': write key=value, such as seed=7")
    try:
        text.encode("utf-8")
        path, rest = read_key(text)
    except ValueError:
        path, rest = (), ""
    if not path or not rest.startswith("="):
        raise ScenarioError(
            f"{SET}: {text!r} does not start with a dotted key, such as app.quit_hazard or "
            "trial.strata[0].share"
        )
    try:
        return Override(text, path, _value(rest[1:]))
    except TooLargeError as error:
        shown = f"{dotted(path)} = {rest[1:41].strip()}"
        raise ScenarioError(f"{SET}: {shown} is not allowed: {error}") from None


def tree_of(overrides: Sequence[Override]) -> tuple[dict[Any, Any], frozenset[Path]]:
    """Return all overrides as one tree, and the free tables that an inline table replaces whole.

    A free table is one whose keys the scenario chooses, such as reasons of withdrawal. Positions in
    lists are keys of the tree, as long as their list is not set itself.

    Raises
    ------
    ScenarioError
        If one contradicts another.
    """
    tree: dict[Any, Any] = {}
    replaced: set[Path] = set()
    for override in overrides:
        *way, last = override.path
        table: Any = tree
        for depth, step in enumerate(way):
            table = _inside(table, step, override, override.path[: depth + 1])
        _put(table, last, override)
        replaced |= {
            path for path in _tables(override.value, override.path) if _is_free_table(path)
        }
    return tree, frozenset(replaced)


def _value(text: str) -> Any:
    try:
        document = parsed(f"value = {text}")
    except TooLargeError:
        raise
    except ValueError:
        return text.strip()
    return document["value"] if len(document) == 1 else text.strip()


def _inside(table: Any, step: str | int, override: Override, path: Path) -> Any:
    if isinstance(table, list):
        inside = table[position_in(table, step, path)]
    else:
        inside = table.setdefault(step, {})
    if not isinstance(inside, dict | list):
        raise ScenarioError(f"{SET}: {override.text}: {step} was set to a value before this")
    return inside


def _put(table: Any, step: str | int, override: Override) -> None:
    if isinstance(table, list):
        table[position_in(table, step, override.path)] = override.value
    else:
        table[step] = override.value


def position_in(elements: Sequence[Any], step: str | int, path: Path) -> int:
    """Return the position that a step of a key names in a list.

    Raises
    ------
    ScenarioError
        If it is neither a position nor a name of its elements, or the list has no such element.
    """
    shown, position = dotted(path[:-1]), element_position(elements, step)
    if position is not None:
        return position
    if isinstance(step, str) and not step.isdecimal():
        names = names_in(elements)
        close = nearest(step, names)
        hint = f"; did you mean {dotted((*path[:-1], close))}?" if close else ""
        or_name = f" or its name ({', '.join(names)})" if names else ""
        raise ScenarioError(
            f"{SET}: {shown} is a list: write the position of an element, such as {shown}[0]"
            f"{or_name}, not {step!r}{hint}"
        )
    allowed = f"positions are 0 to {len(elements) - 1}" if elements else "it is empty"
    raise ScenarioError(
        f"{SET}: {shown}[{str(step)[:20]}] is not allowed: the list has {len(elements)} elements, "
        f"{allowed}; set the whole list to change their number"
    )


def _tables(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping):
        yield path
        for key, child in value.items():
            yield from _tables(child, (*path, key))


def _is_free_table(path: Path) -> bool:
    place = place_at(path, None)
    return place is not None and place.is_free_table
