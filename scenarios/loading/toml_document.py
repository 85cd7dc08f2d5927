"""A scenario as one TOML file that extends nothing, with unit and source behind each value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scenarios.errors import one_line
from scenarios.loading.keys import ROOT, Path, Place, below
from scenarios.loading.layers import Merged
from scenarios.loading.overrides import SET
from scenarios.loading.provenance import Parameter, parameters_of
from scenarios.loading.toml_text import toml_key, toml_text


def toml_document(merged: Merged, sections: Sequence[Path] = (), *, by_hand: str = SET) -> str:
    """Return the TOML of a scenario: read again, it is the same scenario.

    Parameters
    ----------
    merged
        Its layers.
    sections
        What is written; all by default.
    by_hand
        Source that is written of what was set by hand.
    """
    parameters = {
        path: replace(each, source=by_hand) if each.source == SET else each
        for path, each in parameters_of(merged).items()
    }
    writer = _Writer(parameters, tuple(sections))
    return "\n".join(writer.table(merged.data, ROOT, ())).strip("\n") + "\n"


def comment_of(parameter: Parameter | None) -> str:
    """Return the comment behind a value, "unit; source", or nothing."""
    said = (parameter.unit, parameter.source) if parameter is not None else ()
    text = one_line("; ".join(part for part in said if part))
    return f"  # {text}" if text else ""


@dataclass(frozen=True, slots=True)
class _Writer:
    parameters: Mapping[Path, Parameter]
    sections: tuple[Path, ...]

    def table(self, data: Mapping[str, Any], place: Place, path: Path) -> Iterator[str]:
        """Yield the lines of a table: its values first, then the tables in it."""
        tables: list[tuple[Path, Any, Place]] = []
        for key, value in data.items():
            here, child = (*path, key), below(place, data, key)[0]
            if not self._is_wanted(here):
                continue
            if child is not None and value and _is_table(value, child):
                tables.append((here, value, child))
            else:
                yield f"{toml_key(key)} = {toml_text(value)}{self._comment(here)}"
        for here, value, child in tables:
            yield from self._inner(here, value, child)

    def _inner(self, path: Path, value: Any, place: Place) -> Iterator[str]:
        name = ".".join(toml_key(step) for step in path if isinstance(step, str))
        if isinstance(value, list):
            inner = place.element()
            for position, element in enumerate(value):
                here = (*path, position)
                if inner is not None and self._is_wanted(here):
                    yield from ("", f"[[{name}]]", *self.table(element, inner, here))
            return
        lines = list(self.table(value, place, path))
        # A table that only holds tables needs no head of its own.
        yield from lines if lines and not lines[0] else ("", f"[{name}]", *lines)

    def _is_wanted(self, path: Path) -> bool:
        return not self.sections or any(
            path[: len(each)] == each[: len(path)] for each in self.sections
        )

    def _comment(self, path: Path) -> str:
        """Return the comment behind a value; that of its first value behind an inline table."""
        return next(
            (
                comment_of(parameter)
                for each, parameter in self.parameters.items()
                if each[: len(path)] == path
            ),
            "",
        )


def _is_table(value: object, place: Place) -> bool:
    """Return whether a value can be written below a head of its own."""
    if isinstance(value, Mapping):
        return bool(place.parts) or place.is_free_table
    inner = place.element()
    return isinstance(value, list) and inner is not None and bool(inner.parts)
