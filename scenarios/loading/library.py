"""Files of scenarios: those of the library, by name, and those of a user, by path."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Any

from scenarios.errors import ScenarioError, nearest
from scenarios.files import content_of, why
from scenarios.loading.toml_parsed import parsed

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


def is_path(name_or_path: str | FilePath) -> bool:
    """Return whether this is the path of a file, not a name in the library."""
    text = str(name_or_path)
    return (
        isinstance(name_or_path, FilePath) or text.endswith(".toml") or "/" in text or "\\" in text
    )


def find(
    name_or_path: str | FilePath, folder: FilePath | None = None, context: str = ""
) -> tuple[FilePath | Traversable, str]:
    """Return the file of a scenario, and what messages call it.

    Parameters
    ----------
    name_or_path
        A name in the library, or a path.
    folder
        Where a relative path starts; the current folder if None.
    context
        What a message begins with.

    Raises
    ------
    ScenarioError
        If the library has no such name, or the path cannot be one.
    """
    text = str(name_or_path)
    if is_path(name_or_path):
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


def read(file: FilePath | Traversable, label: str) -> tuple[dict[str, Any], str]:
    """Return what a TOML file holds, and its text.

    Raises
    ------
    ScenarioError
        If it cannot be read, or is not TOML; ``label`` is the file's name in the message.
    """
    try:
        raw = content_of(file) if isinstance(file, FilePath) else file.read_bytes()
    except IsADirectoryError:
        raise ScenarioError(f"{label}: is a folder, a TOML file is needed") from None
    except FileNotFoundError:
        raise ScenarioError(f"{label}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{label}: cannot be read: {why(error)}") from error
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError(f"{label}: line {line} is not UTF-8 text") from None
    try:
        return parsed(text), text
    except ValueError as error:
        raise ScenarioError(f"{label}: is not TOML: {error}") from None
