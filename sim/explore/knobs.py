"""The main parameters of a scenario: those that a page offers, as the schema describes them.

Which keys these are stands here. What they are called, their units and limits are the schema's,
their values and sources the scenario's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from scenarios.analyses.hypothesis import WITH_MARGIN
from scenarios.devices.recommender import RecommenderKind
from scenarios.loading.keys import Path, dotted, place_at, read_key
from scenarios.loading.labels import key_words
from scenarios.loading.layers import Merged
from scenarios.loading.provenance import OWN_UNIT, UNITLESS, parameters_of
from scenarios.loading.toml_text import toml_text
from scenarios.people.course import MechanisticCourse
from scenarios.people.plain_course import OutcomeCourse
from scenarios.schema import Scenario
from sim.explore.sliders import Slider, limits_of, slider_about

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Participants": (
        "trial.sample_size", "clinics.number", "clinics.icc", "clinics.size_cv",
    ),
    "Effect": (
        "course.effect_size", "course.effect", "course.intervention",
        "course.further.*.effect_size", "recommender.kind", "pathway.tailoring_share",
        "pathway.capacity_per_session", "pathway.belief_per_message", "app.never_installed",
        "app.quit_hazard",
    ),
    "Loss to follow-up": ("followup.dropout", "followup.missingness"),
    "Test": (
        "analysis.hypothesis", "analysis.margin", "analysis.alpha", "analysis.confidence",
    ),
    "Simulation": ("seed", "truth"),
    "Scores": ("course.sd", "course.correlation", "course.r2"),
    "Response and withdrawal by arm": (
        "followup.arms.*.response", "followup.arms.*.withdrawal",
    ),
    "Interim looks": (
        "trial.interim.looks", "trial.interim.boundary", "trial.interim.futility",
    ),
}  # fmt: skip
"""Keys by the heading they stand under; ``*`` is every name that the scenario has there."""
FOLDED = ("Scores", "Response and withdrawal by arm", "Interim looks")
"""Headings whose keys are shown when they are asked for."""
NEEDS: Mapping[str, Callable[[Scenario], bool]] = {
    "recommender.": lambda scenario: isinstance(scenario.course, MechanisticCourse),
    "pathway.": lambda scenario: isinstance(scenario.course, MechanisticCourse),
    "app.": lambda scenario: isinstance(scenario.course, MechanisticCourse),
    "clinics.icc": lambda scenario: scenario.clinics.number > 0,
    "clinics.size_cv": lambda scenario: scenario.clinics.number > 0,
    "analysis.margin": lambda scenario: scenario.analysis.hypothesis in WITH_MARGIN,
    "trial.interim.boundary": lambda scenario: bool(scenario.trial.interim.looks),
    "trial.interim.futility": lambda scenario: bool(scenario.trial.interim.looks),
}
"""When keys that begin so have an effect; always, if they are not named here."""
NOT_MOVED = ("seed",)
"""Numbers that are near no other, and have no slider."""
SUGGESTED: Mapping[str, tuple[str, ...]] = {"recommender.kind": get_args(RecommenderKind)}
"""Names that are offered where others may be typed."""
WRITTEN = {"icc": "ICC", "sd": "SD", "cv": "CV", "r2": "R2"}
"""Abbreviations in names of keys, as they are written."""

Kind = Literal["number", "choice", "text"]


@dataclass(frozen=True, slots=True)
class Knob:
    """A main parameter.

    Attributes
    ----------
    key
        Dotted.
    name, description, unit
        In words.
    source
        Where the scenario has its value from.
    value
        As text that ``--set`` takes.
    kind
        How it is changed.
    choices
        Values that are allowed, or those that are suggested for a text.
    slider
        Of a number; None where there is none.
    """

    key: str
    name: str
    description: str
    unit: str
    source: str
    value: str
    kind: Kind
    choices: tuple[str, ...] = ()
    slider: Slider | None = None


def knobs_of(merged: Merged, scenario: Scenario) -> dict[str, list[Knob]]:
    """Return the main parameters that a scenario has, by heading.

    Parameters
    ----------
    merged, scenario
        Its layers, and what they make.
    """
    data = scenario.model_dump(mode="json")
    sources = {dotted(path): each.source for path, each in parameters_of(merged).items()}
    found: dict[str, list[Knob]] = {}
    for heading, patterns in GROUPS.items():
        paths = [path for pattern in patterns for path in _paths(pattern, merged.data)]
        made = [_knob(path, scenario, data, sources) for path in paths]
        found[heading] = [each for each in made if each is not None]
    return {heading: some for heading, some in found.items() if some}


def has_effect(key: str, scenario: Scenario) -> bool:
    """Return whether a main parameter has an effect in a scenario."""
    return all(met(scenario) for start, met in NEEDS.items() if key.startswith(start))


def _paths(pattern: str, data: Any, above: tuple[str, ...] = ()) -> Iterator[Path]:
    """Yield the keys that a pattern stands for, if the scenario states the table they stand in."""
    step, _, rest = pattern.partition(".")
    if not isinstance(data, Mapping):
        return
    if not rest:
        yield (*above, step)
        return
    for name in data if step == "*" else [step]:
        yield from _paths(rest, data.get(name), (*above, name))


def _knob(
    path: Path, scenario: Scenario, data: Mapping[str, Any], sources: Mapping[str, str]
) -> Knob | None:
    key = dotted(path)
    words, place, part = key_words(key, data), place_at(path, data), _part(path, scenario)
    if words is None or place is None or not hasattr(part, str(path[-1])):
        return None
    value, source = getattr(part, str(path[-1])), sources.get(key, "")
    if isinstance(part, OutcomeCourse):
        value, source = _effect(str(path[-1]), value, part, scenario, source or sources.get(
            dotted((*path[:-1], "effect")), ""))  # fmt: skip
    if value is None:
        return None
    annotation = _plain(place.annotation)
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    kind: Kind = "choice" if choices else "text"
    slider = None
    if annotation is bool:
        kind, choices = "choice", ("false", "true")
    if annotation in {int, float} and key not in NOT_MOVED:
        kind = "number"
        limits = limits_of(part, str(path[-1]))
        if _is_ratio(part):
            limits = replace(limits, low=0.0, above=True)
        slider = slider_about(float(value), limits, whole=annotation is int)
    return Knob(
        key=key,
        name=_heading(words.name),
        description=words.description,
        unit=_unit(words.unit, part, path, scenario),
        source=source,
        value=value if isinstance(value, str) else toml_text(value),
        kind=kind,
        choices=choices or SUGGESTED.get(key, ()),
        slider=slider,
    )


def _part(path: Path, scenario: Scenario) -> Any:
    """Return the section in which a key stands."""
    part: Any = scenario
    for step in path[:-1]:
        part = part.get(step) if isinstance(part, Mapping) else getattr(part, str(step), None)
    return part


def _effect(
    name: str, value: Any, part: OutcomeCourse, scenario: Scenario, source: str
) -> tuple[Any, str]:
    """Return an effect as it is best changed: one number where it is the same at all visits."""
    if name not in {"effect", "effect_size"}:
        return value, source
    stated = part.effect_size if part.effect is None else None
    if part.effect is not None and len(set(part.effects(len(scenario.trial.visits)))) == 1:
        stated = part.effect[0]
    if name == "effect_size":
        return stated, source
    return (None if stated is not None else value), source


def _plain(annotation: Any) -> Any:
    """Return a type without what annotates it, and without None."""
    members = [each for each in get_args(annotation) if each is not NoneType]
    if NoneType in get_args(annotation) and len(members) == 1:
        return _plain(members[0])
    return _plain(annotation.__origin__) if hasattr(annotation, "__metadata__") else annotation


def _is_ratio(part: Any) -> bool:
    return isinstance(part, OutcomeCourse) and part.effect_measure != "difference"


def _unit(unit: str, part: Any, path: Path, scenario: Scenario) -> str:
    if isinstance(part, OutcomeCourse) and unit == OWN_UNIT:
        if _is_ratio(part) and str(path[-1]).startswith("effect"):
            return part.effect_measure
        name = scenario.course.outcome if path[0] == "course" and len(path) == 2 else str(path[-2])  # type: ignore[union-attr]
        return scenario.outcome(name).unit
    return "" if unit in UNITLESS or unit in {OWN_UNIT, "yes or no"} else unit


def _heading(name: str) -> str:
    """Return the name of a key as it stands before a field.

    >>> _heading("clinics size cv")
    'Clinics size CV'
    """
    text = " ".join(WRITTEN.get(word, word) for word in name.split(" "))
    return text[:1].upper() + text[1:]


def key_of(change: str) -> str:
    """Return the key of a ``key=value``, as :func:`knobs_of` writes it; '' if it has none.

    >>> key_of(" trial.sample_size = 300")
    'trial.sample_size'
    """
    try:
        path, _ = read_key(change)
    except ValueError:
        return ""
    return dotted(path)
