"""The scenario in which the null hypothesis of a plan holds."""

from collections.abc import Sequence
from pathlib import Path

from analysis.decision.rule import primary_rule
from scenarios.analyses.hypothesis import WITH_MARGIN
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.people.care import CONTACT_KINDS
from scenarios.people.plain_course import NormalCourse, OutcomeCourse
from scenarios.schema import Scenario

DOSES = (
    "capacity_per_session", "capacity_per_steps", "belief_per_message", "belief_per_tool",
    "flare_per_overload",
)  # fmt: skip
"""Keys of ``[pathway]`` by which the app acts, for the better and for the worse."""


def null_overrides(scenario: Scenario) -> tuple[str, ...]:
    """Return what makes the null hypothesis of a scenario true, as ``--set`` would take it.

    No effect; for non-inferiority and equivalence, where the null is closest to what is to be
    shown: an effect of the margin, against the intervention, on the primary outcome.

    Raises
    ------
    InputError
        If the effect cannot be set to the margin.
    """
    plan, course = scenario.analysis, scenario.course
    if not isinstance(course, NormalCourse):
        if plan.hypothesis in WITH_MARGIN:
            raise _cannot(scenario, "which virtual patients cannot be set to")
        return (*(f"pathway.{dose}=0.0" for dose in DOSES), *_same_care(scenario))
    if plan.hypothesis not in WITH_MARGIN:
        if scenario.factorial is not None:
            return ("factorial.effects={}", "factorial.further={}")
        return course.without_effect
    if scenario.factorial is not None:
        raise _cannot(scenario, "and arms of a factorial have several effects")
    name = plan.primary_outcome
    if course.by_outcome[name].effect_measure != "difference":
        raise _cannot(scenario, "and course.effect_measure is no difference")
    key = "course" if name == course.outcome else f"course.further.{name}"
    effect = -primary_rule(plan, scenario.scales).better * plan.margin
    key = f"{key}.effect_size"
    others = (each for each in course.without_effect if each.partition("=")[0] != key)
    return (*others, f"{key}={effect}")


def _same_care(scenario: Scenario) -> tuple[str, ...]:
    """Return what keeps the app from changing how much usual care relieves."""
    care = scenario.care
    if care is None or not care.relieves:
        return ()
    return ("care.synergy=0.0", *(f"care.{kind}.app_ratio=1.0" for kind in CONTACT_KINDS))


def null_scenario(name: str | Path, overrides: Sequence[str], scenario: Scenario) -> Scenario:
    """Return a scenario in which the null hypothesis of another one holds.

    Parameters
    ----------
    name, overrides
        What the other one is read from, and what is set in it.
    scenario
        The other one.

    Raises
    ------
    InputError
        If the effect cannot be set to the null.
    """
    changes = null_overrides(scenario)
    # An effect that was stated in another way gives way to the null's.
    sections = [change.partition("=")[0].rpartition(".")[0] for change in changes]
    stated = {
        f"{at}.{key}" for at in sections for group in OutcomeCourse.exclusive for key in group
    }
    kept = [text for text in overrides if text.partition("=")[0].strip() not in stated]
    found = load_scenario(name, [*kept, *changes])
    return found if found.factorial is not None else without_own_effects(found)


def without_own_effects(scenario: Scenario) -> Scenario:
    """Return a scenario in which no arm has an effect or a dose of its own."""
    arms = tuple(
        arm.model_copy(
            update={
                "overrides": {
                    key: value for key, value in arm.overrides.items() if not _makes_effect(key)
                }
            }
        )
        for arm in scenario.arms
    )
    return scenario.model_copy(update={"arms": arms})


def _makes_effect(key: str) -> bool:
    section, _, last = key.rpartition(".")
    effects = {each for group in OutcomeCourse.exclusive for each in group} | {"effect_measure"}
    of_course = section == "course" or section.startswith("course.further.")
    return (of_course and last in effects) or (section == "pathway" and last in DOSES)


def _cannot(scenario: Scenario, why: str) -> InputError:
    plan = scenario.analysis
    return InputError(
        f"the null of {plan.hypothesis!r} is an effect of the margin, {plan.margin:g} points, "
        f"{why}: name with --null what gives it, or leave type I error out with --no-null"
    )
