"""The sections that only a mechanistic course has, together."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from scenarios.devices.app import AppUse, Pathway
from scenarios.devices.recommender import Recommender
from scenarios.devices.step_sources import StepSources
from scenarios.people.care import Care
from scenarios.people.course import Course, MechanisticCourse
from scenarios.people.instruments import Instruments
from scenarios.people.patients import Activity, Limits, PatientNeeds


@dataclass(frozen=True, slots=True)
class Mechanisms:
    """What moves patients from day to day: their course, the app, and how they answer.

    Attributes
    ----------
    course, needs, limits, instruments, activity, app, step_sources, recommender, pathway
        Sections of the scenario.
    care
        Usual care as events; None where the scenario does not have them.
    """

    course: MechanisticCourse
    needs: PatientNeeds
    limits: Limits
    instruments: Instruments
    activity: Activity
    app: AppUse
    step_sources: StepSources
    recommender: Recommender
    pathway: Pathway
    care: Care | None


MECHANISTIC = tuple(
    field.name for field in fields(Mechanisms) if field.name not in {"course", "care"}
)
"""Sections that a mechanistic course needs, and a plain one does not."""


def mechanisms_are_there(
    course: Course,
    needs: PatientNeeds | None,
    limits: Limits | None,
    instruments: Instruments | None,
    activity: Activity | None,
    app: AppUse | None,
    step_sources: StepSources | None,
    recommender: Recommender | None,
    pathway: Pathway | None,
) -> Iterator[str]:
    """Check that a mechanistic course has all of them."""
    given = (needs, limits, instruments, activity, app, step_sources, recommender, pathway)
    missing = [name for name, part in zip(MECHANISTIC, given, strict=True) if part is None]
    if isinstance(course, MechanisticCourse) and missing:
        yield (
            f"{missing[0]}: is missing, and course.model = 'mechanistic' needs "
            f"{', '.join(missing)}: add them, or extend a scenario that has them"
        )
