"""What a shell completes: names of scenarios, and the dotted keys of one.

A scenario is read here as text: to validate it would take longer than anybody waits for a TAB.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from scenarios.files import content_of

DEFAULT = "selfback_2021"
"""Whose keys are offered where no scenario is named before them."""


def scenario_names() -> dict[str, Traversable]:
    """Return the scenarios of the library, sorted: name to file."""
    found: dict[str, Traversable] = {}
    folders = [resources.files("scenarios").joinpath("library")]
    for folder in folders:
        for file in folder.iterdir():
            if file.is_dir():
                folders.append(file)
            elif file.name.endswith(".toml"):
                found[file.name.removesuffix(".toml")] = file
    return dict(sorted(found.items()))


def scenarios_like(incomplete: str) -> list[str]:
    """Return what may be meant as a scenario: names of the library, and .toml files.

    >>> scenarios_like("planned")
    ['planned_2018']
    """
    names = [name for name in scenario_names() if name.startswith(incomplete)]
    path = Path(incomplete or ".")
    folder, start = (path, "") if incomplete.endswith("/") or not incomplete else (
        path.parent, path.name)  # fmt: skip
    try:
        files = sorted(file for file in folder.iterdir() if file.name.startswith(start))
    except OSError:
        return names
    return [
        *names,
        *(f"{file}/" for file in files if file.is_dir() and not file.name.startswith(".")),
        *(str(file) for file in files if file.suffix == ".toml"),
    ]


def dotted_keys(scenario: str = DEFAULT) -> list[str]:
    """Return the keys of a scenario that ``--set`` takes, with those of what it extends.

    Lists are offered whole. A file that cannot be read has no keys.

    >>> [key for key in dotted_keys() if key.startswith("trial.sample")]
    ['trial.sample_size']
    """
    keys: dict[str, None] = {}
    seen: set[str] = set()
    name, folder = scenario, Path()
    while name and name not in seen:
        seen.add(name)
        data, folder = _read(name, folder)
        data.pop("replace", None)
        name = str(data.pop("extends", ""))
        keys |= dict.fromkeys(_keys(data, ""))
    return sorted(keys)


def _read(name: str, folder: Path) -> tuple[dict[str, Any], Path]:
    """Return a file's content, and the folder from which it names others."""
    library = scenario_names()
    try:
        if name in library:
            return tomllib.loads(library[name].read_text("utf-8")), folder
        file = folder / name
        return tomllib.loads(content_of(file).decode("utf-8")), file.parent
    except (OSError, ValueError):
        return {}, folder


def _keys(table: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, value in table.items():
        bare = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
        here = f"{above}{name}" if bare else f'{above}"{name}"'
        if isinstance(value, Mapping):
            yield from _keys(value, f"{here}.")
        else:
            yield here
