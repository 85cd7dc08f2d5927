"""What ``[reporting]`` has in common with other sections; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator

from scenarios.arms.declared import Arm
from scenarios.arms.given import own_table
from scenarios.design.followup import FollowUp
from scenarios.design.outcomes import Outcome, by_name
from scenarios.errors import nearest
from scenarios.people.care import Care
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.plain_course import NormalCourse
from scenarios.people.reporting import Reporting


def reporting_names_arms(arms: tuple[Arm, ...], reporting: Reporting) -> Iterator[str]:
    """Check that expectation and disappointment are those of arms."""
    names = [arm.name for arm in arms]
    for key in ("expectation", "disappointment"):
        for name in getattr(reporting, key):
            if name not in names:
                yield f"reporting.{key}: {name!r} is not an arm: {_hint(name, names)}"


def reporting_shifts_scores(
    outcomes: tuple[Outcome, ...], course: Course, reporting: Reporting
) -> Iterator[str]:
    """Check that expectation moves scores that are simulated: not events, not counts."""
    known = by_name(outcomes)
    if isinstance(course, NormalCourse):
        known = {name: known[name] for name in course.by_outcome if name in known}
    allowed = [name for name, outcome in known.items() if outcome.kind == "continuous"]
    for arm, by_outcome in reporting.expectation.items():
        for name in by_outcome:
            key = f"reporting.expectation.{arm}"
            if name not in known:
                yield f"{key}: {name!r} is no outcome of the course: {_hint(name, allowed)}"
            elif name not in allowed:
                yield (
                    f"{key}.{name}: is not allowed, {name} is {known[name].kind}: expectation "
                    f"shifts scores, {_hint(name, allowed)}"
                )


def the_disappointed_are_left(
    arms: tuple[Arm, ...], followup: FollowUp, reporting: Reporting
) -> Iterator[str]:
    """Check that disappointment does not let more than all withdraw."""
    for code, arm in enumerate(arms):
        own = own_table(arms, code, reporting.disappointment)
        follow = followup.arms.get(own_table(arms, code, followup.arms))
        if own not in reporting.disappointment or follow is None:
            continue
        ratio = reporting.disappointment[own].withdrawal
        lost = followup.retention.withdrawal * max(sum(follow.withdrawal), followup.dropout)
        if ratio > 1.0 and ratio * lost > 1.0:
            yield (
                f"reporting.disappointment.{own}.withdrawal: {ratio:g} is not allowed: more than "
                f"all of {arm.name} would be lost, must be at most {1.0 / lost:.3g}"
            )


def the_disappointed_have_care(
    course: Course, care: Care | None, reporting: Reporting
) -> Iterator[str]:
    """Check that contacts with health care are simulated, if disappointment changes them."""
    if isinstance(course, MechanisticCourse) and care is not None:
        return
    for arm, own in reporting.disappointment.items():
        if own.contacts != 1.0:
            yield (
                f"reporting.disappointment.{arm}.contacts: {own.contacts:g} is not allowed "
                "without [care] of a mechanistic course: must be 1"
            )


def _hint(name: str, known: list[str]) -> str:
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else f"must be {' or '.join(known) or 'left out'}"
