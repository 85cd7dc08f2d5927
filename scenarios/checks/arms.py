"""What arms have in common with the rest of a scenario; see :mod:`scenarios.checks.cross`."""

from collections.abc import Iterator, Sequence

from scenarios.arms.declared import FEATURES, Arm
from scenarios.arms.given import given_to, overrides_are_allowed, own_table, with_overrides
from scenarios.checks.plain import course_has_every_visit, course_suits_its_outcomes
from scenarios.design.followup import FollowUp
from scenarios.design.outcomes import Outcome
from scenarios.design.trial import Design, Safety
from scenarios.devices.app import AppUse, Pathway
from scenarios.devices.recommender import Recommender
from scenarios.devices.step_sources import StepSources
from scenarios.errors import nearest
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.plain_course import NormalCourse


def arms_name_each_other(reference: str, arms: tuple[Arm, ...]) -> Iterator[str]:
    """Check that the reference is an arm, and that arms are like arms that state what they get."""
    names = [arm.name for arm in arms]
    if reference and reference not in names:
        yield f"reference: {_not_an_arm(reference, names)}"
    for position, arm in enumerate(arms):
        if arm.like and arm.like not in names:
            yield f"arms.{position}.like: {_not_an_arm(arm.like, names)}"
        elif arm.like and (arm.like == arm.name or arms[names.index(arm.like)].like):
            yield (
                f"arms.{position}.like: {arm.like!r} is not allowed: must be another arm, which "
                "is not itself like one"
            )


def somebody_is_given_something(arms: tuple[Arm, ...], course: Course) -> Iterator[str]:
    """Check that with mechanisms there is an arm that gets something."""
    if not isinstance(course, MechanisticCourse):
        return
    if not any(given_to(arms, code).anything for code in range(len(arms))):
        yield (
            "arms: no arm has components, so nobody is given anything: must have one with "
            f"'app', or some of its features ({', '.join(FEATURES)}), 'sham_app' or 'wristband'"
        )


def arms_have_keys_of_their_own(
    arms: tuple[Arm, ...],
    outcomes: tuple[Outcome, ...],
    trial: Design,
    followup: FollowUp,
    safety: Safety,
    course: Course,
    app: AppUse | None,
    recommender: Recommender | None,
    step_sources: StepSources | None,
    pathway: Pathway | None,
) -> Iterator[str]:
    """Check that overrides are keys that an arm can have, with values that are allowed."""
    sections = {
        "followup": followup, "safety": safety, "course": course, "app": app,
        "recommender": recommender, "step_sources": step_sources, "pathway": pathway,
    }  # fmt: skip
    faults = list(overrides_are_allowed(arms, sections))
    yield from faults
    if faults:
        return
    for code, arm in enumerate(arms):
        if not arm.overrides:
            continue
        own = with_overrides(arms, code, sections)
        follow = own["followup"].arms.get(arm.name)
        for key in ("response", "withdrawal") if follow is not None else ():
            if len(getattr(follow, key)) != len(trial.visits):
                yield (
                    f"arms.{code}.overrides: followup.{key} has {len(getattr(follow, key))} "
                    f"numbers, must be {len(trial.visits)}, one for each visit"
                )
        if isinstance(own["course"], NormalCourse):
            for check in (course_has_every_visit, course_suits_its_outcomes):
                for text in check(outcomes, trial, own["course"]):
                    yield f"arms.{code}.overrides: {text}"


def each_arm_has_its_own(
    arms: tuple[Arm, ...], followup: FollowUp, safety: Safety
) -> Iterator[str]:
    """Check that what is stated for each arm is stated for every arm, and for no other."""
    names = [arm.name for arm in arms]
    for key, given in (("followup.arms", followup.arms), ("safety.rates", safety.rates)):
        for name in given:
            if name not in names:
                yield f"{key}: {_not_an_arm(name, names)}"
        for code, name in enumerate(names):
            if own_table(arms, code, given) not in given and given:
                yield (
                    f"{key}: {name!r} is missing: every arm of arms needs one, or must be like an "
                    "arm that has one"
                )


def _not_an_arm(name: str, names: Sequence[str]) -> str:
    close = nearest(name, names)
    hint = f"did you mean {close!r}?" if close else f"must be {' or '.join(names)}"
    return f"{name!r} is not an arm: {hint}"
