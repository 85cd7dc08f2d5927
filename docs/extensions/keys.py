"""Every key of a scenario, from the schema and the library: ``{scenario-keys} app pathway``.

A key is an object of the site: the search finds it by its name, ``{key}`seed` `` links to it, and
its anchor is its name.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from extensions.generated import code, inline, section, sentence
from scenarios.loading.keys import Path
from scenarios.loading.layers import merge
from scenarios.loading.library import library
from scenarios.loading.provenance import UNITLESS, Parameter, parameters_of
from scenarios.loading.toml_text import toml_text
from scenarios.schema import Scenario

Node = Mapping[str, Any]
"""A part of the JSON schema."""
KIND = "scenario key"
GENERAL = "general"
"""Stands for the keys that are in no table."""
FIRST = ("selfback_2021", "planned_2018", "knee_koos", "depression_phq9")
"""Scenarios whose values are shown before those of others."""
LONGEST = 100
"""Characters of a value that is shown whole."""
BOUNDS = {
    "minimum": "at least {}", "exclusiveMinimum": "above {}",
    "maximum": "at most {}", "exclusiveMaximum": "below {}",
}  # fmt: skip
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    """A key that a scenario can have.

    Attributes
    ----------
    name
        Dotted; ``[]`` stands for a position in a list, ``NAME`` for a name that the scenario
        chooses.
    node
        Of the JSON schema.
    kinds
        Kinds of its table that have it, such as ``kind = "blocks"``; empty if all have it.
    """

    name: str
    node: Node
    required: bool
    kinds: list[str] = field(default_factory=list)

    @property
    def section(self) -> str:
        """The table at the top in which it stands."""
        head = re.split(r"[.\[]", self.name)[0]
        return head if "." in self.name or "[" in self.name or is_table(self.node) else GENERAL


def is_table(node: Node) -> bool:
    """Return whether a table, or a list of tables, stands here."""
    return any(
        one.get("type") == "object" or ("items" in one and is_table(one["items"]))
        for one in alternatives(node)
    )


@lru_cache(maxsize=1)
def schema() -> Node:
    """Return the JSON schema of scenarios."""
    return Scenario.model_json_schema()


def resolved(node: Node) -> Node:
    """Return a node with what it refers to; its own words go before those of its kind."""
    if "$ref" not in node:
        return node
    kind = schema()["$defs"][node["$ref"].rpartition("/")[2]]
    own = {name: value for name, value in node.items() if name != "$ref"}
    return {**kind, **own, "kind": kind.get("description", "")}


def alternatives(node: Node) -> list[Node]:
    """Return what can stand here, without null, which TOML does not have."""
    node = resolved(node)
    found = [resolved(each) for name in ("anyOf", "oneOf") for each in node.get(name, ())]
    return [each for each in found if each.get("type") != "null"] or [node]


@lru_cache(maxsize=1)
def all_keys() -> dict[str, Key]:
    """Return every key by its name, in the order of the schema."""
    found: dict[str, Key] = {}
    for name, node, required, kind in _below(schema(), ""):
        key = found.setdefault(name, Key(name, node, required))
        if kind and kind not in key.kinds:
            key.kinds.append(kind)
    return found


def _below(node: Node, path: str, kind: str = "") -> Iterator[tuple[str, Node, bool, str]]:
    several = alternatives(node)
    tag = resolved(node).get("discriminator", {}).get("propertyName", "")
    tags = [_values(one["properties"][tag]) if tag else [] for one in several]
    for one, values in zip(several, tags, strict=True):
        properties = one.get("properties", {})
        here = f"{tag} = {' or '.join(map(toml_text, values))}" if tag else kind
        for name, child in properties.items():
            place = f"{path}.{name}" if path else name
            required = name in one.get("required", ())
            if name == tag:
                yield place, {**child, "enum": [each for one in tags for each in one]}, required, ""
                continue
            yield place, child, required, here
            yield from _below(child, place, here)
        if isinstance(one.get("additionalProperties"), Mapping):
            yield from _below(one["additionalProperties"], f"{path}.NAME", here)
        if isinstance(one.get("items"), Mapping):
            yield from _below(one["items"], f"{path}[]", here)


def _values(node: Node) -> list[Any]:
    return list(node.get("enum", [node.get("const")]))


def kind_of_value(node: Node) -> str:
    """Return what can stand at a key, in words.

    >>> kind_of_value({"type": "number", "minimum": 0, "maximum": 1})
    'number, 0 to 1'
    >>> kind_of_value({"type": "array", "items": {"type": "integer"}, "minItems": 1})
    'list of whole numbers; at least 1 of them'
    """
    return " or ".join(dict.fromkeys(_kind(one) for one in alternatives(node)))


def _kind(node: Node) -> str:
    if "const" in node or "enum" in node:
        return ", ".join(f"`{toml_text(each)}`" for each in _values(node))
    kind = node.get("type", "value")
    if kind in {"integer", "number"}:
        return ", ".join(["whole number" if kind == "integer" else "number", *_bounds(node)])
    if kind == "string":
        return "date" if node.get("format") == "date" else "text"
    if kind == "array":
        return _list(node)
    return _table(node) if kind == "object" else {"boolean": "`true` or `false`"}.get(kind, kind)


def _table(node: Node) -> str:
    inside = node.get("additionalProperties")
    if not isinstance(inside, Mapping):
        return "table"
    names = node.get("propertyNames", {}).get("enum", ())
    of = f"; names: {', '.join(f'`{name}`' for name in names)}" if names else ""
    return f"table of names, each with a {kind_of_value(inside)}{of}"


def _list(node: Node) -> str:
    items = node.get("items") or {}
    words = kind_of_value(items) if items else "values"
    for one, many in (("whole number", "whole numbers"), ("number", "numbers")):
        if words.startswith(one):
            words = words.replace(one, many, 1)
            break
    else:
        words = {"text": "texts", "table": "tables", "date": "dates"}.get(words, words)
    least, most = node.get("minItems"), node.get("maxItems")
    count = [f"at least {least} of them"] if least and not most else []
    count += [f"{least or 0} to {most} of them"] if most else []
    return "; ".join([f"list of {words}", *count])


def _bounds(node: Node) -> list[str]:
    if {"minimum", "maximum"} <= set(node):
        return [f"{node['minimum']:g} to {node['maximum']:g}"]
    return [words.format(f"{node[name]:g}") for name, words in BOUNDS.items() if name in node]


@lru_cache(maxsize=1)
def examples() -> dict[str, tuple[str, Parameter]]:
    """Return key to the first scenario of the library that states it, and what it says of it."""
    found: dict[str, tuple[str, Parameter]] = {}
    files = library()
    for name in [*FIRST, *(name for name in files if name not in FIRST)]:
        # Comments are read slowly, and most scenarios state little that others before them do not.
        own = set(map(_key_of, _paths(tomllib.loads(files[name].read_text("utf-8")), ())))
        if own <= set(found):
            continue
        for path, parameter in parameters_of(merge(name)).items():
            found.setdefault(_key_of(path), (name, parameter))
    return found


def _paths(data: object, path: Path) -> Iterator[Path]:
    """Yield the paths of all values: of scalars, and of lists without tables."""
    if isinstance(data, Mapping):
        for name, child in data.items():
            yield from _paths(child, (*path, name))
    elif isinstance(data, list) and any(isinstance(child, Mapping) for child in data):
        for position, child in enumerate(data):
            yield from _paths(child, (*path, position))
    else:
        yield path


def _key_of(path: Path) -> str:
    """Return the key that a path of a scenario is one of, or that of the table which holds it.

    >>> _key_of(("trial", "visits", 1, "day"))
    'trial.visits[].day'
    """
    places, last = [""], ""
    for step in path:
        ends = ("[]",) if isinstance(step, int) else (f".{step}", ".NAME")
        places = [f"{place}{end}".removeprefix(".") for place in places for end in ends]
        places = [place for place in places if place in _prefixes()]
        last = next((place for place in places if place in all_keys()), last)
    return last


@lru_cache(maxsize=1)
def _prefixes() -> frozenset[str]:
    """Return what a key can begin with, itself included."""
    found = set()
    for name in all_keys():
        ends = (at for at, sign in enumerate(name) if sign in ".[")
        found |= {name, f"{name}[]", *(name[:end] for end in ends)}
        found |= {name[: end + 2] for end in range(len(name)) if name[end : end + 2] == "[]"}
    return frozenset(found)


def plain(text: str) -> str:
    """Return a docstring without the marks of its markup, but for those of code."""
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", " ".join(text.split("\n\n", maxsplit=1)[0].split()))


class ScenarioKeys(SphinxDirective):
    """Shows the keys of some tables, a section each."""

    required_arguments: ClassVar[int] = 1
    final_argument_whitespace: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Return a section for each table that is named."""
        wanted = self.arguments[0].split()
        _shown(self.env).update(wanted)
        return [self._section(name) for name in wanted]

    def _section(self, name: str) -> nodes.section:
        keys = [key for key in all_keys().values() if key.section == name]
        if name == GENERAL:
            head = section("Keys outside tables", GENERAL)
        else:
            top, *keys = keys
            mark = f"[[{name}]]" if resolved(top.node).get("type") == "array" else f"[{name}]"
            head = section(mark, f"section-{name}", *self._introduction(top))
            self._register(top.name, f"section-{name}")
        head += [self._object(key) for key in keys]
        return head

    def _introduction(self, top: Key) -> list[nodes.Node]:
        said = resolved(top.node).get("description", "")
        need = "Every scenario has it." if top.required else "It may be left out."
        found: list[nodes.Node] = [sentence(f"{said[:1].upper()}{said[1:]}. {need}")]
        for one in alternatives(top.node):
            about = plain(one.get("kind") or resolved(one.get("items", {})).get("kind", ""))
            if about:
                found.append(sentence(about))
        return found

    def _register(self, name: str, anchor: str) -> None:
        domain = self.env.domains.standard_domain
        domain.note_object("scenario-key", name, anchor, location=self.get_location())

    def _object(self, key: Key) -> addnodes.desc:
        self._register(key.name, key.name)
        head, _, last = key.name.rpartition(".")
        signature = addnodes.desc_signature("", "", ids=[key.name], classes=["scenario-key"])
        self.state.document.note_explicit_target(signature)
        if head:
            signature += addnodes.desc_addname("", f"{head}.")
        signature += addnodes.desc_name("", last)
        content = addnodes.desc_content("", *self._content(key))
        made = addnodes.desc("", signature, content, classes=["scenario-key"])
        made["domain"], made["objtype"], made["no-index"] = "std", "scenario-key", True
        return made

    def _content(self, key: Key) -> Iterator[nodes.Node]:
        node = resolved(key.node)
        said = node.get("description", "")
        yield sentence(f"{said[:1].upper()}{said[1:]}.")
        for one in alternatives(key.node):
            about = plain(one.get("kind") or resolved(one.get("items", {})).get("kind", ""))
            if about:
                yield sentence(about)
        facts = nodes.field_list()
        unit = node.get("unit", "")
        for name, told in (
            ("With", [" and ".join(f"`{kind}`" for kind in key.kinds)] if key.kinds else []),
            ("Value", [kind_of_value(key.node)]),
            ("Unit", [unit] if unit and unit not in UNITLESS else []),
            ("Default", self._default(key)),
            ("Example", self._example(key)),
        ):
            if told:
                body = nodes.field_body("", nodes.paragraph("", "", *inline(*told)))
                facts += nodes.field("", nodes.field_name("", name), body)
        yield facts

    def _default(self, key: Key) -> list[str | nodes.Node]:
        if key.required:
            return ["none: it must be stated"]
        value = resolved(key.node).get("default")
        if value is None:
            return ["left out"]
        return (
            ["as each of its keys says"] if isinstance(value, dict) and value else [_value(value)]
        )

    def _example(self, key: Key) -> list[str | nodes.Node]:
        if key.name not in examples():
            return []
        scenario, one = examples()[key.name]
        source = f": {one.source}" if one.source else ""
        return [_value(one.value), f" in `{scenario}`{source}"]


def _value(value: Any) -> nodes.Node:
    text = toml_text(value)
    return code(text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ...")


def _shown(env: Any) -> set[str]:
    if not hasattr(env, "scenario_sections"):
        env.scenario_sections = set()
    return env.scenario_sections  # type: ignore[no-any-return]


def complain_of_missing(_app: Sphinx, env: Any) -> None:
    """Warn of a section that no page shows."""
    for name in sorted({key.section for key in all_keys().values()} - _shown(env)):
        log.warning("no page has the scenario keys of [%s]", name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and keys as objects of the site."""
    app.add_directive("scenario-keys", ScenarioKeys)
    app.add_object_type("scenario-key", "key", objname=KIND)
    app.connect("env-check-consistency", complain_of_missing)
    return {"version": "1", "env_version": 1, "parallel_read_safe": False}
