"""What contacts with health care relieve of the symptoms that would be left without them."""

from typing import NamedTuple

import numpy as np

from agents.care.contacts import WEEK
from agents.symptoms import LEAD_IN, NaturalCourse
from scenarios.compiled.kernels import kernel
from scenarios.people.care import Care
from scenarios.people.course import MechanisticCourse

_NONE, _ALL = np.float32(0.0), np.float32(1.0)


class ReliefRules(NamedTuple):
    """What contacts relieve.

    Attributes
    ----------
    relief
        (kinds,) share of the remaining symptoms that one relieves.
    synergy
        By which it relieves more in users of the app.
    pain_recovery, from_pain, from_beliefs, own
        As in the scenario's ``[course]``: how pain and disability follow relief.
    follow_beliefs, follow
        Share of the way there that beliefs and disability go in a day.
    """

    relief: np.ndarray
    synergy: float
    pain_recovery: np.float32
    from_pain: np.float32
    from_beliefs: np.float32
    own: np.float32
    follow_beliefs: np.float32
    follow: np.float32

    @classmethod
    def of(cls, care: Care, course: MechanisticCourse) -> "ReliefRules":
        """Return the rules of a scenario."""
        return cls(
            np.array([kind.relief for kind in care.kinds]),
            care.synergy,
            np.float32(course.pain_recovery),
            np.float32(course.disability_from_pain),
            np.float32(course.disability_from_beliefs),
            np.float32(course.disability_own),
            np.float32(1.0 - np.exp(-1.0 / course.belief_lag)),
            np.float32(1.0 - np.exp(-1.0 / course.disability_lag)),
        )


class Relieved(NamedTuple):
    """What contacts have relieved so far, (n,) single precision each.

    Attributes
    ----------
    symptoms
        Share of the symptoms that would be left without them.
    beliefs, disability
        Beliefs gained by it, and share of baseline disability, both with their lag.
    """

    symptoms: np.ndarray
    beliefs: np.ndarray
    disability: np.ndarray

    @classmethod
    def nothing(cls, persons: int) -> "Relieved":
        """Return that nothing is relieved yet."""
        symptoms, beliefs, disability = np.zeros((3, persons), dtype=np.float32)
        return cls(symptoms, beliefs, disability)


class Eased(NamedTuple):
    """A course that contacts ease: arrays of :class:`agents.symptoms.NaturalCourse`, by name."""

    resolved: np.ndarray
    pain: np.ndarray
    worst_pain: np.ndarray
    pain_relief: np.ndarray
    disability: np.ndarray
    belief_progress: np.ndarray

    @classmethod
    def of(cls, natural: NaturalCourse) -> "Eased":
        """Return the arrays of a course, not copied."""
        return cls(*(getattr(natural, name) for name in cls._fields))


@kernel
def relieve(
    rows: np.ndarray,
    weeks: np.ndarray,
    uses_app: np.ndarray,
    monday: np.ndarray,
    rules: ReliefRules,
    contacts: np.ndarray,
    relieved: Relieved,
    start: np.ndarray,
    course: Eased,
) -> None:
    """Let the contacts of a week relieve symptoms, from the day after each.

    Recovery R becomes 1 - (1 - R) (1 - u) with u the share relieved by contacts, as in
    :func:`agents.symptoms.natural_course`; pain, beliefs and disability follow in the same way.

    Parameters
    ----------
    rows, weeks, uses_app
        As in :func:`make_contacts`.
    monday
        As in :class:`agents.care.contacts.ContactDraws`.
    rules, contacts
        What contacts relieve, and which there were.
    relieved
        By contacts so far; changed.
    start
        (n,) disability at baseline, single precision.
    course
        Without these contacts; the week is changed.
    """
    for each in range(len(rows)):
        row = rows[each]
        first = LEAD_IN + monday[row] + WEEK * weeks[each]
        for column in range(first, min(first + WEEK, contacts.shape[1])):
            gained = (_ALL - course.resolved[row, column]) * relieved.symptoms[row]
            relief = course.pain_relief[row, column]
            more = rules.pain_recovery * gained
            if relief < _ALL:
                kept = max(_ALL - relief - more, _NONE)
                kept = kept / (_ALL - relief)
                course.pain[row, column] *= kept
                course.worst_pain[row, column] *= kept
            course.pain_relief[row, column] += more
            course.resolved[row, column] += gained
            beliefs = relieved.beliefs[row]
            beliefs += (gained - beliefs) * rules.follow_beliefs
            relieved.beliefs[row] = beliefs
            course.belief_progress[row, column] += beliefs
            target = rules.from_pain * more + rules.from_beliefs * beliefs + rules.own * gained
            disability = relieved.disability[row]
            disability += (target - disability) * rules.follow
            relieved.disability[row] = disability
            course.disability[row, column] -= start[row] * disability
            for kind in range(len(rules.relief)):
                if contacts[row, column] >> kind & 1:
                    share = rules.relief[kind]
                    if uses_app[each]:
                        share *= 1.0 + rules.synergy
                    left = (1.0 - float(relieved.symptoms[row])) * (1.0 - share)
                    relieved.symptoms[row] = 1.0 - left
