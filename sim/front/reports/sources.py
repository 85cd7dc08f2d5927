"""The parameters of a study with their sources, from the files that its manifest names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.loading.layers import merge
from scenarios.loading.load import scenario_hash, validate
from scenarios.loading.provenance import Parameter, parameters_of


def parameters_in(manifest: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return the parameters of a study with their sources; none where no file has them any more.

    The scenario is read again as the command named it, or by its name in the library. Where that
    is not what was simulated, the sources stand for values that are the same.
    """
    for source, given in asked_in(manifest):
        try:
            merged = merge(source, given)
            read = validate(merged)
        except (InputError, OSError):
            continue
        found = tuple(parameters_of(merged).values())
        if scenario_hash(read) == manifest["scenario_hash"]:
            return found
        if source == manifest["scenario_name"]:
            return tuple(each for each in found if _holds(each, manifest))
    return ()


def asked_in(manifest: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what may have been simulated: what the command names, and the library's scenario.

    Each is the name or the file of a scenario, with what was set by hand.
    """
    found: list[tuple[str, list[str]]] = []
    command: Sequence[str] = manifest.get("command", ())
    if len(command) > 2:
        folder, words = command[0], list(command[1:])
        changes = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--set"]
        seeds = (words[at + 1] for at, word in enumerate(words[:-1]) if word == "--seed")
        changes += [f"seed={seed}" for seed in seeds]
        changes += ["truth=true"] if "--truth" in words else []
        named = words[1]
        file = Path(folder) / named
        found.append((str(file) if named.endswith(".toml") and file.is_file() else named, changes))
    name = str(manifest["scenario_name"])
    return [*found, (name, ["truth=true"]), (name, [])]


def _holds(parameter: Parameter, manifest: Mapping[str, Any]) -> bool:
    """Return whether a parameter has in a study the value that its file has."""
    value: Any = manifest["scenario"]
    for part in parameter.key.replace('"', "").split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return bool(value == parameter.value)
