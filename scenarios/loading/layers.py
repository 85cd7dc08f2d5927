"""The layers a scenario is made of: its file, the files it extends, and what was set by hand."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from scenarios.errors import ScenarioError, nearest
from scenarios.loading.identity import CONDUCT, IDENTITY, identity_by_hand, own_identity
from scenarios.loading.keys import (
    ROOT,
    Path,
    Place,
    below,
    dotted_keys,
    place_at,
    read_key,
    with_positions,
)
from scenarios.loading.library import find, read
from scenarios.loading.overrides import SET, position_in, read_override, tree_of


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of keys.

    Attributes
    ----------
    label
        What messages call it: the file, or ``--set``.
    data
        Its tables and keys, without ``extends`` and ``replace``.
    text
        The TOML it was read from; empty for overrides.
    replaced
        Tables of the layers below that it replaces whole, instead of merging with them.
    changes
        What was set by hand, ``key=value`` each; empty for files.
    problems
        What is wrong with the layer itself, a line each.
    """

    label: str
    data: dict[str, Any]
    text: str = ""
    replaced: frozenset[Path] = frozenset()
    changes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """Layers laid over each other.

    Attributes
    ----------
    data
        The tables and keys that count.
    origins
        For the path of every value: the position of the layer that set it last.
    layers
        From the furthest ancestor to what was set by hand.
    problems
        What is wrong with the layers themselves, a line each.
    """

    data: dict[str, Any]
    origins: dict[Path, int]
    layers: tuple[Layer, ...]
    problems: tuple[str, ...] = field(default=())

    @property
    def asked(self) -> str:
        """Label of the file that was asked for."""
        return next(layer.label for layer in reversed(self.layers) if layer.label != SET)

    @property
    def parent(self) -> "Merged | None":
        """What its file extends; the file itself if it extends nothing and was changed by hand.

        None for a file that extends nothing, as it is.
        """
        files = [layer for layer in self.layers if layer.label != SET]
        below_it = files[:-1] or (files if len(self.layers) > len(files) else [])
        return overlay(below_it) if below_it else None

    def position(self, path: Path) -> int:
        """Return the position of the layer that last set this key, or its nearest table."""
        for length in range(len(path), 0, -1):
            start = path[:length]
            if length < len(path) and start in self.origins:
                return self.origins[start]  # an element was set with its list
            touched = [at for key, at in self.origins.items() if key[:length] == start]
            if touched:
                return max(touched)
        return max(at for at, layer in enumerate(self.layers) if layer.label != SET)

    def origin(self, path: Path) -> str:
        """Return the label of that layer."""
        return self.layers[self.position(path)].label


def merge(name_or_path: str | FilePath, overrides: Sequence[str] = ()) -> Merged:
    """Read a scenario's layers and lay them over each other.

    Tables merge key by key, lists are replaced. What can be said in several ways, such as the
    effect of a plain course, is as the last layer says it. A section that changes its kind, such as
    ``course.model``, is replaced whole, and so are tables that a file names under ``replace`` and
    free tables that ``--set`` gives as an inline table. ``--set`` can also change an element of a
    list by its position or its name. ``name``, ``title`` and ``published`` are not inherited.

    Raises
    ------
    ScenarioError
        If a file or an override cannot be read.
    """
    layers = _chain(name_or_path)
    if overrides:
        read_ones = [read_override(text) for text in overrides]
        tree, replaced = tree_of(read_ones)
        changes = tuple(o.text for o in read_ones if o.path[0] not in CONDUCT)
        layers.append(Layer(SET, tree, replaced=replaced, changes=changes))
    return overlay(layers)


def overlay(layers: Sequence[Layer]) -> Merged:
    """Lay layers over each other, from the furthest ancestor to what was set by hand.

    Raises
    ------
    ScenarioError
        If an element of a list is set that is not there.
    """
    data: dict[str, Any] = {}
    origins: dict[Path, int] = {}
    laid: list[Layer] = []
    for position, given in enumerate(layers):
        # Elements of lists may be named: which they are, only what lies below can tell.
        found = frozenset(with_positions(path, data) for path in given.replaced)
        layer = replace(given, replaced=found)
        laid.append(layer)
        by_hand = layer.label == SET
        before = copy.deepcopy(data) if by_hand else dict(data)
        if by_hand and "factorial" in data and isinstance(layer.data.get("arms"), dict):
            raise ScenarioError(
                f"{SET}: arms: elements cannot be set where [factorial] makes the arms: set keys "
                "of factorial, or the whole list"
            )
        _Overlay(data, origins, layer, position).lay(layer.data, data)
        if by_hand:
            identity = identity_by_hand(before, data, layer.data, layer.changes)
        else:
            identity = own_identity(layer.data, before.get("name"))
            for key in set(IDENTITY) - set(identity):
                data.pop(key, None)
                _forget(origins, (key,))
        data |= identity
        origins |= {(key,): position for key in identity}
    problems = tuple(problem for layer in layers for problem in layer.problems)
    return Merged(data, origins, tuple(laid), problems)


