"""What does not go together in a scenario that is not valid anyway, as far as it can be read.

The values that are not allowed are missing from sections made without validation. A check that
needs one of them ends there; all others are made.
"""

import json
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from scenarios.checks.cross import checks_of
from scenarios.fields import Part
from scenarios.loading.keys import Path, Place
from scenarios.plan import Plan
from scenarios.schema import Scenario

CANNOT = (AttributeError, IndexError, KeyError, ValueError)
"""What ends a check of values that are missing, or that do not go together."""


def json_of(data: object) -> str:
    """Write data as JSON, from which strict validation takes lists for tuples, text for dates."""
    return json.dumps(data, default=_text)


def problems_of_the_rest(
    data: Mapping[str, Any], wrong: Collection[Path], kind: type[Scenario] | type[Plan]
) -> Iterator[tuple[Path, str]]:
    """Yield a section's path and a line for what does not go together in it.

    Parameters
    ----------
    data
        Tables and keys of a scenario, without unknown keys.
    wrong
        Where values are not allowed or missing. A section that is itself not allowed is left out;
        one whose values are allowed, but do not go together, stands here with "" as last step.
    kind
        What is read: a scenario, or a plan.
    """
    sections = yield from _readable(kind, data, wrong, ())
    if issubclass(kind, Plan):
        sections["course"] = None  # which a plan does not have
    for check in checks_of(sections, kind.checks):
        yield from (((), text) for text in _as_far_as_possible(check))


def _readable(
    part: type[Part], data: Mapping[str, Any], wrong: Collection[Path], path: Path
) -> Generator[tuple[Path, str], None, dict[str, Any]]:
    """Yield what does not go together below; return the values that can be read, by name."""
    types = get_type_hints(part, include_extras=True)
    found: dict[str, Any] = {}
    for name, field in part.model_fields.items():
        here = (*path, name)
        if here in wrong:
            continue
        if name not in data:
            if not field.is_required():
                found[name] = field.get_default(call_default_factory=True)
            continue
        if not any(each[: len(here)] == here for each in wrong):
            adapter = TypeAdapter(types[name])
            found[name] = adapter.validate_json(json_of(data[name]), strict=True)
            continue
        kinds = Place(types[name], "").kinds(data[name])
        if len(kinds) == 1 and isinstance(data[name], Mapping):
            values = yield from _readable(kinds[0], data[name], wrong, here)
            section = kinds[0].model_construct(**values)
            for lost in set(data[name]) - set(values):
                section.__dict__.pop(lost, None)  # no default stands for what is not allowed
            yield from ((here, text) for text in _as_far_as_possible(section.problems()))
            found[name] = section
    return found


def _as_far_as_possible(problems: Iterator[str]) -> list[str]:
    found: list[str] = []
    with suppress(*CANNOT):
        for problem in problems:
            found.append(problem)  # noqa: PERF402 - keeps those before the one that ends it
    return found


def _text(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"a TOML value of type {type(value).__name__}")
