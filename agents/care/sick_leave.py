"""Sick leave: on which days people who are employed are away from work."""

import math
from typing import NamedTuple

import numpy as np

from agents.care.contacts import WEEK
from scenarios.compiled.kernels import kernel
from scenarios.people.care import Care, SickLeaveRate


class Spells(NamedTuple):
    """Spells of sick leave, in order of persons and days.

    Attributes
    ----------
    person
        Row of the person.
    day
        First day, since randomization; 0 for who was on sick leave at baseline.
    days
        How many, within follow-up.
    """

    person: np.ndarray
    day: np.ndarray
    days: np.ndarray


class SickLeaveDraws(NamedTuple):
    """Uniforms behind the sick leave of n persons over some weeks.

    Attributes
    ----------
    at_baseline
        (n,) decide who is on sick leave when randomized.
    begins, ends
        (n, weeks) decide when spells begin and end.
    """

    at_baseline: np.ndarray
    begins: np.ndarray
    ends: np.ndarray


def spells_of_sick_leave(
    care: Care,
    employed: np.ndarray,
    draws: SickLeaveDraws,
    pain: np.ndarray,
    disability: np.ndarray,
    days: int,
) -> Spells:
    """Return the spells of sick leave of n persons.

    Parameters
    ----------
    care
        The scenario's ``[care]``.
    employed
        (n,) who can be on sick leave.
    draws
        Of the same persons.
    pain, disability
        (n, weeks) means of the seven days before each week, NRS and RMDQ points; the first week
        begins on the day after randomization.
    days
        Of follow-up, the day of randomization included.
    """
    leave = care.sick_leave
    more_pain, more_disability = pain - care.usual_pain, disability - care.usual_disability

    def rate(of: SickLeaveRate) -> np.ndarray:
        steps = of.per_pain * more_pain + of.per_disability * more_disability
        return np.asarray(of.per_week * np.exp(steps))

    start = leave.at_baseline
    logit = (
        math.log(start.probability / (1.0 - start.probability))
        + start.per_pain * more_pain[:, 0]
        + start.per_disability * more_disability[:, 0]
    )
    away = employed & (draws.at_baseline < 1.0 / (1.0 + np.exp(-logit)))
    absent = np.zeros((len(pain), 1 + WEEK * pain.shape[1]), dtype=np.int8)
    absent[:, 0] = away
    be_absent(
        employed, away, rate(leave.begins), rate(leave.ends), draws.begins, draws.ends, absent
    )
    change = np.diff(absent[:, :days], axis=1, prepend=0, append=0)
    person, day = np.nonzero(change == 1)
    return Spells(person, day, np.nonzero(change == -1)[1] - day)


@kernel
def be_absent(
    employed: np.ndarray,
    away: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    absent: np.ndarray,
) -> None:
    """Mark the days on which persons are on sick leave.

    Spells begin and end at random, at rates that are constant within a week. One that ends is
    followed by no other in the same week.

    Parameters
    ----------
    employed, away
        (n,) who can be on sick leave, and who is at baseline; the latter is changed.
    begin, end
        (n, weeks) rates per week.
    begins, ends
        (n, weeks) uniforms.
    absent
        (n, days since randomization) 1 is put on each day of sick leave.
    """
    for row in range(len(employed)):
        if not employed[row]:
            continue
        for week in range(begin.shape[1]):
            place = 0.0  # in the week, as a share of it
            if not away[row]:
                place = -math.log1p(-float(begins[row, week]))
                if not place < begin[row, week]:
                    continue
                place /= begin[row, week]
                away[row] = True
            stay = -math.log1p(-float(ends[row, week]))
            stop = WEEK - 1
            if stay < (1.0 - place) * end[row, week]:
                stop = int(WEEK * (place + stay / end[row, week]))
                away[row] = False
            for day in range(int(WEEK * place), min(stop, WEEK - 1) + 1):
                absent[row, 1 + WEEK * week + day] = 1
