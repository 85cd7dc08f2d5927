"""A scenario with changes, as a page edits it: what is wrong with it, its TOML, its command."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from scenarios.errors import InputError, ScenarioError
from scenarios.loading.keys import dotted_keys
from scenarios.loading.layers import Merged, merge
from scenarios.loading.library import is_path
from scenarios.loading.load import scenario_hash, validate
from scenarios.loading.overrides import SET
from scenarios.loading.provenance import parameters_of
from scenarios.loading.toml_text import toml_text
from scenarios.loading.variant import variant_document, whole_document
from scenarios.schema import Scenario
from sim.explore.knobs import FOLDED, Knob, has_effect, key_of, knobs_of

LONGEST = 80
"""Characters of a value that is offered to be changed."""


@dataclass(frozen=True, slots=True)
class Base:
    """A scenario to begin with.

    Attributes
    ----------
    key
        By which a page names it.
    source
        Name in the library, or path of its file.
    about
        What it asks, in the words of its file.
    portable
        Whether another file can extend it; not if it is only in a results folder.
    own_code
        Modules and addresses that a results folder names, which are not run from here.
    """

    key: str
    source: str
    about: str = ""
    portable: bool = True
    own_code: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A scenario with changes that has been looked at.

    Attributes
    ----------
    base, changes
        What, and ``key=value`` each.
    merged, scenario
        What they make; None where something is wrong.
    by_key
        What is wrong with a key, a line each.
    other
        What is wrong besides.
    """

    base: Base
    changes: tuple[str, ...]
    merged: Merged | None = None
    scenario: Scenario | None = None
    by_key: Mapping[str, str] = field(default_factory=dict)
    other: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """Of the scenario; '' where something is wrong."""
        return "" if self.scenario is None else scenario_hash(self.scenario)

    def toml(self, name: str) -> str:
        """Return a file that is the same scenario, under a name; '' where something is wrong."""
        if self.merged is None:
            return ""
        if not self.base.portable:
            return whole_document(self.merged, name=name)
        extends = self.base.source
        if is_path(extends):
            extends = Path(extends).resolve().as_posix()
        return variant_document(self.merged, extends=extends, name=name)

    def arguments(self, replicates: int, out: Path, source: str = "") -> list[str]:
        """Return what ``selfback`` is given to run it, of another file if one is named."""
        sets = [word for change in self.changes for word in ("--set", change)]
        named = source or self.base.source
        if named.startswith("-"):  # it would be taken for an option
            named = f"./{named}"
        return ["run", named, *sets, "--replicates", str(replicates), "--out", str(out)]


def command_line(arguments: Sequence[str]) -> str:
    """Return a command as a shell takes it."""
    return shlex.join(["selfback", *arguments])


def check(base: Base, changes: Sequence[str], shown: Sequence[str] = ()) -> Checked:
    """Return a scenario with changes, with all that is wrong with it.

    Parameters
    ----------
    base, changes
        What is changed, and ``key=value`` each.
    shown
        Keys that have a field, where what is wrong with them can stand.
    """
    given = tuple(change for change in changes if change.strip())
    try:
        merged = merge(base.source, given)
        return Checked(base, given, merged, validate(merged))
    except ScenarioError as error:
        lines = [line.removeprefix(f"{SET}: ") for line in error.problems]
    except InputError as error:
        lines = [str(error)]
    keys = [*filter(None, map(key_of, given)), *shown]
    by_key: dict[str, str] = {}
    other: list[str] = []
    for line in lines:
        mine = next((key for key in keys if _is_about(line, key)), None)
        if mine is None or mine in by_key:
            other.append(line)
        else:
            by_key[mine] = line
    return Checked(base, given, by_key=by_key, other=tuple(other))


