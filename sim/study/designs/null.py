"""The scenario in which the null hypothesis of a plan holds."""

from analysis.decision.rule import primary_rule
from scenarios.design.hypothesis import WITH_MARGIN
from scenarios.errors import InputError
from scenarios.people.course import NormalCourse
from scenarios.schema import Scenario

DOSES = ("capacity_per_session", "capacity_per_steps", "belief_per_message", "belief_per_tool")
"""Keys of ``[pathway]`` by which the app acts."""


def null_overrides(scenario: Scenario) -> tuple[str, ...]:
    """Return what makes the null hypothesis of a scenario true, as ``--set`` would take it.

    No effect; for non-inferiority and equivalence, where the null is closest to what is to be
    shown: an effect of the margin, against the intervention.

    Raises
    ------
    InputError
        If the effect of the course cannot be set to the margin.
    """
    plan = scenario.analysis
    if isinstance(scenario.course, NormalCourse):
        effect = -primary_rule(plan).better * plan.margin
        return (f"course.effect={[effect + 0.0] * len(scenario.course.effect)}",)
    if plan.hypothesis in WITH_MARGIN:
        raise InputError(
            f"the null of {plan.hypothesis!r} is an effect of the margin, {plan.margin:g} points, "
            "which virtual patients cannot be set to: name with --null what gives it, or leave out "
            "type I error with --no-null"
        )
    return tuple(f"pathway.{dose}=0.0" for dose in DOSES)
