"""The keys a scenario can have: dotted names, their units, and sections that come in kinds."""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from scenarios.fields import Part
from scenarios.loading.toml_parsed import DEEPEST
from scenarios.schema import Scenario

Path = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and positions in lists."""


_DIGITS = 10
"""Of a position, fewer than these."""
_STEP = re.compile(
    r"""\s*(?P<name>[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"""\s*(?P<positions>(?:\[\s*[0-9]{1,9}\s*\]\s*)*)"""
)


class Place(NamedTuple):
    """A place in the schema: the type that belongs there, its unit, and its limits."""

    annotation: Any
    unit: str
    limits: tuple[Any, ...] = ()

    @property
    def parts(self) -> tuple[type[Part], ...]:
        """The kinds of section that can stand here; none where a value stands."""
        annotation = _plain(self.annotation)
        members = get_args(annotation) if _is_union(annotation) else (annotation,)
        return tuple(m for m in members if isinstance(m, type) and issubclass(m, Part))

    @property
    def is_choice(self) -> bool:
        """Whether values of several kinds can stand here, such as a name or a list of names."""
        annotation = _plain(self.annotation)
        members = get_args(annotation) if _is_union(annotation) else ()
        return not self.parts and len([m for m in members if m is not type(None)]) > 1

    @property
    def is_free_table(self) -> bool:
        """Whether a table stands here whose keys the scenario chooses."""
        return get_origin(_plain(self.annotation)) is dict

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest number that can stand here, or be approached; else infinite.

        >>> place_at(("trial", "sample_size"), {}).bounds
        (0.0, 200000.0)
        """
        low, high = -math.inf, math.inf
        for limit in (*self.limits, *_limits_within(self.annotation)):
            low = max(low, *(float(getattr(limit, name, low)) for name in ("ge", "gt")))
            high = min(high, *(float(getattr(limit, name, high)) for name in ("le", "lt")))
        return low, high

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers can stand here."""
        annotation = _plain(self.annotation)
        members = get_args(annotation) if _is_union(annotation) else (annotation,)
        plain = {_plain(member) for member in members}
        return int in plain and float not in plain

    @property
    def tag(self) -> str | None:
        """The key that says which kind of section this is, where there are several."""
        parts = self.parts
        if len(parts) < 2:
            return None
        return next(
            name
            for name, field in parts[0].model_fields.items()
            if get_origin(field.annotation) is Literal
            and all(name in part.model_fields for part in parts)
        )

    def children(self, data: object = None) -> dict[str, "Place"]:
        """Return the keys that can stand below, given the data that stand here.

        Parameters
        ----------
        data
            Tells the kind of a section that comes in kinds, and the keys of a free table. Without
            it, all kinds' keys are returned.
        """
        annotation = _plain(self.annotation)
        if get_origin(annotation) is dict:
            key_type, value_type = get_args(annotation)
            names = get_args(key_type) if get_origin(key_type) is Literal else _names(data)
            return {name: Place(value_type, self.unit) for name in names}
        found: dict[str, Place] = {}
        for part in self.kinds(data):
            for name, field in part.model_fields.items():
                found.setdefault(name, _place_of(field))
        return found

    def child(self, step: str, data: object = None) -> "Place | None":
        """Return the place of one key below, in a free table of any; None where there is none."""
        annotation = _plain(self.annotation)
        if get_origin(annotation) is dict:
            key_type, value_type = get_args(annotation)
            named = get_args(key_type) if get_origin(key_type) is Literal else (step,)
            return Place(value_type, self.unit) if step in named else None
        for part in self.kinds(data):
            field = part.model_fields.get(step)
            if field is not None:
                return _place_of(field)
        return None

    def element(self) -> "Place | None":
        """Return the place of one element, where a list stands here."""
        annotation = _plain(self.annotation)
        return (
            Place(get_args(annotation)[0], self.unit) if get_origin(annotation) is tuple else None
        )

    def kinds(self, data: object) -> tuple[type[Part], ...]:
        """Return the kinds of section that these data can be: one where their tag tells it."""
        tag = self.tag
        if tag is None or not isinstance(data, Mapping):
            return self.parts
        chosen = tuple(p for p in self.parts if data.get(tag) in kinds_of(p, tag))
        return chosen or self.parts


ROOT = Place(Scenario, "table")
"""The whole scenario."""


def kinds_of(part: type[Part], tag: str) -> tuple[str, ...]:
    """Return the values of the tag that stand for this part."""
    return get_args(part.model_fields[tag].annotation)


def below(place: Place, data: object, step: str | int) -> tuple[Place | None, object]:
    """Go one step down, in the schema and in the data; None where the schema has no such place."""
    element = place.element()
    if isinstance(step, int) or element is not None:
        at = element_position(data, step) if isinstance(data, list) else None
        return element, None if at is None else data[at]  # type: ignore[index]
    inside = data.get(step) if isinstance(data, Mapping) else None
    return place.child(step, data), inside


def place_at(path: Path, data: object) -> Place | None:
    """Return the place of a path in a scenario with these data, or None where there is none."""
    place: Place | None = ROOT
    for step in path:
        if place is None:
            return None
        place, data = below(place, data, step)
    return place


def read_key(text: str) -> tuple[Path, str]:
    """Read the dotted key with which a text begins; return its path and the rest of the text.

    A position in a list is written ``[0]`` and becomes an integer. Written ``.0`` it stays text, as
    only the scenario can say whether a list or a table stands there. No key at all is ().

    >>> read_key('trial.strata[2].share = 0.1')
    (('trial', 'strata', 2, 'share'), '= 0.1')
    >>> read_key('followup.arms.control.withdrawal_reasons."no time"=3')
    (('followup', 'arms', 'control', 'withdrawal_reasons', 'no time'), '=3')

    Raises
    ------
    ValueError
        If a dot is followed by no name, or names are too many.
    """
    path: Path = ()
    rest = text
    while (found := _STEP.match(rest)) is not None:
        rest = rest[found.end() :]
        path = (*path, _name(found["name"]))
        path += tuple(int(position) for position in re.findall(r"\d+", found["positions"]))
        if len(path) > DEEPEST:
            raise ValueError(f"{text[:40]!r}... has more than {DEEPEST} names")
        if not rest.startswith("."):
            return path, rest
        rest = rest[1:]
    if path:
        raise ValueError(f"{text!r} has a dot that no name follows")
    return path, rest


def _name(written: str) -> str:
    if written[0] not in "\"'":
        return written
    ((name, _),) = tomllib.loads(f"{written} = 0").items()
    return name


def with_positions(path: Path, data: object) -> Path:
    """Return a path in which elements of lists are named by position wherever these data have them.

    >>> with_positions(("response", "0"), {"response": [0.8, 0.9]})
    ('response', 0)
    >>> with_positions(("arms", "app", "share"), {"arms": [{"name": "care"}, {"name": "app"}]})
    ('arms', 1, 'share')
    """
    found: Path = ()
    for step in path:
        here: str | int = step
        if isinstance(data, list):
            at = element_position(data, step)
            here = step if at is None else at
            data = None if at is None else data[at]
        else:
            data = data.get(here) if isinstance(data, Mapping) else None
        found = (*found, here)
    return found


def element_position(elements: Sequence[Any], step: str | int) -> int | None:
    """Return the position that a step names in a list; None where the list has no such element.

    Digits are a position. Any other text is the ``name`` of an element, in a list of tables that
    all have names of their own.

    >>> arms = [{"name": "care"}, {"name": "app"}]
    >>> [element_position(arms, step) for step in ("app", "1", 1, "sham", 2)]
    [1, 1, 1, None, None]
    """
    if isinstance(step, int) or (step.isdecimal() and len(step) < _DIGITS):
        return int(step) if int(step) < len(elements) else None
    names = names_in(elements)
    return names.index(step) if step in names else None


def names_in(elements: Sequence[Any]) -> list[str]:
    """Return the names by which elements of a list can be told apart; none where they cannot."""
    found = [each.get("name") for each in elements if isinstance(each, Mapping)]
    texts = [name for name in found if isinstance(name, str)]
    return texts if len(set(texts)) == len(elements) else []


def dotted(path: Path) -> str:
    """Write a path as a user would.

    >>> dotted(("trial", "visits", 0, "day"))
    'trial.visits[0].day'
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            bare = step.replace("_", "").replace("-", "").isalnum() and step.isascii()
            text += ("." if text else "") + (step if bare else f'"{step}"')
    return text


def dotted_keys(data: object, place: Place = ROOT, path: Path = ()) -> Iterator[str]:
    """Yield every dotted key, tables included, that a scenario with these data can have."""
    for name, child in place.children(data).items():
        here = (*path, name)
        yield dotted(here)
        inside = data.get(name) if isinstance(data, Mapping) else None
        yield from dotted_keys(inside, child, here)


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _limits_within(annotation: Any) -> list[Any]:
    """Return the limits that an annotation has itself, as elements of lists have them."""
    if get_origin(annotation) is not Annotated:
        return []
    return [limit for each in get_args(annotation)[1:] for limit in getattr(each, "metadata", ())]


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, UnionType}


def _names(data: object) -> tuple[str, ...]:
    return tuple(data) if isinstance(data, Mapping) else ()


def _place_of(field: FieldInfo) -> Place:
    extra = field.json_schema_extra
    unit = str(extra["unit"]) if isinstance(extra, Mapping) and "unit" in extra else ""
    return Place(field.annotation, unit, tuple(field.metadata))
