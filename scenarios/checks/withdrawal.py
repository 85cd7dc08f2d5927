"""What reasons for withdrawing have in common with the rest; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.arms.declared import Arm
from scenarios.arms.given import given_to
from scenarios.checks.declared import undeclared
from scenarios.design.followup import FollowUp
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.patients import Population


def reasons_have_their_causes(
    arms: tuple[Arm, ...],
    followup: FollowUp,
    population: Population,
    course: Course,
) -> Iterator[str]:
    """Check that what reasons for withdrawing depend on is simulated, and leaves a reason to all.

    Not everybody who is to get an app does. Nothing matters under a normal course, where reasons
    are given by their frequencies alone.
    """
    if not isinstance(course, MechanisticCourse):
        return
    for name, odds in followup.reasons.items():
        key = f"followup.reasons.{name}"
        for trait in odds.traits:
            if trait not in population.margins:
                yield f"{key}.traits: {undeclared(trait, population.margins)}"
    for code, arm in enumerate(arms):
        given = followup.arms[arm.name].withdrawal_reasons if arm.name in followup.arms else {}
        with_app = [r for r in given if r in followup.reasons and followup.reasons[r].needs_app]
        if given and not any(weight for name, weight in given.items() if name not in with_app):
            yield (
                f"followup.arms.{arm.name}.withdrawal_reasons: all need an app: must have one for "
                "those who have none"
            )
        if not given_to(arms, code).app and any(given[name] for name in with_app):
            yield (
                f"followup.reasons.{with_app[0]}.needs_app: true is not allowed for a reason of "
                f"the arm {arm.name!r}, which gets no app"
            )
