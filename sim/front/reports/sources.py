"""The parameters of a study with their sources, from the files that its manifest names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenarios.errors import InputError
from scenarios.free_parameters import get_value, key_path
from scenarios.loading.layers import merge
from scenarios.loading.load import scenario_hash, validate
from scenarios.loading.provenance import Parameter, parameters_of


def parameters_in(manifest: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return the parameters of a study with their sources; none where no file has them any more.

    The scenario is read again as the command named it, or by its name in the library. Where that
    is not what was simulated, the sources stand for values that are the same.
    """
    found, whole = _read(manifest)
    return found if whole else tuple(each for each in found if _holds(each, manifest))


def keys_in(manifest: Mapping[str, Any]) -> list[str]:
    """Return the keys of all parameters of a scenario's file, whatever their values in a study."""
    return [each.key for each in _read(manifest)[0]]


def varied_in(manifest: Mapping[str, Any], varied: Mapping[str, Sequence[Any]]) -> list[Parameter]:
    """Return the parameters that a study varied, each with the list of its values.

    Parameters
    ----------
    manifest
        Of the study.
    varied
        Key to values. A key that the scenario's file leaves unsaid has no unit and no source.
    """
    known = {key_path(each.key): each for each in _read(manifest)[0]}
    rows = []
    for key, values in varied.items():
        each = known.get(key_path(key, manifest["scenario"])) or Parameter(key, "", "", "", "")
        rows.append(replace(each, value=list(values)))
    return rows


def _read(manifest: Mapping[str, Any]) -> tuple[tuple[Parameter, ...], bool]:
    """Return the parameters in the file of a scenario, and whether they are those simulated."""
    for source, given in asked_in(manifest):
        try:
            merged = merge(source, given)
            read = validate(merged)
        except (InputError, OSError):
            continue
        whole = scenario_hash(read) == manifest["scenario_hash"]
        if whole or source == manifest["scenario_name"]:
            return tuple(parameters_of(merged).values()), whole
    return (), False


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
    return bool(value_in(parameter.key, manifest["scenario"]) == parameter.value)


def value_in(key: str, content: Mapping[str, Any]) -> Any:
    """Return a value of a scenario that is plain data; None where it has none."""
    try:
        return get_value(content, key_path(key, content))
    except (KeyError, IndexError, TypeError):
        return None
