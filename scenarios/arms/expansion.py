"""The arms that ``[factorial]`` stands for, as if a scenario had a table for each of them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from math import fsum, prod
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from scenarios.analyses.plan import AnalysisPlan
from scenarios.arms.declared import COMPONENTS, FEATURES, Arm
from scenarios.arms.factorial import Effects, Factorial, adds
from scenarios.checks.multiplicity import unknown
from scenarios.design.followup import FollowUp
from scenarios.design.trial import Design
from scenarios.people.course import Course
from scenarios.people.plain_course import NormalCourse

_BY_ARM = (
    ("followup", "arms"),
    ("safety", "rates"),
    ("reporting", "expectation"),
    ("reporting", "disappointment"),
)
"""Sections, and their keys with a table or number for each arm."""

if TYPE_CHECKING:
    from scenarios.schema import Scenario

_STATED = ("effect", "effect_size", "intervention")
"""Keys of a plain course that state an effect."""
_NONE = "is not allowed: the course has no further outcomes"


def expanded(data: dict[str, Any]) -> dict[str, Any]:
    """Return the tables and keys of a scenario or plan with the arms of its ``[factorial]``.

    Main effects and interactions of two components become the contrasts of the analysis, unless it
    declares some. What cannot be read, or has arms already, is left for the checks to tell.
    """
    if data.get("factorial") is None or data.get("arms") is not None:
        return data
    try:
        factorial = Factorial.model_validate_json(json.dumps(data["factorial"], default=str))
    except ValidationError:
        return data
    course = _table(data, "course")
    by_arm = _table(data, "followup", "arms")
    visits = _inside(data, "trial", "visits")
    if course and any(
        _problems(
            factorial,
            plain=course.get("model") == "normal",
            visits=len(visits) if isinstance(visits, list) else 0,
            further=_table(course, "further"),
            by_arm=by_arm,
        )
    ):
        return data
    made = {**data, "arms": arm_tables(factorial, course)}
    for section, key in _BY_ARM:
        by_arm = _table(made, section, key)
        if factorial.like in by_arm:
            only = {factorial.arm_names[0]: by_arm[factorial.like]}
            made[section] = {**made[section], key: only}
    if course.get("model") == "normal":
        made["course"] = _without_effect(course)
    analysis = data.get("analysis")
    if isinstance(analysis, Mapping) and "contrasts" in AnalysisPlan.model_fields:
        declared = [{"name": name, "weights": w} for name, w in factorial.contrasts()]
        made["analysis"] = {"contrasts": declared, **analysis}
    return made


def collapsed(data: dict[str, Any]) -> dict[str, Any]:
    """Return the tables and keys of a scenario without what its ``[factorial]`` makes.

    Of a scenario as it was read; what it was read from can then be changed and expanded again.
    """
    factorial = data.get("factorial")
    if factorial is None:
        return data
    kept = {key: value for key, value in data.items() if key != "arms"}
    made = Factorial.model_validate_json(json.dumps(factorial)).contrasts()
    analysis = kept["analysis"]
    if analysis.get("contrasts") == [{"name": name, "weights": w} for name, w in made]:
        kept["analysis"] = {key: value for key, value in analysis.items() if key != "contrasts"}
    return kept


def arm_tables(factorial: Factorial, course: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a table for each arm, as of ``[[arms]]``.

    Parameters
    ----------
    factorial
        What is crossed.
    course
        Keys of the course: with a plain one an arm's effect is the sum of the effects of what it
        has, or the product where the effect is a ratio.
    """
    found: list[dict[str, Any]] = []
    every = [each.replace("_", " ") for each in factorial.components]
    for arm, name in zip(factorial.design.arms, factorial.arm_names, strict=True):
        has = [each for each in factorial.components if each in arm]
        words = [each.replace("_", " ") for each in has]
        table: dict[str, Any] = {
            "name": name,
            "label": _capital(" + ".join(words)) or "No component",
            "treatment": _listed(words) if words else f"neither {' nor '.join(every)}",
        }
        if found:
            table["like"] = factorial.arm_names[0]
        if course.get("model") == "normal":
            if found:
                table["overrides"] = _effects(factorial, course, arm)
        else:
            table["components"] = [*factorial.always, *has]
        found.append(table)
    return found


def effects_of(scenario: "Scenario", components: Collection[str]) -> dict[str, Any]:
    """Return the overrides that are the effects of some components of a plain factorial.

    Raises
    ------
    ValueError
        If the scenario has no factorial.
    """
    if scenario.factorial is None:
        raise ValueError(f"{scenario.name} has no factorial")
    course = scenario.course.model_dump(mode="json")
    return _effects(scenario.factorial, course, frozenset(components))


