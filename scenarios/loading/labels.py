"""What a key of a scenario is called where a person reads it."""

import re
from typing import Any, NamedTuple

from scenarios.loading.keys import ROOT, Path, Place, below, read_key, with_positions
from scenarios.loading.provenance import OWN_UNIT, UNITLESS

_UNTOLD = UNITLESS | {OWN_UNIT, "", "yes or no"}
_VAGUE = frozenset({"kind", "number", "model"})
"""Names of keys that say nothing without their section's."""


class KeyWords(NamedTuple):
    """What the schema says of a key, in words.

    Attributes
    ----------
    name
        The key's own, with what the scenario names itself, such as an arm.
    description, unit
        Of the schema; ``""`` where it says nothing.
    """

    name: str
    description: str
    unit: str


def key_label(key: str, data: Any) -> str:
    """Return what a parameter is, with its unit; the key itself where the schema has no such key.

    Parameters
    ----------
    key
        Dotted, as for ``--set``.
    data
        A scenario as plain data, such as a manifest has it; it tells the kinds of its sections.

    Examples
    --------
    >>> key_label("trial.sample_size", {})
    'sample size: randomized in all (participants)'
    >>> key_label("no.such.key", {})
    'no.such.key'
    """
    found = key_words(key, data)
    if found is None:
        return key
    name, description, unit = found
    words = re.split("[,;:]", description)[0].strip()
    told = f"{name} {words}" if words.startswith("of ") else f"{name}: {words}"
    if not words or words == name:
        told = name
    return told if unit in _UNTOLD or unit in told.split() else f"{told} ({unit})"


def key_words(key: str, data: Any) -> KeyWords | None:
    """Return a key's name in words, its description and its unit; None where there is no such key.

    Parameters
    ----------
    key, data
        See :func:`key_label`.
    """
    try:
        path, rest = read_key(key)
    except ValueError:
        return None
    return None if rest else _described(path, data)


def _described(path: Path, data: Any) -> KeyWords | None:
    place: Place | None = ROOT
    words: list[str] = []
    description = unit = before = ""
    for at, (step, position) in enumerate(zip(path, with_positions(path, data), strict=True), 1):
        if place is None:
            return None
        if isinstance(step, int):
            words += [before, str(step + 1)]
        elif place.is_free_table or place.element() is not None:
            words.append(step)
        elif at == len(path):
            words += [before, step] if step in _VAGUE else [step]
        fields = (part.model_fields.get(str(step)) for part in place.kinds(data))
        description = next((f.description for f in fields if f and f.description), description)
        place, data = below(place, data, position)
        unit, before = "" if place is None else place.unit, str(step)
    if place is None or not words:
        return None
    return KeyWords(" ".join(words).replace("_", " ").strip(), description, unit)
