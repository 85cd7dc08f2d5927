"""What usual care was in a trial, once it is over: contacts and spells of sick leave."""

from dataclasses import dataclass

import numpy as np

from agents.care.contacts import WEEK
from agents.care.sick_leave import Spells, spells_of_sick_leave
from agents.symptoms import LEAD_IN
from scenarios.people.care import Care
from scenarios.schema import Scenario
from sim.care.draws import draw_sick_leave, employed, weeks_within
from sim.core.cohort import Cohort
from sim.core.streams import Streams


@dataclass(frozen=True, slots=True)
class CareEvents:
    """Usual care of a trial's participants.

    Attributes
    ----------
    contacts
        (n, columns) bits of :data:`scenarios.people.care.CONTACT_KINDS`, by day since randomization
        plus the lead-in; none of rows that were not randomized.
    spells
        Sick leave; persons are rows of the cohort.
    """

    contacts: np.ndarray
    spells: Spells


def sick_leave(
    scenario: Scenario,
    care: Care,
    streams: Streams,
    cohort: Cohort,
    symptoms: dict[str, np.ndarray],
) -> Spells:
    """Return the sick leave of a trial's participants over all of follow-up.

    Parameters
    ----------
    symptoms
        Of every day, as :func:`sim.followup.answers.daily_symptoms`.
    """
    rows = cohort.randomized
    columns = symptoms["pain"].shape[1]
    weeks = weeks_within(columns)

    def week_before(name: str) -> np.ndarray:
        days = symptoms[name][rows, LEAD_IN + 1 - WEEK :][:, : WEEK * weeks]
        days = days.reshape(len(rows), weeks, WEEK)
        return np.asarray(days.mean(axis=2, dtype=float))

    draws = draw_sick_leave(streams, len(cohort.patients), weeks)
    spells = spells_of_sick_leave(
        care,
        employed(scenario, care, cohort.patients)[rows],
        type(draws)(*(drawn[rows] for drawn in draws)),
        week_before("pain"),
        week_before("disability"),
        columns - LEAD_IN,
    )
    return spells._replace(person=rows[spells.person])
