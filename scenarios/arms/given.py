"""What each arm is given, and the scenario as it holds in one arm.

An arm states components (an app, its features, a wristband) and keys that have other values in it.
Where it states none, it has those of the arm that it is ``like``.
"""

import copy
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from scenarios.arms.codes import REFERENCE
from scenarios.arms.declared import FEATURES, OVERRIDABLE, Arm, Feature
from scenarios.design.followup import FollowUp
from scenarios.errors import nearest
from scenarios.fields import CheckError, Part
from scenarios.people.course import MechanisticCourse
from scenarios.people.reporting import Disappointment, Reporting

if TYPE_CHECKING:
    from scenarios.schema import Scenario

P = TypeVar("P", bound=Part)

OF_FOLLOWUP = ("dropout", "response", "withdrawal", "withdrawal_reasons", "retention")
"""Keys of ``[followup]`` that an arm may have of its own; when people are contacted is common."""
_OF_ARM = ("response", "withdrawal", "withdrawal_reasons")
"""Those of them that stand in ``[followup.arms.NAME]``."""
_COMMON = {
    "app.assistants": "all arms share the staff",
    "followup.retention.call_days": "all arms are called on the same days",
    **{
        f"pathway.{key}": "it says what is gained by a state, whatever brought it about"
        for key in (
            "needs_move",
            "load_peak",
            "pain_from_capacity",
            "disability_from_belief",
            "self_efficacy_from_belief",
            "fear_from_belief",
            "illness_perception_from_belief",
            "capacity_half_life",
            "belief_half_life",
            "flare_height",
            "flare_days",
        )
    },
    "safety.rates": "write safety.rate, the arm's own",
    "course.model": "all arms have one model of the course",
    "course.outcome": "all arms have the same outcomes",
    "course.correlation": "all arms share their draws",
    "course.pattern": "all arms share their draws",
    "course.means": "these are the means of the reference",
    "course.sd": "write course.intervention_sd",
    "course.prognosis": "all arms share their draws",
    "course.r2": "all arms share their draws",
    "course.between": "all arms share their draws",
    "course.on_scale": "all arms are on one scale",
}
"""Keys that no arm can have of its own, and why."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the participants of an arm are given.

    Attributes
    ----------
    app
        Whether they get an app, real or sham.
    wristband
        Whether they get a wristband.
    features
        What the app does; nothing in a sham app.
    """

    app: bool
    wristband: bool
    features: frozenset[Feature]

    @property
    def anything(self) -> bool:
        """Whether there is something to install or to hand out."""
        return self.app or self.wristband

    @property
    def everything(self) -> bool:
        """Whether they get the app with all its features, and the wristband."""
        return self.wristband and len(self.features) == len(FEATURES)


def alike(arms: Sequence[Arm], code: int) -> tuple[Arm, ...]:
    """Return an arm and, behind it, the one that it is like, if there is one."""
    arm = arms[code]
    return (arm, *(other for other in arms if other.name == arm.like))


def given_to(arms: Sequence[Arm], code: int) -> Given:
    """Return what the participants of an arm are given."""
    stated = (arm.components for arm in alike(arms, code) if arm.components is not None)
    components = next(stated, ())
    features = FEATURES if "app" in components else [f for f in FEATURES if f in components]
    app = bool(features) or "sham_app" in components
    return Given(app, "wristband" in components, frozenset(features))


def planning_arms(arms: Sequence[Arm]) -> tuple[int, ...]:
    """Return the codes of the arms whose participants can make plans.

    They are given an app with features; a sham app has none. Where no arm says what it is given, as
    in a plan for somebody's data, they are all arms but the reference.
    """
    codes = range(len(arms))
    with_features = tuple(code for code in codes if given_to(arms, code).features)
    return with_features or tuple(code for code in codes if code != REFERENCE)


def own_table(arms: Sequence[Arm], code: int, tables: Collection[str]) -> str:
    """Return the name under which tables by arm have that of an arm: its own, or one it is like."""
    return next((arm.name for arm in alike(arms, code) if arm.name in tables), arms[code].name)


def overrides_of(arms: Sequence[Arm], code: int) -> dict[str, Any]:
    """Return the keys that have other values in an arm, dotted, and these values."""
    found: dict[str, Any] = {}
    for arm in reversed(alike(arms, code)):
        found |= arm.overrides
    return found


def in_arm(scenario: "Scenario", code: int) -> "Scenario":
    """Return the scenario as it holds for the participants of one arm."""
    changed: dict[str, Any] = {}
    if overrides_of(scenario.arms, code):
        sections = {name: getattr(scenario, name) for name in OVERRIDABLE}
        changed = with_overrides(scenario.arms, code, sections)
    disappointment = disappointment_of(scenario.reporting, scenario.arms, code)
    if disappointment.withdrawal != 1.0:
        followup = changed.get("followup", scenario.followup)
        changed["followup"] = _with_withdrawals(followup, disappointment.withdrawal)
        # It is in the follow-up now: the scenario as it holds in an arm of this one has it once.
        changed["reporting"] = scenario.reporting.model_copy(
            update={
                "disappointment": {
                    arm: own.model_copy(update={"withdrawal": 1.0})
                    for arm, own in scenario.reporting.disappointment.items()
                }
            }
        )
    return scenario.model_copy(update=changed) if changed else scenario