def _is_about(line: str, key: str) -> bool:
    """Return whether a line of the loader is about a key, which may be one of several in front.

    >>> _is_about("trial.sample_size = 0 is not allowed: must be above 0", "trial.sample_size")
    True
    >>> _is_about("analysis.margin and analysis.hypothesis: 0 is ...", "analysis.hypothesis")
    True
    >>> _is_about("trial.sample_size_too is unknown", "trial.sample_size")
    False
    """
    head = line.partition(": ")[0].partition(" = ")[0].partition(" is unknown")[0]
    keys = head.replace("'", "").split(" and ")
    return any(each == key or each.startswith((f"{key}=", f"{key}.", f"{key}[")) for each in keys)


@dataclass(frozen=True)
class Form:
    """What the form of a scenario shows.

    Attributes
    ----------
    base, scenario
        What is changed, as it is without changes.
    knobs
        Main parameters by heading.
    values
        Key to the text in its field.
    typed
        Other changes, ``key=value`` each.
    keys
        Every key, with its value if that is short, to complete what is typed.
    folded
        Headings whose parameters are shown when they are asked for.
    """

    base: Base
    scenario: Scenario
    knobs: Mapping[str, Sequence[Knob]]
    values: Mapping[str, str]
    typed: tuple[str, ...]
    keys: Sequence[str]
    folded: Sequence[str] = FOLDED

    @property
    def unchanged(self) -> set[str]:
        """Keys of main parameters that are as they were."""
        knobs = [knob for some in self.knobs.values() for knob in some]
        return {knob.key for knob in knobs if self.values[knob.key] == knob.value}


def form_of(base: Base) -> Form:
    """Return the form of a scenario without changes.

    Raises
    ------
    InputError
        If the scenario cannot be read, or is not valid.
    """
    return _form(base) if is_path(base.source) else _form_of_library(base)


@lru_cache(maxsize=64)
def _form_of_library(base: Base) -> Form:
    """Return a form of the library, which does not change as files do."""
    return _form(base)


def _form(base: Base) -> Form:
    merged = merge(base.source)
    scenario = validate(merged)
    knobs = knobs_of(merged, scenario)
    values = {knob.key: knob.value for some in knobs.values() for knob in some}
    return Form(base, scenario, knobs, values, (), list(_completions(merged)))


def with_changes(form: Form, changes: Sequence[str]) -> Form:
    """Return a form with some changes in it: in the field of their key, if that has one."""
    values, typed = dict(form.values), list[str]()
    for change in changes:
        key, value = key_of(change), change.partition("=")[2].strip()
        if key in values:
            values[key] = value
        else:
            typed.append(change)
    return replace(form, values=values, typed=tuple(typed))


def _completions(merged: Merged) -> Iterator[str]:
    """Yield every key with its value as it can be typed, and keys that are not stated."""
    stated = {each.key: each.value for each in parameters_of(merged).values()}
    for key, value in stated.items():
        text = toml_text(value)
        yield f"{key} = {text if len(text) <= LONGEST else ''}"
    known = list(dotted_keys(merged.data))
    tables = {key.rpartition(".")[0] for key in known}
    yield from (f"{key} = " for key in known if key not in stated and key not in tables)


def changes_in(form: Form, fields: Mapping[str, str], typed: Sequence[str]) -> list[str]:
    """Return what the fields of a form change, ``key=value`` each.

    Parameters
    ----------
    form
        Of the scenario without changes.
    fields
        Key of a main parameter to the text in its field.
    typed
        Further changes.
    """
    before = {knob.key: knob.value for some in form.knobs.values() for knob in some}
    moved = [f"{key}={text.strip()}" for key, text in fields.items()
             if key in before and text.strip() != before[key]]  # fmt: skip
    return [*moved, *(change.strip() for change in typed if change.strip())]


def without_effect(form: Form, checked: Checked) -> list[str]:
    """Return the main parameters that have no effect in a scenario as it is changed."""
    scenario = checked.scenario or form.scenario
    changed = {key_of(change) for change in checked.changes}
    told = " ".join((*checked.by_key.values(), *checked.other))
    return [
        key
        for key in form.values
        if key not in changed and key not in told and not has_effect(key, scenario)
    ]
