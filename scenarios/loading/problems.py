"""What is wrong with a scenario, in words: a line for each problem that validation found."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from scenarios.errors import nearest
from scenarios.loading.keys import ROOT, Path, Place, below, dotted, dotted_keys, kinds_of
from scenarios.loading.layers import Merged

WANTED = {
    "bool_type": "be true or false",
    "date_from_datetime_inexact": "be a date such as 2019-03-08",
    "date_from_datetime_parsing": "be a date such as 2019-03-08",
    "date_parsing": "be a date such as 2019-03-08",
    "date_type": "be a date such as 2019-03-08",
    "dict_type": "be a table",
    "finite_number": "be a finite number",
    "float_type": "be a number",
    "int_from_float": "be a whole number",
    "int_parsing_size": "be a smaller whole number",
    "int_type": "be a whole number",
    "model_attributes_type": "be a table",
    "model_type": "be a table",
    "string_type": "be text in quotes",
    "string_pattern_mismatch": "start with a letter or digit, then letters, digits, '_', '.', '-'",
    "tuple_type": "be a list",
}
LENGTHS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}
LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_NAMED = re.compile(r"(?P<keys>[a-z_0-9.]+(?: and [a-z_0-9.]+)*): (?P<rest>.*)", re.DOTALL)


def describe(error: ValidationError, merged: Merged) -> list[str]:
    """Return a line for each problem: unknown keys first, missing keys last.

    Every line names the layer that last set the key, the key, the value and what is allowed.
    """
    ranked = [_line(problem, merged) for problem in error.errors(include_url=False)]
    return [text for _, text in sorted(ranked, key=lambda pair: pair[0])]


def _line(problem: Any, merged: Merged) -> tuple[int, str]:
    path, place, data = _locate(problem["loc"], merged.data)
    kind, key = problem["type"], dotted(path)
    if kind == "extra_forbidden" or problem["loc"][-1:] == ("[key]",):
        path = _whole(path, problem["input"])
        hint = _hint(path, place, data, merged.data)
        return 0, f"{merged.origin(path)}: {dotted(path)} is unknown: {hint}"
    if kind == "missing":
        return 2, f"{merged.asked}: {key} is missing"
    if kind == "union_tag_not_found":
        tag = problem["ctx"]["discriminator"].strip("'")
        return 2, f"{merged.origin(path)}: {key}.{tag} is missing: must be {_kinds(place)}"
    if kind == "union_tag_invalid":
        tag, value = problem["ctx"]["discriminator"].strip("'"), problem["ctx"]["tag"]
        allowed = f"must be {_kinds(place)}"
        path = (*path, tag)
        return 1, f"{merged.origin(path)}: {key}.{tag} = {_show(value)} is not allowed: {allowed}"
    if kind == "value_error":
        return 1, _of_section(path, str(problem["ctx"]["error"]), merged)
    allowed = _allowed(problem)
    shown = _show(problem["input"])
    return 1, f"{merged.origin(path)}: {key} = {shown} is not allowed: {allowed}"


def _locate(loc: Sequence[str | int], data: object) -> tuple[Path, Place | None, object]:
    """Turn a location into a path; return it with the table it ends in and that table's data.

    Locations name the kind of a section between its name and its keys; a path does not.
    """
    path: Path = ()
    place: Place | None = ROOT
    table: tuple[Place | None, object] = (ROOT, data)
    steps = [step for step in loc if step != "[key]"]
    in_kinds = False
    for step in steps:
        if in_kinds:
            in_kinds = False
            continue
        table = (place, data)
        path = (*path, step)
        if place is not None:
            place, data = below(place, data, step)
        in_kinds = place is not None and place.tag is not None
    ends_in_table = place is not None and bool(place.parts) and in_kinds
    return (path, place, data) if ends_in_table else (path, *table)


def _whole(path: Path, value: object) -> Path:
    while isinstance(value, Mapping) and len(value) == 1:
        ((step, value),) = value.items()
        path = (*path, step)
    return path


def _hint(path: Path, place: Place | None, data: object, whole: object) -> str:
    last = str(path[-1])
    siblings = [] if place is None else list(place.children(data))
    close = nearest(last, siblings)
    if close:
        return f"did you mean {dotted((*path[:-1], close))}?"
    keys = list(dotted_keys(whole))
    by_last = {key.rpartition(".")[2]: key for key in reversed(keys)}
    similar = nearest(dotted(path), keys, likeness=0.8)
    similar = similar or by_last.get(nearest(last, by_last, likeness=0.75) or "")
    if similar:
        return f"did you mean {similar}?"
    if not siblings:
        return "it is a value, not a table"
    return f"allowed here: {', '.join(siblings)}"


def _kinds(place: Place | None) -> str:
    if place is None or place.tag is None:
        return "one of the kinds in the schema"
    return _or([kind for part in place.parts for kind in kinds_of(part, place.tag)])


def _of_section(path: Path, message: str, merged: Merged) -> str:
    """Tell what the check of a whole section found; its message starts with the keys at fault."""
    named = _NAMED.fullmatch(message)
    if named is None:
        return f"{merged.origin(path)}: {dotted(path)}: {message}"
    keys = named["keys"].split(" and ")
    origin = merged.origin((*path, *keys[0].split(".")))
    full = " and ".join(dotted((*path, *key.split("."))) for key in keys)
    return f"{origin}: {full}: {named['rest']}"


def _allowed(problem: Any) -> str:
    kind, limits = problem["type"], problem.get("ctx", {})
    if kind in LIMITS:
        name, words = LIMITS[kind]
        return f"must be {words} {limits[name]:g}"
    if kind == "literal_error":
        names = re.findall(r"'([^']*)'", limits["expected"])
        close = nearest(str(problem["input"]), names)
        return f"must be {_or(names)}" + (f"; did you mean {close}?" if close else "")
    if kind in LENGTHS:
        name, words = LENGTHS[kind]
        return f"must have {words} {limits[name]} elements, not {limits['actual_length']}"
    return f"must {WANTED[kind]}" if kind in WANTED else str(problem["msg"])


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
