"""What keeps the patients of a trial from exercises, drawn row by row of its cohort."""

from scipy import special

from agents.barriers import LOADS, PatientLimits, draw_limits
from agents.population import Patients
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams, uniforms_by_name


def patient_limits(scenario: Scenario, streams: Streams, patients: Patients) -> PatientLimits:
    """Draw the limits of the first n rows of a cohort: minutes, and loads that are ruled out."""
    generator = streams.generator(Mechanism.LIMITS)
    minutes, *loads = uniforms_by_name(generator, ("minutes", *LOADS), len(patients))
    return draw_limits(
        scenario.limits, scenario.population, patients, special.ndtri(minutes), loads
    )