def factorial_makes_the_arms(
    factorial: Factorial | None, arms: tuple[Arm, ...], reference: str, course: Course | None
) -> Iterator[str]:
    """Check that arms are stated once, and that the reference of a plain course has no component.

    Of a plan the course is None: what would bring effects about does not matter to it.
    """
    if factorial is None:
        return
    made = {
        each["name"]: each
        for each in arm_tables(factorial, {} if course is None else course.model_dump(mode="json"))
    }
    same = {arm.name for arm in arms} == made.keys() and all(
        list(arm.components or ()) == made[arm.name].get("components", [])
        and arm.overrides == made[arm.name].get("overrides", {})
        for arm in arms
        if course is not None
    )
    if not same:
        yield "arms: is not allowed beside [factorial], which makes them: must have one of the two"
    elif isinstance(course, NormalCourse) and reference not in {"", factorial.arm_names[0]}:
        yield (
            f"reference: {reference!r} is not allowed with a plain course, whose means are those "
            f"of the arm without components: must be {factorial.arm_names[0]!r}"
        )


def factorial_suits_the_scenario(
    factorial: Factorial | None, trial: Design, followup: FollowUp, course: Course
) -> Iterator[str]:
    """Check that components are simulated, and effects those of the course's outcomes."""
    if factorial is None:
        return
    plain = isinstance(course, NormalCourse)
    for problem in _problems(
        factorial,
        plain=plain,
        visits=len(trial.visits),
        further=course.further if isinstance(course, NormalCourse) else (),
        by_arm=followup.arms,
    ):
        yield f"factorial.{problem}"


def _problems(
    factorial: Factorial, *, plain: bool, visits: int, further: Collection[str],
    by_arm: Collection[str],
) -> Iterator[str]:  # fmt: skip
    """Yield what keeps a factorial from making arms that are simulated; keys are its own."""
    yield from _of_plain_course(factorial, visits, further) if plain else _of_app(factorial)
    first = factorial.arm_names[0]
    if (factorial.like or first) not in by_arm and set(by_arm) != {first}:
        given = f"{factorial.like!r} is not allowed" if factorial.like else "is missing"
        yield f"like: {given}: must be an arm of followup.arms, {' or '.join(by_arm)}"


def _of_app(factorial: Factorial) -> Iterator[str]:
    names = {key: getattr(factorial, key) for key in ("components", "always")}
    for key, given in names.items():
        for name in given:
            if name not in COMPONENTS:
                yield f"{key}: {unknown(name, COMPONENTS, 'component')}"
    every = [*names["components"], *names["always"]]
    whole = [name for name in ("app", "sham_app") if name in every]
    features = [name for name in every if name in FEATURES]
    if len(whole) > 1 or (whole and features):
        yield (
            f"components and always: {' with '.join([*whole, *features[:1]])} is not allowed: must "
            "have either app, with all its features, or sham_app, with none, or the features alone"
        )
    for key in ("effects", "further"):
        if getattr(factorial, key):
            yield (
                f"{key}: is not allowed with a mechanistic course, whose effects follow from what "
                "arms are given: leave it out"
            )


def _of_plain_course(factorial: Factorial, visits: int, further: Collection[str]) -> Iterator[str]:
    if factorial.always:
        yield (
            "always: is not allowed with a plain course, whose arms are given nothing: leave it out"
        )
    for name in factorial.further:
        if name not in further:
            yield f"further: {unknown(name, further, 'further outcome') if further else _NONE}"
    for key, effects in (
        ("effects", factorial.effects),
        *((f"further.{name}", own) for name, own in factorial.further.items()),
    ):
        for name, value in effects.items():
            if isinstance(value, tuple) and len(value) != visits:
                yield (
                    f"{key}: {len(value)} given for {name!r}, must be {visits}, one for each "
                    "visit, or one number for all"
                )


def _effects(
    factorial: Factorial, course: Mapping[str, Any], arm: frozenset[str]
) -> dict[str, Any]:
    """Return the overrides that are an arm's effects."""
    found: dict[str, Any] = {}
    _put_effect(found, "course", course, factorial.effects, arm)
    for name, own in _table(course, "further").items():
        effects = factorial.further.get(name, {})
        _put_effect(found, f"course.further.{name}", _table(own), effects, arm)
    return found


def _put_effect(
    found: dict[str, Any], key: str, course: Mapping[str, Any], effects: Effects,
    arm: frozenset[str],
) -> None:  # fmt: skip
    ratio = course.get("effect_measure", "difference") != "difference"
    parts = list(adds(effects, arm))
    size = max(map(len, parts), default=1)
    by_visit = [part * size if len(part) == 1 else part for part in parts]
    total = [prod(each) if ratio else fsum(each) for each in zip_longest(*by_visit, fillvalue=0.0)]
    if size == 1:
        found[f"{key}.effect_size"] = total[0] if total else float(ratio)
    else:
        found[f"{key}.effect"] = total


def _without_effect(course: dict[str, Any]) -> dict[str, Any]:
    """Return a plain course that states no effect, where it states none, as being without."""
    further = {name: _none_stated(own) for name, own in _table(course, "further").items()}
    return {**_none_stated(course), **({"further": further} if further else {})}


def _none_stated(own: Any) -> Any:
    if not isinstance(own, Mapping) or any(own.get(key) is not None for key in _STATED):
        return own
    return {**own, "effect_size": float(own.get("effect_measure", "difference") != "difference")}


def _listed(words: Sequence[str]) -> str:
    """Return words in a sentence."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(data: Any, *steps: str) -> dict[str, Any]:
    found = _inside(data, *steps)
    return dict(found) if isinstance(found, Mapping) else {}


def _inside(data: Any, *steps: str) -> Any:
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data