def _chain(name_or_path: str | FilePath) -> list[Layer]:
    found: list[Layer] = []
    seen: list[str] = []
    file, label = find(name_or_path)
    while True:
        if str(file) in seen:
            circle = " -> ".join([layer.label for layer in found] + [label])
            raise ScenarioError(f"{found[-1].label}: extends goes in a circle: {circle}")
        seen.append(str(file))
        data, text = read(file, label)
        parent = data.pop("extends", None)
        replaced, problems = _replaced(data.pop("replace", []), data, label)
        found.append(Layer(label, data, text, replaced, problems=problems))
        if parent is None:
            return found[::-1]
        if not isinstance(parent, str):
            raise ScenarioError(
                f"{label}: extends = {parent!r} is not allowed: must be the name of a scenario in "
                "the library or the path of a .toml file"
            )
        folder = file.parent if isinstance(file, FilePath) else None
        file, label = find(parent, folder, f"{label}: extends: ")


def _replaced(
    keys: Any, data: dict[str, Any], label: str
) -> tuple[frozenset[Path], tuple[str, ...]]:
    """Read which tables a file replaces; return them, and what is wrong with the list."""
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        return frozenset(), (
            (
                f"{label}: replace = {keys!r} is not allowed: must be a list of keys of tables, "
                'such as ["followup.arms.control.withdrawal_reasons"]'
            ),
        )
    paths: set[Path] = set()
    problems = []
    for key in keys:
        try:
            path, rest = read_key(key)
        except ValueError:
            path, rest = (), key
        place = place_at(path, data) if path and not rest else None
        value = _at(data, path)
        if place is None:
            close = nearest(key, dotted_keys(data))
            hint = f"did you mean {close}?" if close else "write a key of a table"
            problems.append(f"{label}: replace: {key!r} is unknown: {hint}")
        elif not (place.is_free_table or place.parts):
            problems.append(
                f"{label}: replace: {key} is not a table: values and lists are replaced anyway"
            )
        elif not isinstance(value, Mapping):
            problems.append(
                f"{label}: replace: {key} is not in this file: write the table that replaces it"
            )
        else:
            paths.add(path)
    return frozenset(paths), tuple(problems)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


@dataclass(frozen=True, slots=True)
class _Overlay:
    """Lays one layer over what there is: the data, and which layer set what."""

    whole: dict[str, Any]
    origins: dict[Path, int]
    layer: Layer
    position: int

    def lay(
        self,
        new: Mapping[Any, Any],
        data: dict[str, Any],
        place: Place | None = ROOT,
        path: Path = (),
    ) -> None:
        for left in list(_superseded(place, data, new)):
            del data[left]
            _forget(self.origins, (*path, left))
        for step, value in new.items():
            key = str(step)
            here = (*path, key)
            child = None if place is None else below(place, data, key)[0]
            old = data.get(key)
            if not isinstance(value, dict):
                self._set(data, key, value, here)
            elif isinstance(old, list) and self.layer.label == SET:
                data[key] = copy.copy(old)
                self._lay_elements(value, data[key], child, here)
            else:
                if (
                    not isinstance(old, dict)
                    or here in self.layer.replaced
                    or _changes_kind(child, old, value)
                ):
                    _forget(self.origins, here)
                    old = data[key] = {}
                if not value:
                    self.origins[here] = self.position
                self.lay(value, old, child, here)

    def _lay_elements(
        self, new: Mapping[Any, Any], elements: list[Any], place: Place | None, path: Path
    ) -> None:
        """Change elements of a list, by their positions."""
        inner = None if place is None else place.element()
        for step, value in new.items():
            at = position_in(elements, step, (*path, step))
            here, old = (*path, at), elements[at]
            if not isinstance(value, dict):
                self._set(elements, at, value, here)
            elif isinstance(old, list):
                elements[at] = copy.copy(old)
                self._lay_elements(value, elements[at], inner, here)
            else:
                elements[at] = dict(old) if isinstance(old, dict) else {}
                self.lay(value, elements[at], inner, here)

    def _set(self, data: Any, key: str | int, value: Any, path: Path) -> None:
        _forget(self.origins, path)
        data[key] = copy.deepcopy(value)
        self.origins[path] = self.position


def _changes_kind(place: Place | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    tag = None if place is None else place.tag
    return tag is not None and tag in old and tag in new and old[tag] != new[tag]


def _superseded(
    place: Place | None, old: Mapping[str, Any], new: Mapping[Any, Any]
) -> Iterator[str]:
    """Yield keys of which a layer states an alternative: two ways to say the same."""
    for part in () if place is None else place.kinds({**old, **new}):
        for group in part.exclusive:
            if any(key in new for key in group):
                yield from (key for key in group if key in old and key not in new)


def _forget(origins: dict[Path, int], path: Path) -> None:
    for key in [key for key in origins if key[: len(path)] == path]:
        del origins[key]
