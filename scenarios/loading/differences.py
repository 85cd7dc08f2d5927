"""Parts of what a scenario says: some of its sections, and what differs from its parent."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.errors import InputError, nearest
from scenarios.loading.identity import IDENTITY
from scenarios.loading.keys import Path, dotted, dotted_keys, read_key, with_positions
from scenarios.loading.layers import Merged
from scenarios.loading.provenance import Parameter, parameters_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that is not as in the parent.

    Attributes
    ----------
    key
        Dotted key.
    own
        As it is; None where only the parent has it.
    parents
        As it is in the parent; None where only the scenario has it.
    """

    key: str
    own: Parameter | None
    parents: Parameter | None


def section_paths(merged: Merged, sections: Sequence[str]) -> list[Path]:
    """Return the paths of some sections of a scenario.

    Parameters
    ----------
    merged
        Its layers.
    sections
        Dotted keys: of a section, a table in it, a list, an element of a list or a value.

    Raises
    ------
    InputError
        If the scenario has no such key.
    """
    return [_section(merged, section) for section in sections]


def is_in(path: Path, sections: Sequence[Path]) -> bool:
    """Return whether a path is in one of some sections; all are if there are none."""
    return not sections or any(path[: len(section)] == section for section in sections)


def differences(merged: Merged) -> dict[Path, Difference]:
    """Return what differs from the parent, what the scenario is called left out.

    The parent is what the scenario's file extends; of a file that extends nothing it is the file
    without what was set by hand.

    Raises
    ------
    InputError
        If there is no parent.
    """
    parent = merged.parent
    if parent is None:
        raise InputError(
            f"--changed: {merged.asked} extends no other scenario, and nothing was set by hand"
        )
    own, parents = parameters_of(merged), parameters_of(parent)
    return {
        path: Difference(dotted(path), own.get(path), parents.get(path))
        for path in [*own, *(path for path in parents if path not in own)]
        if path[0] not in IDENTITY and _value(own.get(path)) != _value(parents.get(path))
    }


def _value(parameter: Parameter | None) -> object:
    # 1 and true are equal in Python, and not in a scenario.
    return None if parameter is None else (type(parameter.value) is bool, parameter.value)


def _section(merged: Merged, section: str) -> Path:
    try:
        path, rest = read_key(section)
    except ValueError:
        path, rest = (), section
    path = with_positions(path, merged.data)
    inside: object = merged.data
    for step in path:
        try:
            inside = inside[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            rest = section
            break
    if rest or not path:
        close = nearest(section, dotted_keys(merged.data))
        hint = f"did you mean {close}?" if close else f"sections are {', '.join(merged.data)}"
        if path[:1] == ("arms",) and "factorial" in merged.data:
            hint = "its arms are made of [factorial], see factorial"
        raise InputError(f"section {section!r} of {merged.asked} is unknown: {hint}")
    return path