def disappointment_of(reporting: Reporting, arms: Sequence[Arm], code: int) -> Disappointment:
    """Return what an arm's participants do out of disappointment; nothing, unless stated."""
    own = own_table(arms, code, reporting.disappointment)
    return reporting.disappointment.get(own, Disappointment())


def _with_withdrawals(followup: FollowUp, ratio: float) -> FollowUp:
    """Return a follow-up with so many times the withdrawals and dropout."""
    retention = followup.retention
    more = retention.model_copy(update={"withdrawal": ratio * retention.withdrawal})
    return followup.model_copy(update={"retention": more})


def with_overrides(arms: Sequence[Arm], code: int, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return sections of a scenario as they hold in an arm.

    Parameters
    ----------
    arms, code
        All arms, and which one.
    sections
        By name. What :func:`overrides_are_allowed` has passed needs no further checks.
    """
    changed: dict[str, dict[str, Any]] = {}
    for key, value in overrides_of(arms, code).items():
        section, path = _split(key, arms[code].name)
        part = sections[section]
        if section not in changed:
            changed[section] = _dumped(part, arms, code)
        _put(changed[section], path, value, type(part).exclusive)
    read = {name: _read(type(sections[name]), data) for name, data in changed.items()}
    return {**sections, **read}


def overrides_are_allowed(arms: tuple[Arm, ...], sections: Mapping[str, Any]) -> Iterator[str]:
    """Yield which overrides of arms are unknown, common to all arms, or not allowed.

    Parameters
    ----------
    arms
        Of a scenario.
    sections
        Its other sections by name; None where it has not that section.
    """
    for position, arm in enumerate(arms):
        for key, value in arm.overrides.items():
            where = f"arms.{position}.overrides"
            problem = _problem(arms, position, key, value, sections)
            if problem:
                yield f"{where}: {key!r} {problem}"


def _problem(
    arms: Sequence[Arm], code: int, key: str, value: Any, sections: Mapping[str, Any]
) -> str:
    """Return what is wrong with an override, '' if nothing is."""
    problem = _not_of_an_arm(key, sections)
    if problem:
        return problem
    section, path = _split(key, arms[code].name)
    part = sections[section]
    data = _dumped(part, arms, code)
    if not _is_known(data, path):
        close = nearest(".".join(path), _keys(data))
        return f"is unknown: did you mean {section}.{close}?" if close else "is unknown"
    _put(data, path, value, type(part).exclusive)
    try:
        _read(type(part), data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        cause = first.get("ctx", {}).get("error")
        told = cause.problems[0] if isinstance(cause, CheckError) else first["msg"]
        return f"= {value!r} is not allowed: {told[:1].lower()}{told[1:]}"
    return ""


def _not_of_an_arm(key: str, sections: Mapping[str, Any]) -> str:
    """Return why no arm can have a key of its own, '' if one can."""
    section, *rest = key.split(".")
    if section not in OVERRIDABLE or not rest:
        close = nearest(section, OVERRIDABLE)
        hint = f"did you mean {close}.?" if close else f"must begin with {_one_of(OVERRIDABLE)}"
        return f"is not a key that an arm can have: {hint}"
    if section == "followup" and rest[0] not in OF_FOLLOWUP:
        return f"is common to all arms: of followup an arm can have {', '.join(OF_FOLLOWUP)}"
    if section == "course" and isinstance(sections["course"], MechanisticCourse):
        return "is common to all arms: they differ by what they are given, see components"
    for common, why in _COMMON.items():
        if key == common or key.startswith(f"{common}."):
            return f"is common to all arms: {why}"
    return "" if sections[section] is not None else f"is not allowed without [{section}]"


def _split(key: str, arm: str) -> tuple[str, list[str]]:
    """Return the section of a dotted key, and the way from there."""
    section, *rest = key.split(".")
    if section == "followup" and rest[0] in _OF_ARM:
        return section, ["arms", arm, *rest]
    if section == "safety" and rest == ["rate"]:
        return section, ["rates", arm]
    return section, rest


def _dumped(part: Part, arms: Sequence[Arm], code: int) -> dict[str, Any]:
    """Return the keys of a section, with tables of the arm's own where arms have such."""
    data = part.model_dump(mode="json")
    for key in ("arms", "rates"):
        own = own_table(arms, code, data.get(key, {}))
        if own in data.get(key, {}):
            data[key][arms[code].name] = copy.deepcopy(data[key][own])
    return data


def _read(kind: type[P], data: Mapping[str, Any]) -> P:
    return kind.model_validate_json(json.dumps(data), strict=True)


def _put(
    data: dict[str, Any], path: Sequence[str], value: Any, exclusive: Sequence[Sequence[str]]
) -> None:
    """Put a value in its place, instead of what says the same in another way."""
    *way, last = path
    for step in way:
        data = data[step]
    for group in exclusive:
        if last in group:
            data |= dict.fromkeys(group)
    data[last] = copy.deepcopy(value)


def _is_known(data: Any, path: Sequence[str]) -> bool:
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return False
        data = data[step]
    return True


def _keys(data: Mapping[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for key, value in data.items():
        found.append(f"{before}{key}")
        if isinstance(value, dict):
            found += _keys(value, f"{before}{key}.")
    return found


def _one_of(names: Sequence[str]) -> str:
    return ", ".join(f"{name}." for name in names)
