"""What keeps the patients of a trial from exercises, drawn row by row of its cohort."""

from scipy import special

from agents.exercise_constraints import LOADS, ExerciseConstraints, draw_constraints
from agents.population import Patients
from scenarios.schema import Scenario
from sim.core.streams import Mechanism, Streams, uniforms_by_name


def patient_constraints(
    scenario: Scenario, streams: Streams, patients: Patients
) -> ExerciseConstraints:
    """Draw constraints of the first n rows of a cohort: minutes, and loads that are ruled out."""
    generator = streams.generator(Mechanism.LIMITS)
    minutes, *loads = uniforms_by_name(generator, ("minutes", *LOADS), len(patients))
    return draw_constraints(
        scenario.mechanisms.limits, scenario.population, patients, special.ndtri(minutes), loads
    )
