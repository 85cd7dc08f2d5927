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
        (n, kinds) rate of each person at the usual pain, soon after randomization and without the
        app.
    number, day
        (n, weeks, kinds) uniforms that decide how many there are and on which days.
    monday
        (n,) days from randomization to the Monday after it, 1 to 7, on which the first week begins.
    """

    per_week: np.ndarray
    number: np.ndarray
    day: np.ndarray
    monday: np.ndarray


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
    uses_app: np.ndarray,
    ratio: np.ndarray,
    rules: ContactRules,
    draws: ContactDraws,
    felt: Felt,
    contacts: np.ndarray,
) -> None:
    """Let persons have the contacts of a week, Monday to Friday.

    Their number is Poisson, with a rate that rises with the mean pain of the week before, falls
    from randomization on to a share that lasts, and is another with the app. Contacts of a kind are
    spread evenly over the week, at most one a day.

    Parameters
    ----------
    rows, weeks, uses_app
        (m,) who; in which week, 0 being that of the first Monday after randomization; and whether
        they have the app on the Sunday before.
    ratio
        (m,) of all rates: more care is sought by whoever is disappointed of the arm.
    rules, draws, felt
        How often contacts are made, what was drawn, and how the days before were.
    contacts
        (n, columns) bits of :data:`CONTACT_KINDS`, to which the week's are added.
    """
    columns = contacts.shape[1]
    for each in range(len(rows)):
        row, week = rows[each], weeks[each]
        days = draws.monday[row] + WEEK * week  # since randomization
        first = LEAD_IN + days
        if first >= columns:
            continue
        total = 0.0
        for column in range(first - WEEK, first):
            capacity, flare = felt.capacity[row, column], felt.flare[row, column]
            total += float(felt_pain(rules.benefit, felt.pain[row, column], capacity, flare))
        above = total / WEEK - rules.usual_pain
        share = rules.lasting + (1.0 - rules.lasting) * math.exp(-days / rules.fading)
        for kind in range(len(rules.per_pain)):
            mean = draws.per_week[row, kind] * share * math.exp(rules.per_pain[kind] * above)
            mean *= ratio[each]
            if uses_app[each]:
                mean *= rules.app_ratio[kind]
            # By inversion: the same draw never gives fewer contacts where they are more frequent.
            uniform = float(draws.number[row, week, kind])
            term = math.exp(-mean)
            up_to, count = term, 0
            while uniform >= up_to and count < _WORKDAYS:
                count += 1
                term *= mean / count
                up_to += term
            for number in range(count):
                place = (float(draws.day[row, week, kind]) + number) / count
                column = first + int(_WORKDAYS * place)
                if column < columns:
                    contacts[row, column] |= 1 << kind


def had(contacts: np.ndarray, kind: str) -> np.ndarray:
    """Return on which days there was a contact of a kind, shape as given, booleans."""
    return np.asarray((contacts >> CONTACT_KINDS.index(kind) & 1) > 0)
