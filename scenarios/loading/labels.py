"""What a key of a scenario is called where a person reads it."""

import re
from typing import Any

from scenarios.loading.keys import ROOT, Path, Place, below, read_key, with_positions
from scenarios.loading.provenance import OWN_UNIT, UNITLESS

_UNTOLD = UNITLESS | {OWN_UNIT, "", "yes or no"}
_VAGUE = frozenset({"kind", "number", "model"})
"""Names of keys that say nothing without their section's."""


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
    try:
        path, rest = read_key(key)
    except ValueError:
        return key
    place = _described(path, data) if not rest else None
    if place is None:
        return key
    name, description, unit = place
    words = re.split("[,;:]", description)[0].strip()
    told = f"{name} {words}" if words.startswith("of ") else f"{name}: {words}"
    if not words or words == name:
        told = name
    return told if unit in _UNTOLD or unit in told.split() else f"{told} ({unit})"


def _described(path: Path, data: Any) -> tuple[str, str, str] | None:
    """Return a key's name in words, its description and its unit; None where there is no such key.

    What a scenario names itself, such as an arm, is part of the name.
    """
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
    return " ".join(words).replace("_", " ").strip(), description, unit
