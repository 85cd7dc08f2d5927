"""What contacts with health care and sick leave draw, by person and week since randomization."""

import math

import numpy as np

from agents.care.contacts import WEEK, ContactDraws
from agents.care.sick_leave import SickLeaveDraws
from agents.population import Patients
from agents.symptoms import LEAD_IN
from scenarios.people.care import CONTACT_KINDS, Care
from scenarios.schema import Scenario
from sim.core.cohort import Cohort
from sim.core.streams import Mechanism, Streams, normals_by_name


def weeks_within(columns: int) -> int:
    """Return how many weeks begin after randomization within some columns, with the lead-in."""
    return -(-(columns - LEAD_IN - 1) // WEEK)


def draw_contacts(
    scenario: Scenario, care: Care, streams: Streams, cohort: Cohort, weeks: int
) -> ContactDraws:
    """Draw for the contacts of all rows; their first Monday is known when they are randomized.

    A person's rates differ from those of others by a common factor with the mean 1.
    """
    n = len(cohort.patients)
    (tendency,) = normals_by_name(streams.generator(Mechanism.CARE), ("tendency",), n)
    own = np.exp(care.spread * tendency - care.spread**2 / 2.0)
    per_week = [
        kind.per_week
        * own
        * math.prod(_ratio(scenario, cohort, *each) for each in kind.ratios.items())
        for kind in care.kinds
    ]
    number, day = (
        np.stack(
            [streams.uniforms(Mechanism.CARE, n, weeks, kind, of) for kind in CONTACT_KINDS], axis=2
        )
        for of in ("number", "day")
    )
    return ContactDraws(np.stack(per_week, axis=1), number, day, np.zeros(n, dtype=np.int64))


def _ratio(scenario: Scenario, cohort: Cohort, factor: str, ratios: dict[str, float]) -> np.ndarray:
    """Return the ratio of each row by the level of a factor of its stratum, or of a trait."""
    strata = scenario.trial.strata
    if factor in scenario.trial.factors:
        by_code = [ratios.get(stratum.levels[factor], 1.0) for stratum in strata]
        return np.take(by_code, cohort.stratum)
    by_code = [ratios.get(level, 1.0) for level in scenario.levels[factor]]
    return np.take(by_code, cohort.patients.values[factor].astype(np.int64))


def draw_sick_leave(streams: Streams, persons: int, weeks: int) -> SickLeaveDraws:
    """Draw for the sick leave of all rows."""
    return SickLeaveDraws(
        streams.generator(Mechanism.SICK_LEAVE).random(persons),
        streams.uniforms(Mechanism.SICK_LEAVE, persons, weeks, "begins"),
        streams.uniforms(Mechanism.SICK_LEAVE, persons, weeks, "ends"),
    )


def employed(scenario: Scenario, care: Care, patients: Patients) -> np.ndarray:
    """Return who can be on sick leave, (n,) booleans."""
    levels = scenario.levels["employment"]
    codes = [levels.index(level) for level in care.sick_leave.employed]
    return np.asarray(np.isin(patients.values["employment"], codes))
