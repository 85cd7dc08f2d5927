"""Contacts with health care: how many of each kind a week has."""

import math
from typing import NamedTuple

import numpy as np

from agents.pathway import BenefitRules, felt_pain
from agents.symptoms import LEAD_IN
from scenarios.compiled.kernels import kernel
from scenarios.devices.app import Pathway
from scenarios.people.care import CONTACT_KINDS, Care
from scenarios.people.course import MechanisticCourse

WEEK = 7
_WORKDAYS = 5
"""Days of a week on which there are contacts, Monday to Friday."""


def first_column(week: int) -> int:
    """Return the column, days since randomization plus the lead-in, on which a week begins."""
    return LEAD_IN + 1 + WEEK * week


def weeks_in(columns: int) -> int:
    """Return how many weeks begin within some columns."""
    return -(-(columns - first_column(0)) // WEEK)


class ContactRules(NamedTuple):
    """How often people have contacts; see :class:`scenarios.people.care.Contact`.

    Attributes
    ----------
    per_pain, app_ratio
        (kinds,) log rate per NRS point above ``usual_pain``; ratio of the rates with the app.
    usual_pain, fading, lasting
        As in the scenario's ``[care]``.
    benefit
        What the app changes of pain.
    """

    per_pain: np.ndarray
    app_ratio: np.ndarray
    usual_pain: float
    fading: float
    lasting: float
    benefit: BenefitRules

    @classmethod
    def of(cls, care: Care, pathway: Pathway, course: MechanisticCourse) -> "ContactRules":
        """Return the rules of a scenario."""
        return cls(
            np.array([kind.per_pain for kind in care.kinds]),
            np.array([kind.app_ratio for kind in care.kinds]),
            care.usual_pain,
            care.fading,
            care.lasting,
            BenefitRules.of(pathway, course),
        )


class ContactDraws(NamedTuple):
    """What is behind the contacts of n persons over some weeks.

    Attributes
    ----------
    per_week
        (kinds, n) rate of each person at the usual pain, soon after randomization and without the
        app.
    number, day
        (kinds, n, weeks) uniforms that decide how many there are and on which days.
    """

    per_week: np.ndarray
    number: np.ndarray
    day: np.ndarray


class Felt(NamedTuple):
    """Pain without the app, and what the app changes of it, (n, columns) each.

    Columns are days since randomization plus the lead-in.
    """

    pain: np.ndarray
    capacity: np.ndarray
    flare: np.ndarray


@kernel
def make_contacts(
    rows: np.ndarray,
    weeks: np.ndarray,
    weekdays: np.ndarray,
    uses_app: np.ndarray,
    rules: ContactRules,
    draws: ContactDraws,
    felt: Felt,
    contacts: np.ndarray,
) -> None:
    """Let persons have the contacts of a week.

    Their number is Poisson, with a rate that rises with the mean pain of the week before, falls
    from randomization on to a share that lasts, and is another with the app. Contacts of a kind are
    spread evenly over the week's workdays, at most one a day.

    Parameters
    ----------
    rows, weeks, weekdays, uses_app
        (m,) who; in which week, from 0, of those that begin on the day after randomization; on
        which weekday that is, Monday 0; and whether they have the app on the evening before.
    rules, draws, felt
        How often contacts are made, what was drawn, and how the days before were.
    contacts
        (n, columns) bits of :data:`CONTACT_KINDS`, to which the week's are added.
    """
    columns = contacts.shape[1]
    for each in range(len(rows)):
        row, week = rows[each], weeks[each]
        first = first_column(week)
        total = 0.0
        for column in range(first - WEEK, first):
            capacity, flare = felt.capacity[row, column], felt.flare[row, column]
            total += float(felt_pain(rules.benefit, felt.pain[row, column], capacity, flare))
        above = total / WEEK - rules.usual_pain
        soon = math.exp(-WEEK * week / rules.fading)
        share = rules.lasting + (1.0 - rules.lasting) * soon
        for kind in range(len(rules.per_pain)):
            mean = draws.per_week[kind, row] * share * math.exp(rules.per_pain[kind] * above)
            if uses_app[each]:
                mean *= rules.app_ratio[kind]
            # By inversion: the same draw never gives fewer contacts where they are more frequent.
            uniform = float(draws.number[kind, row, week])
            term = math.exp(-mean)
            up_to, count = term, 0
            while uniform >= up_to and count < _WORKDAYS:
                count += 1
                term *= mean / count
                up_to += term
            for number in range(count):
                place = (float(draws.day[kind, row, week]) + number) / count
                before = int(_WORKDAYS * place)  # workdays of the week
                column, weekday = first, weekdays[each]
                while weekday >= _WORKDAYS or before > 0:
                    before -= weekday < _WORKDAYS
                    column, weekday = column + 1, (weekday + 1) % WEEK
                if column < columns:
                    contacts[row, column] |= 1 << kind


def had(contacts: np.ndarray, kind: str) -> np.ndarray:
    """Return on which days there was a contact of a kind, shape as given, booleans."""
    return np.asarray((contacts >> CONTACT_KINDS.index(kind) & 1) > 0)
