"""The layers a scenario is made of: its file, the files it extends, and what was set by hand."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Any

from scenarios.errors import ScenarioError, nearest
from scenarios.loading.keys import ROOT, Path, Place, below

SET = "--set"
"""What messages call an override."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of keys.

    Attributes
    ----------
    label
        What messages call it: the file, or ``--set``.
    data
        Its tables and keys, without ``extends``.
    text
        The TOML it was read from; empty for overrides.
    """

    label: str
    data: dict[str, Any]
    text: str = ""


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
    """

    data: dict[str, Any]
    origins: dict[Path, int]
    layers: tuple[Layer, ...]

    @property
    def asked(self) -> str:
        """Label of the file that was asked for."""
        return next(layer.label for layer in reversed(self.layers) if layer.label != SET)

    def origin(self, path: Path) -> str:
        """Return the label of the layer that last set this key, or its nearest table."""
        for length in range(len(path), 0, -1):
            start = path[:length]
            touched = [at for key, at in self.origins.items() if key[:length] == start]
            if touched:
                return self.layers[max(touched)].label
        return self.asked


GROUPS = ("", "designs")
"""Folders of the library: its own, and that of designs that each change one thing."""


def library(group: str | None = None) -> dict[str, Traversable]:
    """Return the scenarios that come with the package, or one group of them: name to file."""
    root = resources.files("scenarios").joinpath("library")
    folders = [root.joinpath(name) for name in (GROUPS if group is None else (group,))]
    files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
    found = {f.name.removesuffix(".toml"): f for f in files if f.name.endswith(".toml")}
    return dict(sorted(found.items()))


def library_names() -> list[str]:
    """Return the names of the scenarios in the library, sorted."""
    return list(library())


def merge(name_or_path: str | FilePath, overrides: Sequence[str] = ()) -> Merged:
    """Read a scenario's layers and lay them over each other.

    Tables merge key by key, lists are replaced. A section that changes its kind, such as
    ``course.model``, is replaced whole.

    Raises
    ------
    ScenarioError
        If a file or an override cannot be read.
    """
    layers = _chain(name_or_path)
    if overrides:
        layers.append(Layer(SET, _set_by_hand(overrides)))
    data: dict[str, Any] = {}
    origins: dict[Path, int] = {}
    for position, layer in enumerate(layers):
        _lay(layer.data, data, origins, position=position)
    return Merged(data, origins, tuple(layers))


def _chain(name_or_path: str | FilePath) -> list[Layer]:
    found: list[Layer] = []
    seen: list[str] = []
    file, label = _find(name_or_path, None, "")
    while True:
        if str(file) in seen:
            circle = " -> ".join([layer.label for layer in found] + [label])
            raise ScenarioError(f"{found[-1].label}: extends goes in a circle: {circle}")
        seen.append(str(file))
        data, text = _read(file, label)
        parent = data.pop("extends", None)
        found.append(Layer(label, data, text))
        if parent is None:
            return found[::-1]
        if not isinstance(parent, str):
            raise ScenarioError(
                f"{label}: extends = {parent!r} is not allowed: must be the name of a scenario in "
                "the library or the path of a .toml file"
            )
        folder = file.parent if isinstance(file, FilePath) else None
        file, label = _find(parent, folder, f"{label}: extends: ")


def _find(
    name_or_path: str | FilePath, folder: FilePath | None, context: str
) -> tuple[FilePath | Traversable, str]:
    text = str(name_or_path)
    if isinstance(name_or_path, FilePath) or text.endswith(".toml") or "/" in text or "\\" in text:
        path = FilePath(text) if folder is None else folder / text
        try:
            return path.resolve(), text
        except (OSError, ValueError, RuntimeError) as error:
            raise ScenarioError(f"{context}{text!r} cannot be read: {error}") from None
    names = library_names()
    if text not in names:
        close = nearest(text, names)
        hint = (
            f"did you mean {close}?" if close else f"the library has {', '.join(names) or 'none'}"
        )
        raise ScenarioError(f"{context}scenario {text!r} is unknown: {hint}")
    return library()[text], f"{text}.toml"


def _read(file: FilePath | Traversable, label: str) -> tuple[dict[str, Any], str]:
    try:
        raw = file.read_bytes()
    except IsADirectoryError:
        raise ScenarioError(f"{label}: is a folder, a TOML file is needed") from None
    except FileNotFoundError:
        raise ScenarioError(f"{label}: there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScenarioError(f"{label}: cannot be read: {reason}") from error
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError(f"{label}: line {line} is not UTF-8 text") from None
    try:
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{label}: is not TOML: {error}") from None


def _set_by_hand(overrides: Sequence[str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for override in overrides:
        path, value = _parse(override)
        table = data
        for step in path[:-1]:
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise ScenarioError(f"{SET}: {override}: {step} was set to a value before this")
        table[path[-1]] = value
    return data


def _parse(override: str) -> tuple[tuple[str, ...], Any]:
    key, equals, text = override.partition("=")
    if not equals:
        raise ScenarioError(f"{SET}: {override!r} has no '=': write key=value, such as seed=7")
    try:
        override.encode("utf-8")
        nested: Any = tomllib.loads(f"{key.strip()} = 0")
    except (ValueError, RecursionError):
        raise ScenarioError(
            f"{SET}: {override!r} does not start with a dotted key, such as app.quit_hazard"
        ) from None
    path: tuple[str, ...] = ()
    while isinstance(nested, dict):
        if len(nested) != 1:
            raise ScenarioError(f"{SET}: {override!r} holds more than one key")
        ((step, nested),) = nested.items()
        path = (*path, step)
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return path, text.strip()
    return path, document["value"] if len(document) == 1 else text.strip()


def _lay(
    layer: Mapping[str, Any],
    data: dict[str, Any],
    origins: dict[Path, int],
    *,
    position: int,
    place: Place | None = ROOT,
    path: Path = (),
) -> None:
    for key, value in layer.items():
        here = (*path, key)
        child = None if place is None else below(place, data, key)[0]
        if isinstance(value, dict):
            old = data.get(key)
            if not isinstance(old, dict) or _changes_kind(child, old, value):
                _forget(origins, here)
                old = data[key] = {}
            if not value:
                origins[here] = position
            _lay(value, old, origins, position=position, place=child, path=here)
        else:
            _forget(origins, here)
            data[key] = value
            origins[here] = position


def _changes_kind(place: Place | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    tag = None if place is None else place.tag
    return tag is not None and tag in old and tag in new and old[tag] != new[tag]


def _forget(origins: dict[Path, int], path: Path) -> None:
    for key in [key for key in origins if key[: len(path)] == path]:
        del origins[key]
