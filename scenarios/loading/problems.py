"""What is wrong with a scenario, in words: a line for each problem that validation found."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from scenarios.errors import nearest
from scenarios.fields import CheckError
from scenarios.loading.keys import ROOT, Path, Place, below, dotted, dotted_keys, kinds_of, place_at
from scenarios.loading.layers import Merged, overlay
from scenarios.loading.partial import json_of, problems_of_the_rest
from scenarios.plan import Plan
from scenarios.schema import Scenario

Kind = type[Scenario] | type[Plan]
S = TypeVar("S", Scenario, Plan)

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
MOVED: Mapping[Path, str] = {
    ("trial", "allocation_ratio"): "each arm has a share, such as arms[1].share = 2",
}
"""Keys of earlier versions, and where what they said stands now."""
UNKNOWN, NOT_ALLOWED, MISSING = range(3)
"""Kinds of problem, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """One thing that is wrong.

    Attributes
    ----------
    rank
        Its kind.
    path
        Where it is; its layer is the one to name. None for the file that was asked for.
    text
        What is wrong, without the layer.
    between_values
        Values that are each allowed do not go together.
    """

    rank: int
    path: Path | None
    text: str
    between_values: bool = False


def scenario_of(data: Mapping[str, Any], kind: type[S]) -> S:
    """Return the scenario, or the plan, of tables and keys.

    Raises
    ------
    ValidationError
        If it is not valid.
    """
    return kind.model_validate_json(json_of(kind.relevant(data)), strict=True)


def describe(merged: Merged, kind: Kind = Scenario) -> list[str]:
    """Return a line for each problem: unknown keys first, missing keys last.

    Every line names the layer that set the key or, where values do not go together, the first
    layer with which they do not; then the key, the value and what is allowed. Values that are not
    allowed are not held against others.
    """
    found = sorted(_find(merged.data, kind), key=lambda problem: problem.rank)
    blamed = _first_layers(merged, kind) if any(problem.between_values for problem in found) else {}
    lines = [f"{_layer(problem, merged, blamed)}: {problem.text}" for problem in found]
    return [*merged.problems, *dict.fromkeys(lines)]


def _layer(problem: _Problem, merged: Merged, blamed: Mapping[str, str]) -> str:
    if problem.path is None:
        return merged.asked
    return blamed.get(problem.text) or merged.origin(problem.path)


def _first_layers(merged: Merged, kind: Kind) -> dict[str, str]:
    """Return what does not go together, and the first layer with which it does not."""
    first: dict[str, str] = {}
    for count in range(1, len(merged.layers) + 1):
        data = overlay(merged.layers[:count]).data
        for problem in _find(data, kind):
            if problem.between_values:
                first.setdefault(problem.text, merged.layers[count - 1].label)
    return first


def _find(data: Mapping[str, Any], kind: Kind) -> list[_Problem]:
    data = kind.relevant(data)
    found, errors, known = [], _errors(data, kind), copy.deepcopy(dict(data))
    # What is unknown is told and taken away, so that the rest can be looked at.
    while unknown := [error for error in errors if _is_unknown(error)]:
        for error in unknown:
            found.append(_problem_of(error, data))
            _take_away(known, error)
        errors = _errors(known, kind)
    wrong: set[Path] = set()
    for error in errors:
        path = _locate(error["loc"], data)[0]
        checked = error["ctx"]["error"] if error["type"] == "value_error" else None
        if isinstance(checked, CheckError):
            found += [_between(path, text) for text in checked.problems]
            wrong.add((*path, ""))
        else:
            found.append(_problem_of(error, data))
            wrong.add(path)
    if wrong:
        found += [_between(path, text) for path, text in problems_of_the_rest(known, wrong, kind)]
    if data.get("factorial") is not None:  # what is wrong with it is told, not that of its arms
        found = [each for each in found if (each.rank, each.text) != (MISSING, "arms is missing")]
    return found


