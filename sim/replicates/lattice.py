"""What an arm is given that the reference is not, and arms that are given each subset of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.arms.codes import REFERENCE
from scenarios.arms.declared import COMPONENTS, Arm
from scenarios.arms.expansion import effects_of
from scenarios.arms.given import Given, disappointment_of, overrides_of
from scenarios.checks.multiplicity import unknown
from scenarios.errors import InputError
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario

MOST = 8
"""Components at most: their 256 subsets are all simulated."""
KEYS = "other keys"
"""What stands for keys of ``[app]`` and the like, withdrawal, and contacts out of disappointment,
that differ between two arms."""
WITHOUT = "no "
"""Stands before a component that the reference is given and the arm is not."""
_SECTIONS = ("app", "recommender", "step_sources", "pathway")
"""Sections of which keys of an arm's own matter to what it does."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """The subsets of what tells an arm from the reference.

    Attributes
    ----------
    scenario
        The trial.
    code
        Of the arm.
    components
        What the arm has and the reference has not; what the reference alone has, as not having it;
        then :data:`KEYS`, if other keys differ as well.
    """

    scenario: Scenario
    code: int
    components: tuple[str, ...]

    def subset(self, number: int) -> frozenset[str]:
        """Return the components of a subset; bit i of its number says whether the i-th is in."""
        return frozenset(name for i, name in enumerate(self.components) if number >> i & 1)

    def arm(self, number: int) -> tuple[Arm, Arm]:
        """Return an arm that is given a subset, and the arm of the trial whose follow-up it has.

        That of no component is given what the reference is, that of all what the arm is.
        """
        arms, chosen = self.scenario.arms, self.subset(number)
        # Where one of the two is given nothing, it has no other keys that could matter.
        given = self.scenario.given
        if KEYS in self.components:
            code = self.code if KEYS in chosen else REFERENCE
        else:
            code = self.code if given[self.code].anything or self._is_plain else REFERENCE
        changed: dict[str, Any] = {"name": self._name, "label": self._name}
        if self._is_plain:
            changed["overrides"] = effects_of(self.scenario, chosen)
            code = self.code if chosen else REFERENCE
        else:
            changed["components"] = self._given(chosen)
            changed["overrides"] = overrides_of(arms, code)
        return arms[code].model_copy(update=changed), arms[code]

    def _given(self, chosen: frozenset[str]) -> tuple[str, ...]:
        before, after = (_told(self.scenario.given[code]) for code in (REFERENCE, self.code))
        lost = {name for name in before - after if f"{WITHOUT}{name}" in chosen}
        found = (before - lost) | (after & chosen)
        if found - {"wristband", "sham_app"}:
            found -= {"sham_app"}  # an app that does something is no sham
        elif before - {"wristband"} and after - {"wristband"}:
            found |= {"sham_app"}  # both have an app, so it is there whatever it does
        return tuple(name for name in COMPONENTS if name in found)

    @property
    def _is_plain(self) -> bool:
        return isinstance(self.scenario.course, NormalCourse)

    @property
    def _name(self) -> str:
        name = "subset"
        while name in self.scenario.arm_names:
            name += "_"
        return name


def lattice(scenario: Scenario, arm: str = "") -> Lattice:
    """Return the subsets of what tells an arm from the reference.

    Parameters
    ----------
    scenario
        With a mechanistic course, or a factorial of a plain one.
    arm
        Its name; the last one by default.

    Raises
    ------
    InputError
        If there is no such arm, it is the reference or equals it, nothing is known of components,
        or there are too many of them.
    """
    names = scenario.arm_names
    arm = arm or names[-1]
    if arm not in names:
        raise InputError(f"--arm {arm}: {unknown(arm, names[1:], 'arm')}")
    code = names.index(arm)
    if code == REFERENCE:
        raise InputError(
            f"--arm {arm}: is the reference, with which arms are compared: must be "
            f"{' or '.join(names[1:])}"
        )
    found = tuple(_components(scenario, code))
    if not found:
        raise InputError(f"--arm {arm}: it is given what {names[REFERENCE]!r} is: no components")
    if len(found) > MOST:
        raise InputError(
            f"--arm {arm}: it has {len(found)} components that {names[REFERENCE]!r} has not, at "
            f"most {MOST} are allowed"
        )
    return Lattice(scenario, code, found)


def _components(scenario: Scenario, code: int) -> Iterator[str]:
    if isinstance(scenario.course, NormalCourse):
        if scenario.factorial is None:
            raise InputError(
                f"{scenario.name}: course.model = 'normal' knows of no components, without "
                "[factorial]: take a scenario such as selfback_2021"
            )
        yield from scenario.factorial.having(scenario.arm_names[code])
        return
    before, after = (_told(scenario.given[each]) for each in (REFERENCE, code))
    if before - {"wristband"} and after - {"wristband"}:
        before, after = before - {"sham_app"}, after - {"sham_app"}
    yield from (name for name in COMPONENTS if name in after - before)
    yield from (f"{WITHOUT}{name}" for name in COMPONENTS if name in before - after)
    both = scenario.given[REFERENCE].anything and scenario.given[code].anything
    other_keys = both and _keys(scenario, REFERENCE) != _keys(scenario, code)
    if other_keys or _contacts(scenario, REFERENCE) != _contacts(scenario, code):
        yield KEYS


def _told(given: Given) -> frozenset[str]:
    """Return the components of an arm: features rather than an app."""
    found = {*given.features, *(["wristband"] if given.wristband else [])}
    return frozenset(found | ({"sham_app"} if given.app and not given.features else set()))


def _contacts(scenario: Scenario, code: int) -> float:
    """Return the ratio of contacts with health care out of disappointment, where they relieve."""
    if scenario.care is None or not scenario.care.relieves:
        return 1.0
    return disappointment_of(scenario.reporting, scenario.arms, code).contacts


def _keys(scenario: Scenario, code: int) -> list[object]:
    """Return what an arm has of its own that decides on what it does to its participants."""
    own = scenario.by_arm[code]
    return [
        *(getattr(own, name) for name in _SECTIONS),
        own.followup.dropout,
        scenario.follow_ups[code].withdrawal,
    ]
