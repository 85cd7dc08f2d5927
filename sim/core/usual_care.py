"""The course that a cohort's patients would have under usual care, with their own draws."""

import numpy as np
from scipy import special

from agents.symptoms import CourseDraws, NaturalCourse, natural_course
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, uniforms_by_name


def usual_care(
    scenario: Scenario, streams: Streams, cohort: Cohort, columns: int, gain: np.ndarray
) -> NaturalCourse:
    """Return the course of all rows under usual care.

    Parameters
    ----------
    scenario
        With a mechanistic course.
    streams, cohort
        The trial's random streams, and who there is.
    columns
        Days, the lead-in included.
    gain
        (n,) share of the symptoms that resolves beyond the patient's own, such as by the clinic.

    Where contacts relieve that are events, their relief is not in it: it comes with them.
    """
    course = scenario.course
    if not isinstance(course, MechanisticCourse):
        raise TypeError("usual care needs a mechanistic course")
    return natural_course(
        course,
        scenario.population,
        cohort.patients,
        _mean_contacts(scenario, course, cohort.stratum),
        _course_draws(course, streams, len(cohort.patients), columns),
        gain,
    )


def _mean_contacts(
    scenario: Scenario, course: MechanisticCourse, stratum: np.ndarray
) -> np.ndarray:
    """Return the mean number of contacts with the kind of clinician of each row."""
    if scenario.care is not None and scenario.care.relieves:
        return np.zeros(len(stratum))
    contacts = course.usual_care.contacts
    return np.take(
        [contacts.get(s.levels.get("clinician", ""), 0.0) for s in scenario.trial.strata], stratum
    )


def recovery_score(streams: Streams, persons: int) -> np.ndarray:
    """Return the normal behind each person's recovery under usual care, (persons,)."""
    (recovery,) = uniforms_by_name(streams.generator(Mechanism.COURSE), ("recovery",), persons)
    return np.asarray(special.ndtri(recovery))


def _course_draws(
    course: MechanisticCourse, streams: Streams, persons: int, columns: int
) -> CourseDraws:
    generator = streams.generator(Mechanism.COURSE)
    kind, recovery, speed = uniforms_by_name(generator, ("class", "recovery", "speed"), persons)
    care = streams.generator(Mechanism.USUAL_CARE).random(persons)
    unused = np.zeros((persons, columns), dtype=np.float32)
    return CourseDraws(
        kind=kind,
        recovery=special.ndtri(recovery),
        speed=special.ndtri(speed),
        contacts=care,
        pain_swing=streams.normals(Mechanism.PAIN_SWING, persons, columns),
        pain_day=streams.normals(Mechanism.PAIN_DAY, persons, columns),
        disability_swing=streams.normals(Mechanism.DISABILITY_SWING, persons, columns),
        worst=(
            streams.normals(Mechanism.PAIN_WORST, persons, columns)
            if course.worst_above_mean
            else unused
        ),
        flare=streams.uniforms(Mechanism.FLARE, persons, columns),
        recurrence=(
            streams.uniforms(Mechanism.RECURRENCE, persons, columns)
            if course.remission.recurrence
            else unused
        ),
    )