def _errors(data: Mapping[str, Any], kind: Kind) -> list[Any]:
    found: list[Any] = []
    try:
        kind.model_validate_json(json_of(kind.relevant(data)), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)
    found = _of_choices(found, data)
    # A list that has elements which are not allowed is also too short without them.
    inside = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    return [each for each in found if each["type"] != "too_short" or each["loc"] not in inside]


def _of_choices(errors: list[Any], data: Mapping[str, Any]) -> list[Any]:
    """Make one error of those of a value that may be of several kinds and is none of them.

    Each kind has an error of its own, which names the kind between the key and what is in it. An
    element that is not allowed tells more than that its list is not a value of another kind.
    """
    found: list[Any] = []
    several: dict[tuple[Any, ...], list[Any]] = {}
    for error in errors:
        length = _choice_in(error["loc"], data)
        if length is None:
            found.append(error)
        else:
            several.setdefault(error["loc"][:length], []).append(error)
    for loc, kinds in several.items():
        inside = [each for each in kinds if len(each["loc"]) > len(loc) + 1]
        found += [{**each, "loc": (*loc, *each["loc"][len(loc) + 1 :])} for each in inside]
        if not inside:
            wanted = _or([_allowed(each).removeprefix("must be ") for each in kinds])
            found.append({**kinds[0], "loc": loc, "type": "choice", "msg": f"must be {wanted}"})
    return found


def _choice_in(loc: Sequence[str | int], data: Mapping[str, Any]) -> int | None:
    """Return how much of a location leads to a value of several kinds; None if nothing does."""
    for length in range(1, len(loc)):
        place = place_at(_locate(loc[:length], data)[0], data)
        if place is not None and place.is_choice:
            return length
    return None


def _is_unknown(error: Any) -> bool:
    return bool(error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",))


def _take_away(data: Any, error: Any) -> None:
    path = _locate(error["loc"], data)[0]
    for step in path[:-1]:
        data = data[step]
    # Two errors may speak of one key: of its name, and of what stands there.
    data.pop(path[-1], None)


def _problem_of(error: Any, whole: Mapping[str, Any]) -> _Problem:
    path, place, data = _locate(error["loc"], whole)
    kind, key = error["type"], dotted(path)
    if _is_unknown(error):
        path = _whole(path, error["input"])
        hint = _hint(path, place, data, whole)
        return _Problem(UNKNOWN, path, f"{dotted(path)} is unknown: {hint}")
    if path == ("name",) and kind == "missing":
        hint = 'every scenario needs its own, such as name = "my_trial"'
        return _Problem(MISSING, None, f"name is missing: {hint}")
    if kind == "missing":
        return _Problem(MISSING, None, f"{key} is missing")
    if kind == "union_tag_not_found":
        tag = error["ctx"]["discriminator"].strip("'")
        return _Problem(MISSING, path, f"{key}.{tag} is missing: must be {_kinds(place)}")
    if kind == "union_tag_invalid":
        tag, value = error["ctx"]["discriminator"].strip("'"), error["ctx"]["tag"]
        text = f"{key}.{tag} = {_show(value)} is not allowed: must be {_kinds(place)}"
        return _Problem(NOT_ALLOWED, (*path, tag), text)
    text = f"{key} = {_show(error['input'])} is not allowed: {_allowed(error)}"
    if kind == "value_error":
        text = f"{key}: {error['ctx']['error']}"
    return _Problem(NOT_ALLOWED, path, text)


def _between(path: Path, message: str) -> _Problem:
    """Tell what the check of a section found; its message starts with the keys at fault."""
    named = _NAMED.fullmatch(message)
    if named is None:
        text = f"{dotted(path)}: {message}" if path else message
        return _Problem(NOT_ALLOWED, path, text, between_values=True)
    keys = named["keys"].split(" and ")
    full = " and ".join(dotted((*path, *key.split("."))) for key in keys)
    at = (*path, *keys[0].split("."))
    return _Problem(NOT_ALLOWED, at, f"{full}: {named['rest']}", between_values=True)


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
    if path in MOVED:
        return MOVED[path]
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
